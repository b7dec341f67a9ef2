import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../test/support/child.ts';
import { REPO_ROOT } from '../test/support/paths.ts';

const buildDeadlineMs = 1_800_000;

/** A checkout of `name` (a branch, a tag, a commit), built; the next run finds it again. */
export async function revision(name: string, say: (text: string) => void): Promise<{ root: string; name: string }> {
  const git = async (...args: string[]) => (await must('git', args, { cwd: REPO_ROOT })).stdout.trim();
  const commit = await git('rev-parse', '--short=12', `${name}^{commit}`);
  const root = join(REPO_ROOT, '.cache', 'bench-revisions', commit);
  if (!existsSync(root)) {
    say(`building ${name} (${commit}) in ${root}`);
    mkdirSync(join(root, '..'), { recursive: true });
    await git('worktree', 'prune');
    await git('worktree', 'add', '--detach', '--force', root, commit);
    await prepare(root);
  }
  await must(process.execPath, ['scripts/build.mjs'], { cwd: root, deadlineMs: buildDeadlineMs });
  return { root, name: `milena@${commit}` };
}

/** Packages and sources of third parties are taken from here when they are the same. */
async function prepare(root: string): Promise<void> {
  const lock = (of: string) => readFileSync(join(of, 'package-lock.json'), 'utf8');
  const thirdParty = join('.cache', 'third-party');
  if (existsSync(join(REPO_ROOT, thirdParty)))
    cpSync(join(REPO_ROOT, thirdParty), join(root, thirdParty), { recursive: true });
  if (lock(root) === lock(REPO_ROOT)) symlinkSync(join(REPO_ROOT, 'node_modules'), join(root, 'node_modules'));
  else await must('npm', ['ci', '--ignore-scripts'], { cwd: root, deadlineMs: buildDeadlineMs });
}
