/**
 * On a virtual machine free memory belongs to the host, and touching it again costs seconds per GB. A broker that has run for a day has
 * the page cache full, and so must one that is measured: `--fill` writes one file of most of the memory and leaves it in place; what
 * deleting data has freed is taken back by reading that file again. Hosts also page out what nobody has touched for a minute (DAMON), a hundred
 * MB a second: the file must be read again before every window, not only once.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { REPO_ROOT } from '../test/support/paths.ts';

/** Of all memory: more than is ever free for it, so that reading it leaves nothing free. */
const warmShare = 0.95;
/** More free memory than this and the figures are the host's. */
const freeShareMax = 0.05;
/** Free page reporting of Linux: from this order of blocks on (2 MB). */
const reportedOrder = 9;
const pageBytes = 4096;
/** "Node 0, zone Normal", then how many blocks of each order are free. */
const buddyColumnsBefore = 4;
/** What must stay free of the disk for the brokers' data. */
const diskFreeMin = 4e9;
const pieceBytes = 8 << 20;
/** So little is free when it has been filled again. */
const refilledShare = 0.005;
/** Others on the machine may free memory faster than it is filled; a disk of 200 MB/s fills 24 GB in this time. */
const refillMaxMs = 120_000;
/** What is read pushes out a part of what was read before, and small pieces of free memory are taken first. */
const refillPasses = 2;
const warmFile = process.env.MILENA_BENCH_WARM ?? join(REPO_ROOT, '.cache', 'bench-warm');

/** What is free in blocks that a virtual machine gives back to its host: what lies in smaller pieces stays its own. */
export function freeShare(): number {
  let pages = 0;
  for (const line of readFileSync('/proc/buddyinfo', 'utf8').trim().split('\n')) {
    const counts = line.trim().split(/\s+/).slice(buddyColumnsBefore).map(Number);
    for (let order = reportedOrder; order < counts.length; order++) pages += counts[order]! << order;
  }
  return (pages * pageBytes) / totalmem();
}

/** Says what is wrong, so that figures are not taken for what they are not. */
export function warnUnlessFull(say: (text: string) => void): void {
  const free = freeShare();
  if (free > freeShareMax)
    say(`${(free * 100).toFixed(0)} % of the memory is free: writes pay for it. --fill fills the page cache first`);
}

/** Makes the warm file, or reads it again. */
export function fillPageCache(say: (text: string) => void): void {
  const wanted = Math.floor((totalmem() * warmShare) / pieceBytes) * pieceBytes;
  if (!existsSync(warmFile) || statSync(warmFile).size < wanted) {
    mkdirSync(dirname(warmFile), { recursive: true });
    const { bavail, bsize } = statfsSync(dirname(warmFile));
    if (bavail * bsize < wanted + diskFreeMin)
      throw new Error(`${warmFile} would leave too little of the disk: ${(wanted / 1e9).toFixed(0)} GB are needed`);
    say(`writing ${(wanted / 1e9).toFixed(0)} GB to ${warmFile}`);
    writeWarm(wanted);
  }
  refillPageCache();
}

/** Where the next reading begins: what was read longest ago is the most likely to have left the memory. */
let cursor = 0;

/**
 * After data was deleted, or a process ended. Reading from the front each time would find what is there already, and take nothing
 * of what is free. Nothing happens without a warm file.
 */
export function refillPageCache(): void {
  if (!existsSync(warmFile)) return;
  const piece = Buffer.allocUnsafe(pieceBytes);
  const file = openSync(warmFile, 'r');
  const endMs = performance.now() + refillMaxMs;
  let left = statSync(warmFile).size * refillPasses;
  while (left > 0 && freeShare() > refilledShare && performance.now() < endMs) {
    const bytes = readSync(file, piece, 0, piece.length, cursor);
    cursor = bytes === 0 ? 0 : cursor + bytes;
    left -= piece.length;
  }
  closeSync(file);
}

function writeWarm(bytes: number): void {
  const piece = Buffer.alloc(pieceBytes, 'warm');
  const file = openSync(warmFile, 'w');
  for (let written = 0; written < bytes; written += piece.length) writeSync(file, piece);
  closeSync(file);
}

/** Throws when the brokers' data would not fit below `folder`. */
export function expectRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < diskFreeMin) throw new Error(`less than ${diskFreeMin / 1e9} GB are free below ${folder}`);
}
