/** The files of a partition, cut to what counts, for comparison between two brokers. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OFFSET_INDEX_ENTRY_BYTES = 8;
const TIME_INDEX_ENTRY_BYTES = 12;
const SNAPSHOT_HEADER_BYTES = 10;
const SNAPSHOT_ENTRY_BYTES = 46;

/** Kafka preallocates the active segment's indexes with zeros; no entry is all zeros. */
function cutToEntries(bytes: Buffer, entryBytes: number): Buffer {
  let end = bytes.length - (bytes.length % entryBytes);
  while (end > 0 && bytes.subarray(end - entryBytes, end).every(byte => byte === 0)) end -= entryBytes;
  return bytes.subarray(0, end);
}

/** version int16, crc uint32, count int32, then entries of fixed size; their order is a hash map's. */
function snapshotEntries(bytes: Buffer): string {
  const count = bytes.readInt32BE(6);
  const entries = Array.from({ length: count }, (_, i) => {
    const at = SNAPSHOT_HEADER_BYTES + i * SNAPSHOT_ENTRY_BYTES;
    return bytes.subarray(at, at + SNAPSHOT_ENTRY_BYTES).toString('hex');
  });
  if (bytes.length !== SNAPSHOT_HEADER_BYTES + count * SNAPSHOT_ENTRY_BYTES) entries.push(`${bytes.length} bytes`);
  return `version ${bytes.readInt16BE(0)}\n${entries.sort().join('\n')}`;
}

const digest = (bytes: Buffer): string =>
  `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`;

function describe(name: string, bytes: Buffer): string {
  if (name.endsWith('.index')) return digest(cutToEntries(bytes, OFFSET_INDEX_ENTRY_BYTES));
  if (name.endsWith('.timeindex')) return digest(cutToEntries(bytes, TIME_INDEX_ENTRY_BYTES));
  if (name.endsWith('.snapshot')) return snapshotEntries(bytes);
  if (name === 'leader-epoch-checkpoint') return bytes.toString('utf8');
  // The topic id differs; the file's form does not.
  if (name === 'partition.metadata') return bytes.toString('utf8').replace(/topic_id: \S{22}/, 'topic_id: (id)');
  return digest(bytes);
}

/** An index without entries says nothing, and Milena makes its file with the first entry or at the segment's end. */
const isEmptyIndex = ([name, what]: readonly [string, string]): boolean =>
  /index$/.test(name) && what.startsWith('0 bytes');

/** File name to what must be equal. */
export function partitionFiles(dataDir: string, partition: string): Record<string, string> {
  const dir = join(dataDir, partition);
  return Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map((name): [string, string] => [name, describe(name, readFileSync(join(dir, name)))])
      .filter(file => !isEmptyIndex(file)),
  );
}
