/** A machine that keeps nothing but offsets; the groups are what the test says they are. */
import { type Uuid, zeroUuid } from '../../src/base/uuid.ts';
import type { Machine, MachineKind, ProducerStamp } from '../../src/core/coordinator/machine.ts';
import type { Timeline } from '../../src/core/coordinator/timeline.ts';
import type { GroupSettings, OffsetCommitAsk, OffsetCommitReply, OffsetFetchAsk } from '../../src/core/group/asks.ts';
import type { GroupsView, GroupTurn, RetentionStart } from '../../src/core/group/offsets/groups-view.ts';
import { OffsetStore } from '../../src/core/group/offsets/store.ts';
import type { ErrorName } from '../../src/protocol/errors.ts';
import {
  type ConsumerOffsetsRecord,
  type ConsumerOffsetsRecordInit,
  consumerOffsetsCodec,
} from '../../src/protocol/records/consumer-offsets.ts';
import { HandDriven } from './turn.ts';

export const minuteMs = 60_000;
export const retentionMs = 7 * 24 * 60 * minuteMs;
export const checkIntervalMs = 10 * minuteMs;

export const settings: GroupSettings = {
  maxSize: 2 ** 31 - 1,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 0,
  offsetMetadataMaxBytes: 4096,
  offsetsRetentionMs: BigInt(retentionMs),
  offsetsRetentionCheckIntervalMs: checkIntervalMs,
};

interface FakeGroup {
  commitError: ErrorName;
  deleteError: ErrorName;
  subscribed: Set<string>;
  start: RetentionStart;
}

export class FakeGroups implements GroupsView {
  readonly groups = new Map<string, FakeGroup>();
  readonly deleted: string[] = [];

  set(groupId: string, group: Partial<FakeGroup> = {}): void {
    const none = { commitError: 'NONE', deleteError: 'NONE', subscribed: new Set<string>(), start: { kind: 'commit' } };
    this.groups.set(groupId, { ...(none as FakeGroup), ...group });
  }

  validateCommit(_turn: GroupTurn, ask: OffsetCommitAsk): ErrorName {
    return this.groups.get(ask.groupId)?.commitError ?? 'GROUP_ID_NOT_FOUND';
  }

  validateOffsetDelete(groupId: string): ErrorName {
    return this.groups.get(groupId)?.deleteError ?? 'GROUP_ID_NOT_FOUND';
  }

  isSubscribed(groupId: string, topic: string): boolean {
    return this.groups.get(groupId)?.subscribed.has(topic) === true;
  }

  retentionStart(groupId: string): RetentionStart {
    return this.groups.get(groupId)?.start ?? { kind: 'commit' };
  }

  groupIds(): Iterable<string> {
    return this.groups.keys();
  }

  deleteIfEmpty(_turn: GroupTurn, groupId: string): void {
    this.groups.delete(groupId);
    this.deleted.push(groupId);
  }

  offsetReplayed(groupId: string): void {
    if (!this.groups.has(groupId)) this.set(groupId);
  }
}

export class OffsetsMachine implements Machine<ConsumerOffsetsRecordInit, ConsumerOffsetsRecord> {
  readonly timeline: Timeline;
  readonly groups: FakeGroups;
  readonly offsets: OffsetStore;

  constructor(timeline: Timeline, groups: FakeGroups) {
    this.timeline = timeline;
    this.groups = groups;
    this.offsets = new OffsetStore(timeline, settings, groups);
  }

  replay(record: ConsumerOffsetsRecord, offset: bigint, transaction: ProducerStamp | undefined): void {
    if (record.type !== 'offsetCommit' && record.type !== 'legacyOffsetCommit') throw new Error(record.type);
    this.offsets.replay(record, offset, transaction);
  }

  endTransaction(transaction: ProducerStamp, committed: boolean): void {
    this.offsets.endTransaction(transaction, committed);
  }

  loaded(turn: GroupTurn): void {
    this.offsets.loaded(turn);
  }

  unloaded(): void {}
}

export type DrivenOffsets = HandDriven<OffsetsMachine, ConsumerOffsetsRecordInit, ConsumerOffsetsRecord>;

export function drivenOffsets(groups = new FakeGroups()): { driven: DrivenOffsets; groups: FakeGroups } {
  const kind: MachineKind<OffsetsMachine, ConsumerOffsetsRecordInit, ConsumerOffsetsRecord> = {
    name: 'offsets alone',
    create: timeline => new OffsetsMachine(timeline, groups),
    encode: consumerOffsetsCodec.encode,
    decode: consumerOffsetsCodec.decode,
  };
  return { driven: new HandDriven(kind), groups };
}

export interface PartitionCommit {
  readonly topic?: string;
  readonly topicId?: Uuid;
  readonly partition?: number;
  readonly offset?: bigint;
  readonly leaderEpoch?: number;
  readonly metadata?: string | null;
}

/** By a simple consumer, unless `ask` says otherwise. */
export function commitAsk(
  groupId: string,
  partitions: readonly PartitionCommit[],
  ask: Partial<OffsetCommitAsk> = {},
): OffsetCommitAsk {
  return {
    groupId,
    memberId: '',
    groupInstanceId: null,
    generationId: -1,
    retentionTimeMs: -1n,
    partitions: partitions.map(partition => ({
      topic: 'orders',
      topicId: zeroUuid,
      partition: 0,
      offset: 0n,
      leaderEpoch: -1,
      metadata: '',
      ...partition,
    })),
    ...ask,
  };
}

export function fetchAsk(groupId: string, ask: Partial<OffsetFetchAsk> = {}): OffsetFetchAsk {
  return { groupId, memberId: null, memberEpoch: -1, partitions: null, requireStable: false, ...ask };
}

/** 'topic-partition@offset' of everything the group has. */
export function offsetsOf(driven: DrivenOffsets, groupId: string, requireStable = false): string[] {
  const { partitions } = driven.machine.offsets.fetch(fetchAsk(groupId, { requireStable }));
  return partitions.map(({ topic, partition, offset, error }) => {
    return `${topic}-${partition}@${error === 'NONE' ? offset : error}`;
  });
}

export const commit = (driven: DrivenOffsets, ask: OffsetCommitAsk) =>
  driven.ask<OffsetCommitReply>((machine, turn, slot) => machine.offsets.commit(turn, slot, ask));
