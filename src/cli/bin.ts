#!/usr/bin/env node
// The command line.
import { plainStart } from './plain-start.ts';

/** Mistakes of the user and refusals of the environment: a message says all there is to say. */
const expected: ReadonlySet<string> = new Set(['StartFailure', 'ClientFailure']);

try {
  const plain = plainStart(process.argv.slice(2));
  if (plain === undefined) await (await import('./commands.ts')).run(process.argv);
  else await (await import('./start.ts')).start(plain);
} catch (cause) {
  if (!(cause instanceof Error && expected.has(cause.name))) throw cause;
  process.exitCode = 1;
  process.stderr.write(`milena: ${cause.message}\n`);
}
