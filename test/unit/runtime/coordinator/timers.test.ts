import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Turn } from '../../../../src/core/coordinator/turn.ts';
import { KeyedTimers } from '../../../../src/runtime/coordinator/timers.ts';
import { SimulatedClock } from '../../../support/simulated-clock.ts';

const turn = {} as Turn<never>;

function setUp() {
  const clock = new SimulatedClock();
  const fired: string[] = [];
  let armed = 0;
  const counting = {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
    after(delayMs: number, run: () => void) {
      armed++;
      return clock.after(delayMs, run);
    },
  };
  const timers = new KeyedTimers<never>(counting, expire => expire(turn));
  const schedule = (key: string, delayMs: number, word = key) =>
    timers.schedule(key, delayMs, () => fired.push(`${clock.monotonicMs()} ${word}`));
  return { clock, fired, timers, schedule, armed: () => armed };
}

test('timers fire in the order of their deadlines, those of one deadline as scheduled', async () => {
  const { clock, fired, schedule } = setUp();
  schedule('c', 30);
  schedule('a', 10);
  schedule('z', 20);
  schedule('b', 20);
  await clock.run(100);
  expect(fired).toEqual(['10 a', '20 z', '20 b', '30 c']);
});

test('a key has one timer: scheduling it again replaces deadline and deed', async () => {
  const { clock, fired, schedule, timers } = setUp();
  schedule('later', 10);
  schedule('later', 50, 'second');
  schedule('sooner', 60);
  schedule('sooner', 20, 'brought forward');
  schedule('gone', 30);
  timers.cancel('gone');
  timers.cancel('never there');
  await clock.run(100);
  expect(fired).toEqual(['20 brought forward', '50 second']);
  expect(timers.size).toBe(0);
});

test('putting off a timer a thousand times arms the clock no more than its deadlines come up', {
  timeout: 60_000,
}, async () => {
  const { clock, fired, schedule, armed } = setUp();
  for (let beat = 0; beat < 1_000; beat++) {
    schedule('session', 45_000);
    await clock.run(10);
  }
  expect(armed()).toBe(1);
  await clock.run(100_000);
  expect(fired).toEqual([`${999 * 10 + 45_000} session`]);
  expect(armed()).toBe(2);
});

test('a process that stood still lets thousands of timers fire a few at a time, in order', async () => {
  const { clock, fired, schedule } = setUp();
  for (let i = 0; i < 2_000; i++) schedule(`k${i}`, 2_000 - i);
  clock.stall(10_000);
  let seen = 0;
  clock.after(0, () => {
    seen = fired.length;
  });
  await clock.run();
  expect(fired.map(line => line.split(' ')[1])).toEqual(Array.from({ length: 2_000 }, (_, i) => `k${1_999 - i}`));
  expect(seen).toBeLessThan(2_000);
});

test('cleared timers never fire, and new ones do', async () => {
  const { clock, fired, schedule, timers } = setUp();
  schedule('a', 10);
  timers.clear();
  schedule('b', 20);
  await clock.run(100);
  expect(fired).toEqual(['20 b']);
});

test('a timer may schedule itself again', async () => {
  const { clock, fired, timers } = setUp();
  const again = (): void => {
    fired.push(String(clock.monotonicMs()));
    timers.schedule('tick', 10, again);
  };
  timers.schedule('tick', 10, again);
  await clock.run(35);
  expect(fired).toEqual(['10', '20', '30']);
});

test('they behave as a sorted list would', { timeout: 60_000 }, async () => {
  const act = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    delayMs: fc.option(fc.nat(50), { nil: undefined }),
    thenMs: fc.nat(20),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async acts => {
      const { clock, fired, schedule, timers } = setUp();
      const model = new Map<string, number>();
      const expected: string[] = [];
      const pass = (untilMs: number) => {
        const due = [...model].filter(([, atMs]) => atMs <= untilMs).sort((a, b) => a[1] - b[1]);
        for (const [key, atMs] of due) {
          model.delete(key);
          expected.push(`${atMs} ${key}`);
        }
      };
      for (const { key, delayMs, thenMs } of acts) {
        model.delete(key);
        if (delayMs === undefined) timers.cancel(key);
        else {
          schedule(key, delayMs);
          model.set(key, clock.monotonicMs() + delayMs);
        }
        await clock.run(thenMs);
        pass(clock.monotonicMs());
      }
      await clock.run(100);
      pass(clock.monotonicMs());
      expect(fired).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
