import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Uuid } from '../../../../src/base/uuid.ts';
import { zeroUuid } from '../../../../src/base/uuid.ts';
import {
  type ConsumerOffsetsRecordInit,
  consumerOffsetsCodec,
} from '../../../../src/protocol/records/consumer-offsets.ts';
import { encodeOffsetCommit } from '../../../../src/protocol/records/offset-commit-encoder.ts';

const key = { group: 'g', topic: 't', partition: 0 };
const data = {
  offset: 1n,
  leaderEpoch: -1,
  metadata: '',
  commitTimestamp: 1n,
  expireTimestamp: -1n,
  topicId: zeroUuid,
};

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const name = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('', 'é', '\u{1F600}', 'a\u0000b', 'x'.repeat(249)));
const value = fc.record({
  version: fc.constantFrom(4, 4, 4, 3, 1),
  data: fc.record({
    offset: int64,
    leaderEpoch: int32,
    metadata: fc.oneof(
      name,
      fc.integer({ min: 120, max: 130 }).map(n => 'm'.repeat(n)),
    ),
    commitTimestamp: int64,
    expireTimestamp: fc.constant(-1n),
    topicId: fc.constantFrom(zeroUuid, 'c1Vn0jVxRUixPbcuD3bcgw' as Uuid),
  }),
});
const record = fc.record({
  type: fc.constant('offsetCommit' as const),
  key: fc.record({ group: name, topic: name, partition: int32 }),
  value: fc.option(value, { freq: 10 }),
});

test('what it writes is what the generic codec writes', () => {
  let written = 0;
  fc.assert(
    fc.property(record, one => {
      const bytes = encodeOffsetCommit(one);
      if (bytes === undefined) return;
      written++;
      const generic = consumerOffsetsCodec.encode(one);
      expect(Buffer.from(bytes.key).toString('hex')).toBe(Buffer.from(generic.key).toString('hex'));
      expect(Buffer.from(bytes.value!).toString('hex')).toBe(Buffer.from(generic.value!).toString('hex'));
    }),
    { numRuns: 1_000 },
  );
  expect(written).toBeGreaterThan(200);
});

test.each<[string, ConsumerOffsetsRecordInit]>([
  ['a tombstone', { type: 'offsetCommit', key, value: null }],
  ['an expire timestamp', { type: 'offsetCommit', key, value: { version: 1, data: { ...data, expireTimestamp: 5n } } }],
  ['an older version', { type: 'offsetCommit', key, value: { version: 3, data } }],
  ['long metadata', { type: 'offsetCommit', key, value: { version: 4, data: { ...data, metadata: 'm'.repeat(127) } } }],
  ['more than ASCII', { type: 'offsetCommit', key: { ...key, group: 'é' }, value: { version: 4, data } }],
  ['a bad topic id', { type: 'offsetCommit', key, value: { version: 4, data: { ...data, topicId: 'no' as Uuid } } }],
  ['a bad offset', { type: 'offsetCommit', key, value: { version: 4, data: { ...data, offset: 2n ** 63n } } }],
  ['a bad partition', { type: 'offsetCommit', key: { ...key, partition: 1.5 }, value: { version: 4, data } }],
  ['another type', { type: 'groupMetadata', key: { group: 'g' }, value: null }],
])('leaves %s to it', (_, one) => {
  expect(encodeOffsetCommit(one)).toBeUndefined();
});
