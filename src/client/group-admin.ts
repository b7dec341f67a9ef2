import { groupBy } from '../base/group-by.ts';
import { consumerProtocolType, decodeAssignment } from '../protocol/consumer-protocol.ts';
import { errorCode } from '../protocol/errors.ts';
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../protocol/messages/15-describe-groups.ts';
import { ListGroupsRequest, ListGroupsResponse } from '../protocol/messages/16-list-groups.ts';
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../protocol/messages/42-delete-groups.ts';
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../protocol/messages/47-offset-delete.ts';
import { WireError } from '../protocol/wire.ts';
import type { Cluster } from './cluster.ts';
import { type Coordinator, onCoordinator } from './coordinator.ts';
import { ClientFailure, expectNone } from './failure.ts';
import { PartitionMap, type TopicPartition } from './partition-map.ts';

export interface ListedGroup {
  readonly group: string;
  readonly protocolType: string;
  /** Empty, Stable and so on; '' from brokers that do not say (before KIP-518). */
  readonly state: string;
  /** Classic, Consumer, Share; '' from brokers that do not say (before KIP-848). */
  readonly type: string;
}

export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  readonly assignment: readonly TopicPartition[];
}

export interface DescribedGroup {
  readonly group: string;
  /** Dead for a group that does not exist. */
  readonly state: string;
  readonly coordinator: Coordinator;
  readonly protocolType: string;
  /** The assignor that the members have agreed on; '' while there is none. */
  readonly protocol: string;
  readonly members: readonly GroupMember[];
}

export interface GroupFilter {
  readonly states: readonly string[];
  readonly types: readonly string[];
}

const stateFilterVersion = 4;
const typeFilterVersion = 5;

/** The groups of the whole cluster: every broker is asked for those that it coordinates. */
export async function listGroups(cluster: Cluster, { states, types }: GroupFilter): Promise<ListedGroup[]> {
  await cluster.metadata([]);
  const lists = await Promise.all(
    cluster.brokerIds.map(async id => {
      const connection = await cluster.node(id);
      const version = connection.versionOf(ListGroupsRequest);
      if (states.length > 0 && version < stateFilterVersion) throw tooOld(id, 'filter groups by state');
      if (types.length > 0 && version < typeFilterVersion) throw tooOld(id, 'filter groups by type');
      const filter = { statesFilter: [...states], typesFilter: [...types] };
      const answer = await connection.call(ListGroupsRequest, ListGroupsResponse, filter);
      expectNone(answer.errorCode, `groups of broker ${id}`);
      return answer.groups;
    }),
  );
  return lists
    .flat()
    .map(({ groupId, protocolType, groupState, groupType }) => ({
      group: groupId,
      protocolType,
      state: groupState,
      type: groupType,
    }))
    .sort((a, b) => (a.group < b.group ? -1 : 1));
}

const tooOld = (id: number, what: string): ClientFailure =>
  new ClientFailure(`broker ${id} is too old to ${what}; leave the filter out`);

/** What Kafka says of a group of KIP-848 and its kin, under the code of one that does not exist. */
const otherProtocol = /not a classic group/;

/** State and members of a classic group. A group that does not exist is `Dead`, as brokers before KIP-1043 say it. */
export function describeGroup(cluster: Cluster, group: string): Promise<DescribedGroup> {
  return onCoordinator(cluster, group, async (connection, coordinator) => {
    const answer = await connection.call(DescribeGroupsRequest, DescribeGroupsResponse, {
      groups: [group],
      includeAuthorizedOperations: false,
    });
    const found = answer.groups[0]!;
    if (found.errorCode !== errorCode.GROUP_ID_NOT_FOUND || otherProtocol.test(found.errorMessage ?? '')) {
      expectNone(found.errorCode, `group ${group}`, found.errorMessage);
    }
    return {
      group,
      state: found.groupState || 'Dead',
      coordinator,
      protocolType: found.protocolType,
      protocol: found.protocolData,
      members: found.members.map(member => ({
        memberId: member.memberId,
        instanceId: member.groupInstanceId,
        clientId: member.clientId,
        host: member.clientHost.replace(/^\//, ''),
        assignment: found.protocolType === consumerProtocolType ? assignmentOf(member.memberAssignment) : [],
      })),
    };
  });
}

/** What cannot be read as an assignment is somebody else's protocol, and shown as none. */
function assignmentOf(bytes: Uint8Array): TopicPartition[] {
  try {
    return decodeAssignment(bytes).assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map(partition => ({ topic, partition })),
    );
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

/** Deletes a group and its offsets. NON_EMPTY_GROUP while it has members, GROUP_ID_NOT_FOUND when there is none. */
export function deleteGroup(cluster: Cluster, group: string): Promise<void> {
  return onCoordinator(cluster, group, async connection => {
    const answer = await connection.call(DeleteGroupsRequest, DeleteGroupsResponse, { groupsNames: [group] });
    expectNone(answer.results[0]!.errorCode, `group ${group}`);
  });
}

/** Deletes committed offsets; the code of each partition, 0 where it was done. Live groups refuse subscribed topics. */
export function deleteOffsets(
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<PartitionMap<number>> {
  return onCoordinator(cluster, group, async connection => {
    const answer = await connection.call(OffsetDeleteRequest, OffsetDeleteResponse, {
      groupId: group,
      topics: [...groupBy(partitions, at => at.topic)].map(([name, some]) => ({
        name,
        partitions: some.map(({ partition }) => ({ partitionIndex: partition })),
      })),
    });
    expectNone(answer.errorCode, `group ${group}`);
    const codes = new PartitionMap<number>();
    for (const { name, partitions: answered } of answer.topics) {
      for (const { partitionIndex, errorCode: code } of answered) codes.set(name, partitionIndex, code);
    }
    return codes;
  });
}
