import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { REPO_ROOT } from '../test/support/paths.ts';

/** Writes figures as JSON, with the machine and the moment they were taken on. Without a file nothing is written. */
export function save(file: string | undefined, figures: object): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  const about = { at: new Date().toISOString(), commit: commit(), machine: machine() };
  writeFileSync(file, `${compact(JSON.stringify({ ...about, ...figures }, withFewDigits, 1))}\n`);
}

/** One line for each object or list that holds no object: a run is a line. */
const compact = (text: string): string =>
  text
    .replace(/\[(?:[^[\]{}]|\[[^[\]{}]*\])*\]/g, joined)
    .replace(/\{(?:[^{}[\]]|\[(?:[^[\]{}]|\[[^[\]{}]*\])*\])*\}/g, joined);
const joined = (lines: string): string => lines.replace(/\s*\n\s*/g, ' ');

export const load = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

export const loadAverage = (): number => Number(loadavg()[0]!.toFixed(1));

const digits = 5;
const withFewDigits = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(digits)) : value;

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: REPO_ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

const machine = () => ({
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  loadAverage: loadAverage(),
});
