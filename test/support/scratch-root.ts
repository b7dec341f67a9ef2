import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One folder for everything a run of vitest writes, removed when the run is over: what its workers made goes too, although they are
 * stopped without a word. MILENA_KEEP_DATA keeps it.
 */
export default function setup(): () => void {
  const root = mkdtempSync(join(tmpdir(), 'milena-tests-'));
  process.env.MILENA_SCRATCH = root;
  return () => {
    if (!process.env.MILENA_KEEP_DATA) rmSync(root, { recursive: true, force: true });
  };
}
