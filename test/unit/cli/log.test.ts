import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TerminalLog } from '../../../src/cli/log.ts';

let written: string[];
let loads: number;

const load = async () => {
  loads++;
  return ({ level, message, atMs }: { level: string; message: string; atMs: number }) =>
    void written.push(`${level} ${message} ${atMs}`);
};

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
  written = [];
  loads = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

test('lines wait for the logger, with the time at which they were said', async () => {
  const log = new TerminalLog(load);
  log.info('formatted');
  vi.setSystemTime(1_020);
  log.warn('odd');
  expect([loads, written]).toEqual([0, []]);
  vi.setSystemTime(1_100);
  await log.open();
  log.error('broken');
  expect(written).toEqual(['info formatted 1000', 'warn odd 1020', 'error broken 1100']);
});

test('a start that takes long is told of while it lasts', async () => {
  const log = new TerminalLog(load);
  log.info('recovering');
  await vi.advanceTimersByTimeAsync(300);
  log.info('still recovering');
  expect(written).toEqual(['info recovering 1000', 'info still recovering 1300']);
  await log.open();
  expect([loads, written.length]).toEqual([1, 2]);
});

test('nothing is left waiting once it is open', async () => {
  const log = new TerminalLog(load);
  await log.open();
  expect(vi.getTimerCount()).toBe(0);
});
