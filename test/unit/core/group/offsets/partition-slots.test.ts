import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PartitionSlots } from '../../../../../src/core/group/offsets/partition-slots.ts';

const partition = fc.oneof(fc.nat(8), fc.nat(200), fc.constantFrom(-1, -(2 ** 31), 2 ** 31 - 1, 1_000_000));

test('it is a map from partitions to slots', () => {
  const act = fc.record({ partition, slot: fc.option(fc.nat(), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), acts => {
      const slots = new PartitionSlots();
      const model = new Map<number, number>();
      for (const { partition, slot } of acts) {
        if (slot === undefined) {
          slots.delete(partition);
          model.delete(partition);
        } else {
          slots.set(partition, slot);
          model.set(partition, slot);
        }
        expect(slots.get(partition)).toBe(model.get(partition));
        expect(slots.size).toBe(model.size);
      }
      const byPartition = ([a]: readonly [number, number], [b]: readonly [number, number]) => a - b;
      expect([...slots].sort(byPartition)).toEqual([...model].sort(byPartition));
      for (const { partition } of acts) expect(slots.get(partition)).toBe(model.get(partition));
    }),
  );
});

test('a far partition costs one entry, not all before it', () => {
  const slots = new PartitionSlots();
  slots.set(2 ** 31 - 1, 7);
  expect([...slots]).toEqual([[2 ** 31 - 1, 7]]);
});

test('partitions may go while they are iterated', () => {
  const slots = new PartitionSlots();
  for (let n = 0; n < 5; n++) slots.set(n, n);
  const seen: number[] = [];
  for (const [at] of slots) {
    seen.push(at);
    slots.delete(at);
    slots.delete(at + 1);
  }
  expect(seen).toEqual([0, 2, 4]);
  expect(slots.size).toBe(0);
});
