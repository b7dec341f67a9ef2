// This file is two directories below the package in src and, as part of chunks/addon.js, in dist (scripts/bundle.mjs).
import { fileURLToPath } from 'node:url';

/** Where this package lies, with a slash at its end: what is built natively is found from there. */
export const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
