/** The programs in a document: fenced blocks whose first line names a file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPO_ROOT } from './paths.ts';

export function docExamples(document: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(REPO_ROOT, 'docs', document), 'utf8');
  const blocks = text.matchAll(/^```js\n\/\/ (\S+\.mjs)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, name, body]) => [name!, body!]));
}
