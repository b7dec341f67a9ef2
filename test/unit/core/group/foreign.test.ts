// Groups of kinds that are not served, from a directory that Apache Kafka has used.
import { describe, expect, test } from 'vitest';
import type { GroupRecordInit } from '../../../../src/core/group/machine.ts';
import { consumerOffsetsCodec } from '../../../../src/protocol/records/consumer-offsets.ts';
import { Coordinator } from '../../../support/groups.ts';

const groupId = 'g';
const member = { memberId: 'm', groupId };
const epochs = { epoch: 3, metadataHash: 0n };
const records: Readonly<Record<string, { group: GroupRecordInit; member: GroupRecordInit }>> = {
  consumer: {
    group: { type: 'consumerGroupMetadata', key: { groupId }, value: { version: 0, data: epochs } },
    member: {
      type: 'consumerGroupMemberMetadata',
      key: member,
      value: {
        version: 0,
        data: {
          instanceId: null,
          rackId: null,
          clientId: 'c',
          clientHost: '/h',
          subscribedTopicNames: ['t'],
          subscribedTopicRegex: null,
          serverAssignor: null,
          classicMemberMetadata: null,
        },
      },
    },
  },
  share: {
    group: { type: 'shareGroupMetadata', key: { groupId }, value: { version: 0, data: epochs } },
    member: {
      type: 'shareGroupMemberMetadata',
      key: member,
      value: { version: 0, data: { rackId: null, clientId: 'c', clientHost: '/h', subscribedTopicNames: ['t'] } },
    },
  },
  streams: {
    group: { type: 'streamsGroupMetadata', key: { groupId }, value: { version: 0, data: epochs } },
    member: {
      type: 'streamsGroupMemberMetadata',
      key: member,
      value: {
        version: 0,
        data: {
          instanceId: null,
          rackId: null,
          clientId: 'c',
          clientHost: '/h',
          topologyEpoch: 0,
          processId: 'p',
          clientTags: [],
        },
      },
    },
  },
};
const kinds = Object.keys(records);

function loadedFrom(...found: GroupRecordInit[]): Coordinator {
  const coordinator = new Coordinator();
  coordinator.log = found.map(consumerOffsetsCodec.encode);
  coordinator.reload();
  return coordinator;
}

/** Member first, as Kafka writes them. */
const withMember = (kind: string) => loadedFrom(records[kind]!.member, records[kind]!.group);
const empty = (kind: string) => loadedFrom(records[kind]!.group);

describe.each(kinds)('a %s group', kind => {
  test('is listed as what it is', () => {
    const listed = { groupId, protocolType: kind, type: kind };
    expect(withMember(kind).machine.list()).toEqual([{ ...listed, state: 'Unknown' }]);
    expect(empty(kind).machine.list()).toEqual([{ ...listed, state: 'Empty' }]);
  });

  test('is described as none of the classic ones', () => {
    expect(empty(kind).machine.describe('g')).toMatchObject({
      error: 'GROUP_ID_NOT_FOUND',
      message: 'Group g is not a classic group.',
    });
  });

  test('with members takes no classic ones, nor their offsets, and is not deleted', () => {
    const coordinator = withMember(kind);
    expect(coordinator.join().answer.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(coordinator.sync({ memberId: 'm' }).answer.error).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.heartbeat({ memberId: 'm' })).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.leave({ memberId: 'm' }).answer.members[0]!.error).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.commitOffset().answer.errors).toEqual(['UNKNOWN_MEMBER_ID']);
    expect(coordinator.deleteGroups('g').answer).toEqual(['NON_EMPTY_GROUP']);
  });

  test('whose members have gone is empty', () => {
    const gone = { ...records[kind]!.member, value: null } as GroupRecordInit;
    const coordinator = loadedFrom(records[kind]!.member, records[kind]!.group, gone);
    expect(coordinator.machine.list()[0]!.state).toBe('Empty');
  });

  test('that was deleted is gone', () => {
    const gone = { ...records[kind]!.group, value: null } as GroupRecordInit;
    expect(loadedFrom(records[kind]!.group, gone).machine.list()).toEqual([]);
  });
});

describe.each(['consumer', 'streams'])('a %s group that nobody is in any more', kind => {
  test('makes room for a classic one', () => {
    const coordinator = empty(kind);
    expect(coordinator.join({ memberId: 'x' }).answer.error).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.machine.list()[0]!.type).toBe(kind);
    coordinator.stable(1);
    expect(coordinator.machine.list()).toEqual([
      { groupId, protocolType: 'consumer', state: 'Stable', type: 'classic' },
    ]);
    coordinator.reload();
    expect(coordinator.state).toBe('Stable');
  });

  test('is one whose members have been silent for a session', () => {
    const coordinator = withMember(kind);
    coordinator.advance(44_999);
    expect(coordinator.join().answer.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    coordinator.advance(1);
    expect(coordinator.join().answer.error).toBe('MEMBER_ID_REQUIRED');
    coordinator.reload();
    expect(coordinator.machine.list()).toMatchObject([{ type: 'classic' }]);
  });

  test('can be deleted', () => {
    const coordinator = empty(kind);
    expect(coordinator.deleteGroups('g').answer).toEqual(['NONE']);
    expect(coordinator.machine.list()).toEqual([]);
  });
});

test('a share group is never taken over nor deleted: its state is in another topic', () => {
  const coordinator = empty('share');
  expect(coordinator.join().answer.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
  expect(coordinator.deleteGroups('g').answer).toEqual(['UNSUPPORTED_VERSION']);
});
