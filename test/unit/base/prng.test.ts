import { expect, test } from 'vitest';
import { Prng } from '../../../src/base/prng.ts';

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number): number[] => {
    const prng = new Prng(seed);
    return Array.from({ length: 20 }, () => prng.u32());
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('bounds are inclusive where the names say so, and all values come up', () => {
  const prng = new Prng(3);
  const below = new Set(Array.from({ length: 500 }, () => prng.below(5)));
  const between = new Set(Array.from({ length: 500 }, () => prng.between(-1, 2)));
  expect([...below].sort()).toEqual([0, 1, 2, 3, 4]);
  expect([...between].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
});

test('chance is about as likely as it says', () => {
  const prng = new Prng(4);
  const hits = Array.from({ length: 10_000 }, () => prng.chance(0.3)).filter(Boolean).length;
  expect(hits).toBeGreaterThan(2700);
  expect(hits).toBeLessThan(3300);
});

test('shuffle keeps the items; a fork does not move its parent', () => {
  const prng = new Prng(5);
  const items = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = prng.shuffle([...items]);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);

  const [left, right] = [new Prng(6), new Prng(6)];
  const fork = left.fork();
  right.fork();
  fork.u64();
  fork.pick(items);
  expect(left.u32()).toBe(right.u32());
});

test('bytes cover their range', () => {
  const bytes = new Prng(8).bytes(4096);
  expect(new Set(bytes).size).toBe(256);
});
