// What membership writes: a group with its members at the beginning of a generation, and tombstones.

import type { GroupMetadataValue } from '../../protocol/records/consumer-offsets/classic.ts';
import type { ConsumerOffsetsRecord, ConsumerOffsetsRecordInit } from '../../protocol/records/consumer-offsets.ts';
import type { Turn } from '../coordinator/turn.ts';
import type { ClassicGroup } from './classic-group.ts';

export type GroupRecord = ConsumerOffsetsRecord;
export type GroupRecordInit = ConsumerOffsetsRecordInit;
export type GroupTurn = Turn<GroupRecordInit>;
export type StoredGroupMetadata = GroupMetadataValue;

/** As Kafka 4.3 writes it: the first one whose members carry their instance ids. */
const valueVersion = 3;

/** The group as it is. */
export function groupMetadataRecord(group: ClassicGroup): GroupRecordInit {
  const { protocolName } = group;
  return {
    type: 'groupMetadata',
    key: { group: group.groupId },
    value: {
      version: valueVersion,
      data: {
        protocolType: group.protocolType ?? '',
        generation: group.generationId,
        protocol: protocolName,
        leader: group.leaderId,
        currentStateTimestamp: group.stateSinceMs,
        members: [...group.members.values()].map(member => ({
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId,
          clientId: member.clientId,
          clientHost: member.clientHost,
          rebalanceTimeout: member.rebalanceTimeoutMs,
          sessionTimeout: member.sessionTimeoutMs,
          subscription: member.metadata(protocolName),
          assignment: member.assignment,
        })),
      },
    },
  };
}

/** So that a group exists from the first JoinGroup on, whatever becomes of it. */
export function newGroupRecord(groupId: string, nowMs: bigint): GroupRecordInit {
  const data = {
    protocolType: '',
    generation: 0,
    protocol: null,
    leader: null,
    currentStateTimestamp: nowMs,
    members: [],
  };
  return { type: 'groupMetadata', key: { group: groupId }, value: { version: valueVersion, data } };
}

export const groupTombstone = (groupId: string): GroupRecordInit => ({
  type: 'groupMetadata',
  key: { group: groupId },
  value: null,
});
