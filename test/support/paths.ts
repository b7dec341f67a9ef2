import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPO_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What tests install or download; ignored by git, kept between runs. */
export const CACHE_DIR = process.env.MILENA_PEERS_CACHE ?? join(REPO_ROOT, '.cache');

const made: string[] = [];
process.once('exit', () => {
  if (process.env.MILENA_KEEP_DATA) return;
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** A fresh directory, removed when the run of tests or the process is over unless MILENA_KEEP_DATA is set. */
export function scratchDir(label: string): string {
  const dir = mkdtempSync(join(process.env.MILENA_SCRATCH ?? tmpdir(), `milena-${label}-`));
  made.push(dir);
  return dir;
}
