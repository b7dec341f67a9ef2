// Frames of control, metadata and coordinator records; test/peers/frames.test.ts has Kafka agree on random ones.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../../../src/base/bytes.ts';
import { zeroUuid } from '../../../../src/base/uuid.ts';
import { consumerOffsetsCodec } from '../../../../src/protocol/records/consumer-offsets.ts';
import {
  type ControlRecordInit,
  controlKindOf,
  decodeControlRecord,
  encodeControlRecord,
} from '../../../../src/protocol/records/control.ts';
import { UnknownRecordType } from '../../../../src/protocol/records/coordinator.ts';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecordType,
  metadataRecords,
} from '../../../../src/protocol/records/metadata/record.ts';
import { transactionStateCodec } from '../../../../src/protocol/records/transaction-state.ts';
import { WireError } from '../../../../src/protocol/wire.ts';
import { arbitraryOf } from '../../../support/arbitrary.ts';
import { versionsOf } from '../../../support/schemas.ts';

const bytes = (hex: string): Uint8Array => fromHex(hex)!;
const anything = fc.uint8Array({ maxLength: 80 });

function valueOrWireError(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}

describe('metadata records', () => {
  const topic = { type: 'topic', version: 0, data: { name: 't', topicId: zeroUuid } } as const;
  const golden = `0102000274${'00'.repeat(16)}00`;

  test('are framed by frame version, type and version', () => {
    expect(toHex(encodeMetadataRecord(topic))).toBe(golden);
    expect(decodeMetadataRecord(bytes(golden))).toEqual(topic);
  });

  test('of every type and version come back', () => {
    for (const type of Object.keys(metadataRecords) as MetadataRecordType[]) {
      const schema = metadataRecords[type];
      for (const version of versionsOf(schema)) {
        const comesBack = fc.property(arbitraryOf(schema, version), data => {
          const record = { type, version, data } as unknown as Parameters<typeof encodeMetadataRecord>[0];
          expect(decodeMetadataRecord(encodeMetadataRecord(record))).toEqual(record);
        });
        fc.assert(comesBack, { numRuns: 5 });
      }
    }
  });

  test.each([
    ['frame version 2', golden.replace(/^01/, '02'), 'frame version 2'],
    ['unknown type', golden.replace(/^0102/, '0163'), 'unknown type 99'],
    ['unknown version', golden.replace(/^010200/, '010209'), 'TopicRecord has no version 9'],
    ['bytes too many', `${golden}00`, '1 bytes behind TopicRecord'],
    ['nothing', '', 'need 1 bytes'],
  ])('%s is refused in words', (_, hex, words) => {
    expect(() => decodeMetadataRecord(bytes(hex))).toThrow(words);
  });

  test('any bytes are a record or a WireError', () => {
    fc.assert(fc.property(anything, value => valueOrWireError(() => decodeMetadataRecord(value))));
  });
});

describe('control records', () => {
  test('of transactions', () => {
    const { key, value } = encodeControlRecord({ kind: 'commit', data: { coordinatorEpoch: 7 } });
    expect([toHex(key), toHex(value)]).toEqual(['00000001', '000000000007']);
  });

  test.each([
    { kind: 'abort', data: { coordinatorEpoch: 1 } },
    { kind: 'leaderChange', data: { version: 0, leaderId: 1, voters: [{ voterId: 1 }], grantingVoters: [] } },
    {
      kind: 'leaderChange',
      data: { version: 1, leaderId: 1, voters: [{ voterId: 1, voterDirectoryId: zeroUuid }], grantingVoters: [] },
    },
    { kind: 'snapshotHeader', data: { version: 0, lastContainedLogTimestamp: 5n } },
    { kind: 'snapshotFooter', data: { version: 0 } },
    { kind: 'kraftVersion', data: { version: 0, kRaftVersion: 1 } },
    { kind: 'voters', data: { version: 0, voters: [] } },
  ] as ControlRecordInit[])('$kind comes back', record => {
    const { key, value } = encodeControlRecord(record);
    expect(decodeControlRecord(key, value)).toMatchObject(record);
  });

  test('of later kinds are undefined, damaged ones a WireError', () => {
    expect(controlKindOf(bytes('00000063'))).toBeUndefined();
    expect(decodeControlRecord(bytes('0000ffff'), bytes(''))).toBeUndefined();
    expect(() => controlKindOf(bytes('ffff0000'))).toThrow(WireError);
    expect(() => controlKindOf(bytes('0000'))).toThrow(WireError);
    expect(() => decodeControlRecord(bytes('00000001'), bytes('00630000'))).toThrow(WireError);
    fc.assert(fc.property(anything, anything, (k, v) => valueOrWireError(() => decodeControlRecord(k, v))));
  });
});

describe('coordinator records', () => {
  const key = { group: 'g', topic: 't', partition: 3 };
  const data = {
    offset: 9n,
    leaderEpoch: -1,
    metadata: '',
    commitTimestamp: 5n,
    expireTimestamp: -1n,
    topicId: zeroUuid,
  };
  const keyHex = '0001' + '0001' + '67' + '0001' + '74' + '00000003';
  const valueHex = '0003' + '0000000000000009' + 'ffffffff' + '0000' + '0000000000000005';

  test('have the type in front of the key and the version in front of the value', () => {
    const record = { type: 'offsetCommit', key, value: { version: 3, data } } as const;
    const encoded = consumerOffsetsCodec.encode(record);
    expect([toHex(encoded.key), toHex(encoded.value!)]).toEqual([keyHex, valueHex]);
    expect(consumerOffsetsCodec.decode(encoded)).toEqual(record);
  });

  test('without a value are tombstones', () => {
    const tombstone = { type: 'offsetCommit', key, value: null } as const;
    expect(consumerOffsetsCodec.encode(tombstone)).toEqual({ key: bytes(keyHex), value: null });
    expect(consumerOffsetsCodec.decode({ key: bytes(keyHex), value: null })).toEqual(tombstone);
  });

  test('of unknown types are told apart from damage', () => {
    const unknown = (): unknown => consumerOffsetsCodec.decode({ key: bytes('0063'), value: null });
    expect(unknown).toThrow(UnknownRecordType);
    const damaged =
      (value: string): (() => unknown) =>
      () =>
        consumerOffsetsCodec.decode({ key: bytes(keyHex), value: bytes(value) });
    expect(damaged(`${valueHex}00`)).toThrow('1 bytes behind OffsetCommitValue');
    expect(damaged('0063')).toThrow('no version 99');
    expect(damaged('')).toThrow(WireError);
    expect(damaged(valueHex)).not.toThrow();
  });

  test('of transactions', () => {
    const { key: k } = transactionStateCodec.encode({
      type: 'transactionLog',
      key: { transactionalId: 'x' },
      value: null,
    });
    expect(toHex(k)).toBe(`00000001${toHex(utf8('x'))}`);
  });

  test('any bytes are a record or a WireError', () => {
    fc.assert(
      fc.property(anything, fc.option(anything), (k, v) => {
        valueOrWireError(() => consumerOffsetsCodec.decode({ key: k, value: v }));
      }),
    );
  });
});
