import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StringMap } from '../../../../src/core/metadata/string-map.ts';

test('behaves like a Map, and leaves what it was made from alone', () => {
  const change = fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.integer(), { nil: undefined }));
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 20 }), { maxLength: 10 }), batches => {
      const model = new Map<string, number>();
      let map = StringMap.empty<number>();
      for (const batch of batches) {
        const before = map;
        const entries = [...before];
        map = map.withAll(new Map(batch));
        for (const [key, value] of new Map(batch)) {
          if (value === undefined) model.delete(key);
          else model.set(key, value);
        }
        expect([...before]).toEqual(entries);
        expect(map.size).toBe(model.size);
        expect(new Map(map)).toEqual(model);
        expect([...map.keys()].sort()).toEqual([...model.keys()].sort());
        for (const [key] of batch) expect([map.get(key), map.has(key)]).toEqual([model.get(key), model.has(key)]);
      }
    }),
  );
});
