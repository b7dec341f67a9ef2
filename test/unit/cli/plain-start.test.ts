import { Command } from 'commander';
import { expect, test } from 'vitest';
import { keyValue } from '../../../src/cli/arguments.ts';
import { plainStart } from '../../../src/cli/plain-start.ts';

/** What commander makes of the same words; undefined when it refuses them. */
function byCommander(words: readonly string[]): unknown {
  const program = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  let found: unknown;
  program
    .command('start [server.properties]')
    .option('--override <key=value>', 'set a property', keyValue)
    .action((file: string | undefined, { override = new Map() }) => {
      found = { file, overrides: override };
    });
  try {
    program.parse(words, { from: 'user' });
  } catch {
    return undefined;
  }
  return found;
}

test.each([
  [['start']],
  [['start', 'server.properties']],
  [['start', 'server.properties', '--override', 'a=1', '--override', 'b=x=y']],
  [['start', '--override', 'a=1', '/etc/server.properties', '--override', 'a=2']],
  [['start', '--override', 'a=']],
])('%j is understood as commander does', words => {
  const plain = plainStart(words);
  expect(plain).toBeDefined();
  expect(plain).toEqual(byCommander(words));
});

test.each([
  [[]],
  [['topic', 'list']],
  [['start', '--help']],
  [['start', '-h']],
  [['start', '--', 'server.properties']],
  [['start', '--override=a=1']],
  [['start', '--override']],
  [['start', '--override', 'nonsense']],
  [['start', '--override', '=1']],
  [['start', '--overide', 'a=1']],
  [['start', 'one', 'two']],
])('%j is left to commander', words => {
  expect(plainStart(words)).toBeUndefined();
});
