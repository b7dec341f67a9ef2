import { expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/base/bytes.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../src/protocol/consumer-protocol.ts';
import { WireError } from '../../../src/protocol/wire.ts';

test('a subscription carries its version in front', () => {
  const encoded = encodeSubscription({ topics: ['a'] });
  expect(toHex(encoded)).toBe('0003' + '00000001' + '000161' + 'ffffffff' + '00000000' + 'ffffffff' + 'ffff');
  expect(decodeSubscription(encoded)).toEqual({
    topics: ['a'],
    userData: null,
    ownedPartitions: [],
    generationId: -1,
    rackId: null,
  });
});

test('version 0, as kafkajs writes it, is read', () => {
  const old = fromHex('0000' + '00000001' + '000161' + '00000000')!;
  expect(decodeSubscription(old)).toMatchObject({ topics: ['a'], ownedPartitions: [], generationId: -1 });
});

test('a version of the future is read by the newest layout, what follows it is left alone', () => {
  const encoded = concat([
    encodeAssignment({ assignedPartitions: [{ topic: 'a', partitions: [1, 2] }] }),
    fromHex('abcd')!,
  ]);
  encoded[1] = 9;
  expect(decodeAssignment(encoded).assignedPartitions).toEqual([{ topic: 'a', partitions: [1, 2] }]);
});

test('a member that got nothing has an empty assignment', () => {
  expect(decodeAssignment(new Uint8Array(0)).assignedPartitions).toEqual([]);
});

test.each(['', '00', 'ffff00000000', '0000000003', '00000000ffff'])('%j is no subscription', hex => {
  expect(() => decodeSubscription(fromHex(hex)!)).toThrow(WireError);
});
