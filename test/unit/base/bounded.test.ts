import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bounded } from '../../../src/base/bounded.ts';

test('is a queue that refuses above its limit', () => {
  const action = fc.oneof(fc.nat(), fc.constant('take' as const), fc.constant('drain' as const));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), fc.integer({ min: 1, max: 8 }), (actions, max) => {
      const queue = new Bounded<number>('test', max);
      const model: number[] = [];
      for (const what of actions) {
        if (what === 'take') expect(queue.take()).toBe(model.shift());
        else if (what === 'drain') expect(queue.drain()).toEqual(model.splice(0));
        else {
          expect(queue.offer(what)).toBe(model.length < max);
          if (model.length < max) model.push(what);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.full).toBe(model.length === max);
        expect(queue.peek()).toBe(model[0]);
      }
    }),
  );
});
