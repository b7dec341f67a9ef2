/** An addon that cannot be had: one line that says what to run, also where npm does not run install scripts. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFailure } from '../../../src/bind.ts';
import { AddonFailure } from '../../../src/dataplane/failure.ts';
import { openAddon } from '../../../src/dataplane/load.ts';
import { StartFailure } from '../../../src/server/start-failure.ts';
import { scratchDir } from '../../support/paths.ts';

function failureOf(path: string): AddonFailure {
  try {
    openAddon(path);
  } catch (cause) {
    if (cause instanceof AddonFailure) return cause;
  }
  throw new Error('openAddon was to fail with an AddonFailure');
}

const command = /with: node (\S+build-native\.mjs)$/;

test('an addon that was not built: the line names the command that builds it', () => {
  const path = join(scratchDir('addon'), 'milena.node');
  const { message } = failureOf(path);
  expect(message).toContain(`${path} is missing`);
  expect(message).not.toContain('\n');
  expect(existsSync(command.exec(message)![1]!)).toBe(true);
});

test('an addon that is none: one line, with the reason', () => {
  const path = join(scratchDir('addon'), 'milena.node');
  writeFileSync(path, 'not an addon');
  const { message } = failureOf(path);
  expect(message).toMatch(/^cannot load the native addon .*milena\.node: .+/);
  expect(message).not.toContain('\n');
  expect(message).toMatch(command);
});

test('an addon of another version: one line, before anything is asked of it', () => {
  const path = join(scratchDir('addon'), 'milena.cjs');
  writeFileSync(path, "module.exports = { abi: '0123456789abcdef' };");
  const { message } = failureOf(path);
  expect(message).toContain(`${path} was built from the sources of another version`);
  expect(message).toMatch(command);
});

test('who starts a broker is told of the addon, not of the directories', () => {
  const cause = failureOf(join(scratchDir('addon'), 'milena.node'));
  const failure = startFailure(cause, 'log directories /somewhere');
  expect(failure).toBeInstanceOf(StartFailure);
  expect((failure as StartFailure).message).toBe(cause.message);
});
