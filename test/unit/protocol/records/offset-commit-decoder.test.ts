import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Uuid, uuidAt, zeroUuid } from '../../../../src/base/uuid.ts';
import { consumerOffsetsCodec } from '../../../../src/protocol/records/consumer-offsets.ts';
import type { RecordBytes } from '../../../../src/protocol/records/coordinator.ts';
import { OffsetCommitDecoder } from '../../../../src/protocol/records/offset-commit-decoder.ts';
import type { RecordPlace } from '../../../../src/protocol/records/record-cursor.ts';
import { WireError } from '../../../../src/protocol/wire.ts';

const padding = 3;

/** The record in the middle of a larger buffer, as a log holds it. */
function placeOf({ key, value }: RecordBytes): RecordPlace {
  const bytes = new Uint8Array(padding + key.length + padding + (value?.length ?? 0) + padding).fill(0xee);
  const keyAt = padding;
  const valueAt = keyAt + key.length + padding;
  bytes.set(key, keyAt);
  if (value !== null) bytes.set(value, valueAt);
  return {
    keyBytes: bytes,
    valueBytes: bytes,
    keyAt,
    keyLength: key.length,
    valueAt,
    valueLength: value?.length ?? -1,
  };
}

function generic(bytes: RecordBytes): unknown {
  try {
    return consumerOffsetsCodec.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

const int64 = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-3n, 1_000_000n));
const name = fc.oneof(fc.constantFrom('', 'group', 'topic', 'Gruppe \u00e4\u{1f600}'), fc.string({ maxLength: 60 }));
const topicId = fc.oneof(
  fc.constant(zeroUuid),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytes => uuidAt(bytes)),
);
const record = fc
  .record({
    key: fc.record({ group: name, topic: name, partition: fc.integer() }),
    version: fc.constantFrom(0, 1, 2, 3, 4),
    data: fc.record({
      offset: int64,
      leaderEpoch: fc.integer(),
      metadata: fc.oneof(name, fc.string({ minLength: 100, maxLength: 300 })),
      commitTimestamp: int64,
      topicId: topicId as fc.Arbitrary<Uuid>,
    }),
    tombstone: fc.boolean(),
  })
  .map(({ key, version, data, tombstone }) =>
    consumerOffsetsCodec.encode({ type: 'offsetCommit', key, value: tombstone ? null : { version, data } }),
  );

test('what it decodes, the generic codec decodes the same', { timeout: 60_000 }, () => {
  const decoder = new OffsetCommitDecoder();
  fc.assert(
    fc.property(record, bytes => {
      const version = bytes.value === null ? 4 : bytes.value[1]!;
      const decoded = decoder.decode(placeOf(bytes));
      if (decoded !== undefined) expect(decoded).toEqual(consumerOffsetsCodec.decode(bytes));
      const long = bytes.value !== null && bytes.value.length > 120;
      if (version >= 3 && !long) expect(decoded).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});

test('damaged records are left to the generic codec', { timeout: 60_000 }, () => {
  const decoder = new OffsetCommitDecoder();
  const damage = fc.record({
    inKey: fc.boolean(),
    at: fc.nat(400),
    by: fc.integer({ min: 0, max: 255 }),
    cut: fc.nat(12),
    more: fc.boolean(),
  });
  fc.assert(
    fc.property(record, damage, (bytes, { inKey, at, by, cut, more }) => {
      const twist = (part: Uint8Array): Uint8Array => {
        const out = more ? new Uint8Array([...part, by]) : part.slice(0, Math.max(0, part.length - cut));
        if (out.length > 0) out[at % out.length]! ^= by;
        return out;
      };
      const damaged = {
        key: inKey ? twist(bytes.key) : bytes.key,
        value: inKey || bytes.value === null ? bytes.value : twist(bytes.value),
      };
      const decoded = decoder.decode(placeOf(damaged));
      if (decoded !== undefined) expect(decoded).toEqual(generic(damaged));
    }),
    { numRuns: 5_000 },
  );
});

test('other records are left to the generic codec', () => {
  const decoder = new OffsetCommitDecoder();
  for (let length = 0; length < 10; length++) {
    const short = { key: new Uint8Array(length).fill(0, 0, 1).fill(1, 1, 2), value: null };
    expect(decoder.decode(placeOf(short))).toBeUndefined();
  }
  const group = consumerOffsetsCodec.encode({
    type: 'groupMetadata',
    key: { group: 'a long name of a group' },
    value: null,
  });
  expect(decoder.decode(placeOf(group))).toBeUndefined();
  expect(decoder.decode({ ...placeOf(group), keyLength: -1 })).toBeUndefined();
});

test('a name that came before is the same string', { timeout: 60_000 }, () => {
  const decoder = new OffsetCommitDecoder();
  const encode = (partition: number) =>
    placeOf(
      consumerOffsetsCodec.encode({ type: 'offsetCommit', key: { group: 'g', topic: 't', partition }, value: null }),
    );
  for (let i = 0; i < 10_000; i++) {
    const key = { group: `group ${i}`, topic: `topic ${i % 7}`, partition: i };
    const bytes = consumerOffsetsCodec.encode({ type: 'offsetCommit', key, value: null });
    expect(decoder.decode(placeOf(bytes))?.key).toEqual(key);
  }
  expect(decoder.decode(encode(1))?.key).toEqual({ group: 'g', topic: 't', partition: 1 });
  expect(decoder.decode(encode(2))?.key).toEqual({ group: 'g', topic: 't', partition: 2 });
});
