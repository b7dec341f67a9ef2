import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../test/support/child.ts';
import { REPO_ROOT } from '../test/support/paths.ts';

/**
 * Something real to compress, the same for whoever has the repository: its history as events, one line of JSON for each file
 * changed in each commit, oldest first. Returns the path of the file.
 */
export async function realDataFile(): Promise<string> {
  const args = ['log', '--reverse', '--numstat', '--format=%H %at'];
  const { stdout } = await must('git', args, { cwd: REPO_ROOT });
  let commit = '';
  let at = 0;
  const events: string[] = [];
  for (const line of stdout.split('\n')) {
    const header = /^([0-9a-f]{40}) (\d+)$/.exec(line);
    const change = /^(\d+)\t(\d+)\t(.+)$/.exec(line);
    if (header) [commit, at] = [header[1]!, Number(header[2]) * 1000];
    if (change)
      events.push(
        JSON.stringify({ file: change[3], commit, at, added: Number(change[1]), deleted: Number(change[2]) }),
      );
  }
  const folder = join(REPO_ROOT, 'build', 'bench');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'events.jsonl');
  writeFileSync(path, `${events.join('\n')}\n`);
  return path;
}
