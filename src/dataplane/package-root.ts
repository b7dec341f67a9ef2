/** Where this package lies: what is built natively is found from there, from `src`, from `dist` and from a bundle of either alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot = above(fileURLToPath(import.meta.url));

function above(path: string): string {
  const parent = dirname(path);
  return existsSync(join(parent, 'package.json')) ? parent : above(parent);
}
