import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../../src/base/bytes.ts';
import { crc32c } from '../../../../src/base/crc32c.ts';
import {
  type BatchInit,
  decodeBatch,
  encodeBatch,
  readBatchHeader,
  splitBatches,
} from '../../../../src/protocol/records/batch.ts';
import { WireError } from '../../../../src/protocol/wire.ts';
import { batchInits } from '../../../support/batch-init.ts';
import { blockCodec } from '../../../support/block-codec.ts';

const readable = batchInits.map(
  (init): BatchInit => (init.compression === 'none' ? init : { ...init, compression: 'gzip' }),
);

const two: BatchInit = {
  baseOffset: 5n,
  leaderEpoch: 2,
  records: [
    { timestamp: 1000n, key: utf8('k'), value: utf8('v') },
    { timestamp: 1002n, value: null, headers: [{ key: 'h', value: utf8('x') }] },
  ],
};

// Laid out by hand; test/peers/frames.test.ts has Kafka's own builder agree on random batches.
test('every field has its place', () => {
  const header = '0000000000000005' + '00000045' + '00000002' + '02';
  const covered =
    '0000' +
    '00000001' +
    '00000000000003e8' +
    '00000000000003ea' +
    'ffffffffffffffff' +
    'ffff' +
    'ffffffff' +
    '00000002';
  const records =
    '10' +
    '00' +
    '00' +
    '00' +
    '026b' +
    '0276' +
    '00' +
    '14' +
    '00' +
    '04' +
    '02' +
    '01' +
    '01' +
    '02' +
    '0268' +
    '0278';
  const crc = crc32c(fromHex(covered + records)!)
    .toString(16)
    .padStart(8, '0');
  expect(toHex(encodeBatch(two))).toBe(header + crc + covered + records);
});

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));

test('what is written is read back', () => {
  fc.assert(
    fc.property(readable, init => {
      const batch = decodeBatch(encodeBatch(init, blockCodec), blockCodec);
      const { records, ...header } = init;
      expect(batch).toMatchObject(header);
      expect(batch.recordCount).toBe(records.length);
      expect(batch.lastOffsetDelta).toBe(records.length - 1);
      const expected = records.map((record, i) => ({ ...record, offset: init.baseOffset! + BigInt(i) }));
      expect(batch.records).toEqual(expected);
      expect(batch.maxTimestamp).toBe(
        records
          .map(r => r.timestamp)
          .sort(ascending)
          .at(-1) ?? -1n,
      );
    }),
  );
});

test('records of LogAppendTime batches have the batch’s time', () => {
  const batch = decodeBatch(encodeBatch({ ...two, logAppendTime: true, maxTimestamp: 9000n }));
  expect(batch.records.map(r => r.timestamp)).toEqual([9000n, 9000n]);
});

test('compaction’s gaps come back', () => {
  const init = { ...two, lastOffsetDelta: 9, records: two.records.map((r, i) => ({ ...r, offsetDelta: i * 4 })) };
  const batch = decodeBatch(encodeBatch(init));
  expect(batch.records.map(r => r.offset)).toEqual([5n, 9n]);
  expect(batch.lastOffsetDelta).toBe(9);
});

describe('damage', () => {
  test('of any one byte behind the CRC is noticed', () => {
    const bytes = encodeBatch(two);
    for (let at = 17; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1;
      expect(() => readBatchHeader(damaged), `byte ${at}`).toThrow('wrong CRC');
    }
  });

  test('of length and magic is noticed', () => {
    const bytes = encodeBatch(two);
    for (const at of [8, 11, 16]) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1;
      expect(() => readBatchHeader(damaged)).toThrow(WireError);
    }
    expect(() => readBatchHeader(bytes.subarray(0, 40))).toThrow(WireError);
  });

  test('behind a right CRC gives a WireError or records, never more', () => {
    const flip = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(readable, fc.array(flip, { minLength: 1, maxLength: 4 }), (init, flips) => {
        const bytes = encodeBatch(init, blockCodec);
        for (const [at, bits] of flips) bytes[21 + (at % (bytes.length - 21))]! ^= bits;
        new DataView(bytes.buffer, bytes.byteOffset).setUint32(17, crc32c(bytes.subarray(21)));
        try {
          decodeBatch(bytes, blockCodec);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });

  test('a record count that the bytes do not hold allocates nothing', () => {
    const bytes = encodeBatch(two);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (const count of [0x7fff_ffff, -1, 1, 3]) {
      view.setInt32(57, count);
      view.setUint32(17, crc32c(bytes.subarray(21)));
      expect(() => decodeBatch(bytes), String(count)).toThrow(WireError);
    }
  });
});

test('a compressed batch needs a codec, and decompression is bounded', () => {
  const bytes = encodeBatch(
    { compression: 'gzip', records: [{ timestamp: 0n, value: new Uint8Array(100_000) }] },
    blockCodec,
  );
  expect(() => decodeBatch(bytes)).toThrow('no codec for gzip');
  expect(() => decodeBatch(bytes, blockCodec, 1000)).toThrow(WireError);
  expect(decodeBatch(bytes, blockCodec).records[0]!.value!.length).toBe(100_000);
});

describe('split', () => {
  const one = encodeBatch(two);
  test('gives whole batches and leaves out a cut one', () => {
    const bytes = concat([one, one, one.subarray(0, one.length - 1)]);
    expect(splitBatches(bytes).map(toHex)).toEqual([toHex(one), toHex(one)]);
    expect(splitBatches(one.subarray(0, 11))).toEqual([]);
  });

  test('refuses a length that no batch has', () => {
    const bytes = one.slice();
    bytes.set([0, 0, 0, 3], 8);
    expect(() => splitBatches(bytes)).toThrow(WireError);
  });
});
