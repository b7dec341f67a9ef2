// `npm start [-- arguments]`: builds what is missing, then runs `milena start` with the arguments in this very process,
// so that signals, the terminal and the exit code are the broker's.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const bin = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli', 'bin.js');

if (build()) {
  process.argv.splice(1, 1, bin, 'start');
  await import(bin);
} else {
  process.exitCode = 1;
}
