/**
 * npm run bench -- backends [--folder FOLDER] [--seconds 2] [--json FILE]
 *
 * Which of `milena.append.backend` and `milena.sync.backend` suit a file system: both append backends for 2, 8 and 32
 * partitions that become due together, and group commits of 1, 10, 100 and 500 dirty files by threads, io_uring and syncfs,
 * beside an io_uring batch of fdatasyncs and nothing else (native/test/disk_backends_main.cc). FOLDER is a directory on the file
 * system in question; it should hold nothing else that is being written, and the page cache should be full.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { scratchDir } from '../../test/support/paths.ts';
import { save } from '../save.ts';

interface Figures {
  readonly kind: 'sync' | 'append';
  readonly files: number;
  readonly bytes: number;
  readonly backend: string;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly cpuMs: number;
}

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'build/disk-backends');
/** What the program needs of the data plane; the rest would only take time to compile. */
const sources = [
  ...['os/ring', 'os/ring_writes', 'os/posix_file', 'os/fault_hook', 'os/file_system_flush'],
  ...['plane/sync_backend', 'plane/ring_sync', 'plane/worker_pool', 'plane/thread', 'test/disk_backends_main'],
];

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { folder: { type: 'string' }, seconds: { type: 'string', default: '2' }, json: { type: 'string' } },
  });
  mkdirSync(dirname(program), { recursive: true });
  const files = sources.map(source => join(root, 'native', `${source}.cc`));
  const flags = ['-O2', '-std=c++20', '-pthread', '-fno-exceptions', '-fno-rtti', `-I${join(root, 'native')}`];
  execFileSync(process.env.CXX ?? 'g++', [...flags, ...files, '-o', program], { stdio: 'inherit' });
  const folder = join(values.folder ? resolve(values.folder) : scratchDir('bench'), 'backends');
  mkdirSync(folder, { recursive: true });
  const output = execFileSync(program, [folder, values.seconds], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  rmSync(folder, { recursive: true });
  const backends = output
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Figures);
  process.stdout.write(table(backends));
  save(values.json, { load: loadavg()[0], backends });
}

function table(all: readonly Figures[]): string {
  const lines = ['| | files | bytes each | backend | p50 ms | p90 ms | CPU ms |', '|---|---|---|---|---|---|---|'];
  for (const { kind, files, bytes, backend, p50Ms, p90Ms, cpuMs } of all) {
    const what = kind === 'sync' ? 'group commit' : 'appends';
    const figures = [p50Ms, p90Ms, cpuMs].map(ms => ms.toPrecision(3));
    lines.push(`| ${[what, files, bytes, backend, ...figures].join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}
