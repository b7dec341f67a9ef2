// The small files of the log directory that protocol knows: producer snapshots and quorum-state.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/base/bytes.ts';
import { crc32c } from '../../../../src/base/crc32c.ts';
import { parseUuid, zeroUuid } from '../../../../src/base/uuid.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../../../../src/protocol/records/producer-snapshot.ts';
import { decodeQuorumState, encodeQuorumState } from '../../../../src/protocol/records/quorum-state.ts';
import { WireError } from '../../../../src/protocol/wire.ts';

describe('producer snapshots', () => {
  const entry = {
    producerId: 1n,
    epoch: 2,
    lastSequence: 3,
    lastOffset: 4n,
    offsetDelta: 5,
    timestamp: 6n,
    coordinatorEpoch: 7,
    currentTxnFirstOffset: -1n,
  };
  const covered =
    '00000001' +
    '0000000000000001' +
    '0002' +
    '00000003' +
    '0000000000000004' +
    '00000005' +
    '0000000000000006' +
    '00000007' +
    'ffffffffffffffff';

  test('are version, CRC and entries', () => {
    const crc = crc32c(fromHex(covered)!).toString(16).padStart(8, '0');
    expect(toHex(encodeProducerSnapshot([entry]))).toBe(`0001${crc}${covered}`);
    expect(decodeProducerSnapshot(encodeProducerSnapshot([entry, { ...entry, producerId: 2n }]))).toHaveLength(2);
    expect(decodeProducerSnapshot(encodeProducerSnapshot([]))).toEqual([]);
  });

  test('any damage is noticed', () => {
    const whole = encodeProducerSnapshot([entry]);
    for (let at = 0; at < whole.length; at++) {
      const damaged = whole.slice();
      damaged[at]! ^= 0x10;
      expect(() => decodeProducerSnapshot(damaged), `byte ${at}`).toThrow(WireError);
      expect(() => decodeProducerSnapshot(whole.subarray(0, at))).toThrow(WireError);
    }
  });
});

describe('quorum-state', () => {
  const directory = parseUuid('c29tZS1kaXJlY3Rvcnktcw')!;

  test('is the JSON that Kafka writes', () => {
    expect(encodeQuorumState({ leaderId: 1, leaderEpoch: 3, votedDirectoryId: zeroUuid }, 1)).toBe(
      '{"leaderId":1,"leaderEpoch":3,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
    );
    const voters = { currentVoters: [{ voterId: 1 }], votedDirectoryId: zeroUuid };
    expect(encodeQuorumState({ leaderEpoch: 3, votedId: 2, ...voters }, 0)).toBe(
      '{"clusterId":"","leaderId":-1,"leaderEpoch":3,"votedId":2,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}',
    );
  });

  test('comes back', () => {
    const state = {
      clusterId: '',
      leaderId: -1,
      leaderEpoch: 4,
      votedId: 2,
      votedDirectoryId: directory,
      appliedOffset: 0n,
      currentVoters: [],
    };
    expect(decodeQuorumState(encodeQuorumState(state, 1))).toEqual({ version: 1, state });
    const old = { ...state, votedDirectoryId: zeroUuid, currentVoters: [{ voterId: 7 }] };
    expect(decodeQuorumState(encodeQuorumState(old, 0))).toEqual({ version: 0, state: old });
    expect(decodeQuorumState(encodeQuorumState({ ...old, currentVoters: null }, 0)).state.currentVoters).toBeNull();
  });

  test('refuses a field that the version cannot hold', () => {
    expect(() => encodeQuorumState({ votedDirectoryId: directory }, 0)).toThrow('votedDirectoryId');
    const voters = { currentVoters: [{ voterId: 1 }], votedDirectoryId: zeroUuid };
    expect(() => encodeQuorumState(voters, 1)).toThrow('currentVoters');
  });

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"data_version":2}',
    '{"leaderId":"1","leaderEpoch":1,"votedId":1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
    '{"leaderId":1,"leaderEpoch":1,"votedId":1,"data_version":1}',
    '{"leaderId":1,"leaderEpoch":1,"votedId":1,"appliedOffset":0,"currentVoters":[null],"data_version":0}',
    '{"leaderId":1,"leaderEpoch":1,"votedId":1,"appliedOffset":0,"currentVoters":5,"data_version":0}',
  ])('%j is a WireError', wrong => {
    expect(() => decodeQuorumState(wrong)).toThrow(WireError);
  });

  test('any JSON is a state or a WireError', () => {
    fc.assert(
      fc.property(fc.json(), json => {
        expect(() => decodeQuorumState(json)).toThrow(WireError);
      }),
    );
  });
});
