/** Random record batches that a producer could send. */
import fc from 'fast-check';
import { type BatchInit, compressions } from '../../src/protocol/records/batch.ts';

const time = fc.bigInt({ min: 0n, max: 2n ** 41n });
const blob = fc.option(fc.uint8Array({ maxLength: 60 }));
const header = fc.record({ key: fc.string({ unit: 'binary', maxLength: 10 }), value: blob }, { noNullPrototype: true });
const record = fc.record(
  { timestamp: time, key: blob, value: blob, headers: fc.array(header, { maxLength: 2 }) },
  { noNullPrototype: true },
);

const producer = fc.oneof(
  fc.constant({}),
  fc.record(
    {
      producerId: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      producerEpoch: fc.nat(0x7fff),
      baseSequence: fc.nat(0x7fff_0000),
      transactional: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
);

export const batchInits: fc.Arbitrary<BatchInit> = fc
  .tuple(
    fc.record(
      {
        baseOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
        leaderEpoch: fc.integer({ min: 0, max: 1000 }),
        compression: fc.constantFrom(...compressions),
        records: fc.array(record, { maxLength: 6 }),
      },
      { noNullPrototype: true },
    ),
    producer,
  )
  .map(([batch, identity]) => ({ ...batch, ...identity }));
