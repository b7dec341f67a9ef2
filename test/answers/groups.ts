/** Requests of consumer groups, as the suites write them. */
import type { Uuid } from '../../src/base/uuid.ts';
import { zeroUuid } from '../../src/base/uuid.ts';
import { OffsetCommitRequest } from '../../src/protocol/messages/08-offset-commit.ts';
import { OffsetFetchRequest } from '../../src/protocol/messages/09-offset-fetch.ts';
import { FindCoordinatorRequest } from '../../src/protocol/messages/10-find-coordinator.ts';
import { JoinGroupRequest } from '../../src/protocol/messages/11-join-group.ts';
import { SyncGroupRequest } from '../../src/protocol/messages/14-sync-group.ts';
import type { Init } from '../../src/protocol/schema.ts';
import { memberCalled } from './members.ts';
import { ask, type Step, step } from './suite.ts';

/** Longer than any run: no member may go because a machine was slow. The longest that is allowed, too. */
export const LONG_MS = 1_800_000;

const FIRST_WITH_REBALANCE_TIMEOUT = 1;
const FIRST_WITH_KEYS = 4;
const FIRST_WITH_GROUPS = 8;
const FIRST_WITH_LEADER_EPOCHS = 6;
export const FIRST_WITH_IDS = 10;
/** The last version in which a dynamic member is let in at once. */
export const JOIN_AT_ONCE = 3;
export const SYNC_VERSION = 3;
export const COMMIT_VERSION = 8;
export const FETCH_VERSION = 7;

export const find = (version: number, keys: readonly string[], keyType = 0): Uint8Array =>
  ask(FindCoordinatorRequest, version, {
    ...(version >= FIRST_WITH_KEYS ? { coordinatorKeys: [...keys] } : { key: keys[0] ?? '', coordinatorKeys: [] }),
    ...(version >= 1 ? { keyType } : {}),
  });

/** A subscription of version 0 to these topics (consumer protocol). */
export function subscription(...topics: readonly string[]): Uint8Array {
  const names = topics.map(topic => {
    const name = Buffer.from(topic);
    const length = Buffer.alloc(2);
    length.writeInt16BE(name.length);
    return Buffer.concat([length, name]);
  });
  const head = Buffer.alloc(6);
  head.writeInt32BE(topics.length, 2);
  return Buffer.concat([head, ...names, Buffer.from([255, 255, 255, 255])]);
}

export type JoinSpec = Partial<Init<typeof JoinGroupRequest>> & { readonly groupId: string };

export const range = { name: 'range', metadata: subscription('alpha') };
export const roundRobin = { name: 'roundrobin', metadata: subscription('alpha') };

export const join = (version: number, spec: JoinSpec): Uint8Array =>
  ask(JoinGroupRequest, version, {
    sessionTimeoutMs: LONG_MS,
    ...(version >= FIRST_WITH_REBALANCE_TIMEOUT ? { rebalanceTimeoutMs: LONG_MS } : {}),
    memberId: '',
    protocolType: 'consumer',
    protocols: [range, roundRobin],
    ...spec,
  });

export const sync = (
  version: number,
  spec: Partial<Init<typeof SyncGroupRequest>> & { readonly groupId: string },
): Uint8Array =>
  ask(SyncGroupRequest, version, {
    generationId: 1,
    memberId: '',
    ...(version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}),
    assignments: [],
    ...spec,
  });

/** Steps after which the group is stable, with one member of that name in generation 1. */
export const stable = (groupId: string, name: string, ...topics: readonly string[]): Step[] => {
  const memberId = memberCalled(name);
  const protocols = [{ name: 'range', metadata: subscription(...topics) }];
  return [
    { ...step(`${name} joins ${groupId}`, join(JOIN_AT_ONCE, { groupId, protocols })), member: name },
    step(
      `${name} is assigned`,
      sync(SYNC_VERSION, { groupId, memberId, assignments: [{ memberId, assignment: Buffer.from('mine') }] }),
    ),
  ];
};

export type Offset = {
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata?: string | null;
  readonly leaderEpoch?: number;
};

export type CommitSpec = {
  readonly groupId: string;
  readonly memberId?: string;
  readonly generation?: number;
  readonly instance?: string | null;
  readonly retentionTimeMs?: bigint;
  readonly topics: readonly { readonly name?: string; readonly id?: Uuid; readonly offsets: readonly Offset[] }[];
};

export const commit = (version: number, spec: CommitSpec): Uint8Array =>
  ask(OffsetCommitRequest, version, {
    groupId: spec.groupId,
    generationIdOrMemberEpoch: spec.generation ?? -1,
    memberId: spec.memberId ?? '',
    groupInstanceId: spec.instance ?? null,
    retentionTimeMs: spec.retentionTimeMs ?? -1n,
    topics: spec.topics.map(({ name = '', id = zeroUuid, offsets }) => ({
      name: version >= FIRST_WITH_IDS ? '' : name,
      topicId: version >= FIRST_WITH_IDS ? id : zeroUuid,
      partitions: offsets.map(({ partition, offset, metadata = '', leaderEpoch = -1 }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        ...(version >= FIRST_WITH_LEADER_EPOCHS ? { committedLeaderEpoch: leaderEpoch } : {}),
        committedMetadata: metadata,
      })),
    })),
  });

export type FetchSpec = {
  readonly groupId: string;
  readonly memberId?: string | null;
  readonly memberEpoch?: number;
  /** Null for all. */
  readonly topics:
    | readonly { readonly name?: string; readonly id?: Uuid; readonly partitions: readonly number[] }[]
    | null;
};

export function fetchOffsets(version: number, specs: readonly FetchSpec[], requireStable = false): Uint8Array {
  const stability = version >= 7 ? { requireStable } : {};
  if (version < FIRST_WITH_GROUPS) {
    const { groupId, topics } = specs[0]!;
    const named = topics?.map(({ name = '', partitions }) => ({ name, partitionIndexes: [...partitions] })) ?? null;
    return ask(OffsetFetchRequest, version, { groupId, topics: named, groups: [], ...stability });
  }
  const byId = version >= FIRST_WITH_IDS;
  return ask(OffsetFetchRequest, version, {
    groups: specs.map(({ groupId, memberId = null, memberEpoch = -1, topics }) => ({
      groupId,
      ...(version >= 9 ? { memberId, memberEpoch } : {}),
      topics:
        topics?.map(({ name = '', id = zeroUuid, partitions }) => ({
          name: byId ? '' : name,
          topicId: byId ? id : zeroUuid,
          partitionIndexes: [...partitions],
        })) ?? null,
    })),
    ...stability,
  });
}

/** Requests that have no error once the groups' coordinator exists and has loaded them. */
export const ready = (...groupIds: readonly string[]): Uint8Array[] => [
  find(0, groupIds),
  ...groupIds.map(groupId => fetchOffsets(FETCH_VERSION, [{ groupId, topics: null }])),
];
