import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../test/support/child.ts';
import { REPO_ROOT } from '../test/support/paths.ts';

const compileDeadlineMs = 300_000;
const flags = ['-O3', '-std=c++20', '-pthread', '-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Werror'];
/**
 * Compiles the C++ in a folder of the bench with the `shared` sources of the broker; a program made of the same sources is used again.
 * Returns its path.
 */
async function compiled(name: string, shared: readonly string[] = []): Promise<string> {
  const compiler = process.env.CXX ?? 'g++';
  const files = readdirSync(join(REPO_ROOT, 'bench', name)).map(file => `bench/${name}/${file}`);
  const digest = createHash('sha256').update(`${compiler} ${flags.join(' ')}`);
  for (const file of [...files, ...shared].sort()) digest.update(file).update(readFileSync(join(REPO_ROOT, file)));
  const folder = join(REPO_ROOT, 'build', 'bench');
  const program = join(folder, `${name}-${digest.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const made = `${program}.${process.pid}`;
  const sources = [...files.filter(file => file.endsWith('.cc')), ...shared];
  const args = [...flags, '-Inative', `-Ibench/${name}`, '-o', made, ...sources];
  await must(compiler, args, { cwd: REPO_ROOT, deadlineMs: compileDeadlineMs });
  renameSync(made, program);
  return program;
}

/** The machine's limit as a server: `limit PORT FOLDER [sync]`. */
export const limitServer = (): Promise<string> => compiled('limit', ['native/base/crc32c.cc']);

/** What many fdatasyncs at once take: `sync-batch FOLDER FILES BYTES SECONDS`. */
export const syncBatch = (): Promise<string> => compiled('sync-batch');

/** A process at a cleaner's priority, with its slices, that only counts. */
export const counting = (): Promise<string> => compiled('counting', ['native/os/background_thread.cc']);
