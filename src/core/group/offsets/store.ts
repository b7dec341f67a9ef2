// The committed offsets of all groups of one partition of __consumer_offsets: what clients ask of them, and replay.
import { type Uuid, zeroUuid } from '../../../base/uuid.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import type { ConsumerOffsetsRecord } from '../../../protocol/records/consumer-offsets.ts';
import type { ProducerStamp } from '../../coordinator/machine.ts';
import type { Timeline } from '../../coordinator/timeline.ts';
import type { Slot } from '../../coordinator/turn.ts';
import type {
  DeletedTopic,
  FetchedOffset,
  GroupSettings,
  OffsetCommitAsk,
  OffsetCommitReply,
  OffsetDeleteAsk,
  OffsetDeleteReply,
  OffsetFetchAsk,
  OffsetFetchReply,
} from '../asks.ts';
import { noExpireTimestamp, type OffsetValue } from './columns.ts';
import { expiredOffsets, offsetsOfDeletedTopics, type SweptState } from './expiry.ts';
import type { GroupsView, GroupTurn } from './groups-view.ts';
import { PendingOffsets } from './pending.ts';
import { offsetRecord, offsetTombstone } from './records.ts';
import { Sweeps } from './sweeps.ts';
import { OffsetTable, type Reading } from './table.ts';

export type OffsetRecord = Extract<ConsumerOffsetsRecord, { type: 'offsetCommit' | 'legacyOffsetCommit' }>;

/** What a request says that does not want a retention of its own. */
const noRetentionTime = -1n;
const noLeaderEpoch = -1;
const expiryTimer = 'offsets expiry';

export class OffsetStore {
  private readonly settings: GroupSettings;
  private readonly groups: GroupsView;
  private readonly table: OffsetTable;
  private readonly pending: PendingOffsets;
  private readonly sweeps: Sweeps;
  private readonly state: SweptState;

  constructor(timeline: Timeline, settings: GroupSettings, groups: GroupsView) {
    this.settings = settings;
    this.groups = groups;
    this.table = new OffsetTable(timeline);
    this.pending = new PendingOffsets(timeline);
    this.state = { groups, table: this.table, pending: this.pending };
    this.sweeps = new Sweeps((turn, groupId) => {
      if (!this.hasOffsets(groupId)) groups.deleteIfEmpty(turn, groupId);
    });
  }

  /** From the machine's `loaded`: starts the timer that looks for expired offsets. */
  loaded(turn: GroupTurn): void {
    turn.schedule(expiryTimer, this.settings.offsetsRetentionCheckIntervalMs, next => {
      this.sweeps.start(next, expiredOffsets(this.state, next.nowMs, this.settings.offsetsRetentionMs));
      this.loaded(next);
    });
  }

  /** An error of the request as a whole is told for each partition. */
  commit(turn: GroupTurn, slot: Slot<OffsetCommitReply>, ask: OffsetCommitAsk): void {
    const { groupId, partitions } = ask;
    const error = this.validateCommit(turn, ask);
    if (error !== 'NONE') {
      turn.answer(slot, { errors: partitions.map(() => error) });
      return;
    }
    const commitTimestamp = turn.nowMs;
    const expireTimestamp = expireTimestampOf(ask.retentionTimeMs, commitTimestamp);
    const errors = partitions.map(({ topic, topicId, partition, offset, leaderEpoch, metadata }): ErrorName => {
      // Kafka counts what Java calls the length of a string: UTF-16 units, in spite of the setting's name.
      if (metadata !== null && metadata.length > this.settings.offsetMetadataMaxBytes) {
        return 'OFFSET_METADATA_TOO_LARGE';
      }
      const value = { offset, leaderEpoch, metadata: metadata ?? '', commitTimestamp, expireTimestamp, topicId };
      turn.append(offsetRecord(groupId, topic, partition, value));
      return 'NONE';
    });
    turn.answer(slot, { errors });
  }

  /** Committed state; with `requireStable` the current one, for an answer in a turn that waits for it. */
  fetch(ask: OffsetFetchAsk): OffsetFetchReply {
    const { groupId } = ask;
    const reading = ask.requireStable ? 'current' : 'committed';
    const partitions = ask.partitions ?? this.everyPartition(groupId, reading);
    return { error: 'NONE', partitions: partitions.map(wanted => this.fetched(groupId, wanted, reading)) };
  }

  delete(turn: GroupTurn, slot: Slot<OffsetDeleteReply>, { groupId, partitions }: OffsetDeleteAsk): void {
    const error = this.groups.validateOffsetDelete(groupId);
    if (error !== 'NONE') {
      turn.answer(slot, { error, errors: [] });
      return;
    }
    const errors = partitions.map(({ topic, partition }): ErrorName => {
      if (this.groups.isSubscribed(groupId, topic)) return 'GROUP_SUBSCRIBED_TO_TOPIC';
      const there = this.table.find(groupId, topic, partition, 'current') !== undefined;
      if (there || this.pending.has(groupId, topic, partition)) turn.append(offsetTombstone(groupId, topic, partition));
      return 'NONE';
    });
    turn.answer(slot, { error, errors });
  }

  /** Tombstones for everything the group has, pending transactions included: it is being deleted. */
  deleteAll(turn: GroupTurn, groupId: string): void {
    for (const { topic, partition } of this.everyPartition(groupId, 'current')) {
      turn.append(offsetTombstone(groupId, topic, partition));
      turn.divide();
    }
    for (const { topic, partition } of this.pending.ofGroup(groupId)) {
      if (this.table.find(groupId, topic, partition, 'current') !== undefined) continue;
      turn.append(offsetTombstone(groupId, topic, partition));
      turn.divide();
    }
  }

  /** Offsets of deleted topics go, a part per turn. */
  topicsDeleted(turn: GroupTurn, topics: readonly DeletedTopic[]): void {
    this.sweeps.start(turn, offsetsOfDeletedTopics(this.state, topics));
  }

  replay(record: OffsetRecord, offset: bigint, transaction: ProducerStamp | undefined): void {
    const { group: groupId, topic, partition } = record.key;
    const value = replayedValue(record);
    if (value === null) {
      this.table.remove(groupId, topic, partition);
      this.pending.remove(groupId, topic, partition);
    } else if (transaction === undefined) {
      if (this.table.put(groupId, topic, partition, value, offset)) this.groups.offsetReplayed(groupId);
    } else {
      const { producerId } = transaction;
      this.pending.put({ producerId, groupId, topic, partition, value, recordOffset: offset });
      this.groups.offsetReplayed(groupId);
    }
  }

  /** Of two commits the one that is later in the log counts, whenever its transaction ended. */
  endTransaction({ producerId }: ProducerStamp, committed: boolean): void {
    for (const { groupId, topic, partition, value, recordOffset } of this.pending.end(producerId)) {
      if (!committed) continue;
      const slot = this.table.find(groupId, topic, partition, 'current');
      if (slot !== undefined && this.table.columns.recordOffset(slot) >= recordOffset) continue;
      if (this.table.put(groupId, topic, partition, value, recordOffset)) this.groups.offsetReplayed(groupId);
    }
  }

  /** Current state, pending transactions included. */
  hasOffsets(groupId: string): boolean {
    return this.table.count(groupId) > 0 || this.pending.hasGroup(groupId);
  }

  private validateCommit(turn: GroupTurn, ask: OffsetCommitAsk): ErrorName {
    const error = this.groups.validateCommit(turn, ask);
    // Who is no member of anything makes the group by committing to it.
    return error === 'GROUP_ID_NOT_FOUND' && ask.generationId < 0 ? 'NONE' : error;
  }

  private everyPartition(groupId: string, reading: Reading): WantedOffset[] {
    const wanted: WantedOffset[] = [];
    for (const topic of this.table.topics(groupId)) {
      for (const [partition] of this.table.partitions(groupId, topic, reading)) {
        wanted.push({ topic, topicId: zeroUuid, partition });
      }
    }
    return wanted;
  }

  private fetched(groupId: string, { topic, topicId, partition }: WantedOffset, reading: Reading): FetchedOffset {
    if (reading === 'current' && this.pending.has(groupId, topic, partition)) {
      return noOffset(topic, partition, 'UNSTABLE_OFFSET_COMMIT');
    }
    const slot = this.table.find(groupId, topic, partition, reading);
    const { columns } = this.table;
    if (slot === undefined || mismatch(columns.topicId(slot), topicId)) return noOffset(topic, partition, 'NONE');
    return {
      topic,
      partition,
      offset: columns.offset(slot),
      leaderEpoch: columns.leaderEpoch(slot),
      metadata: columns.metadataOf(slot),
      error: 'NONE',
    };
  }
}

interface WantedOffset {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
}

/** An offset of an earlier topic of the same name; not known of records and requests without ids. */
function mismatch(stored: Uuid, wanted: Uuid): boolean {
  return stored !== zeroUuid && wanted !== zeroUuid && stored !== wanted;
}

function noOffset(topic: string, partition: number, error: ErrorName): FetchedOffset {
  return { topic, partition, offset: -1n, leaderEpoch: noLeaderEpoch, metadata: '', error };
}

/** The sum wraps as Java's does: a client may ask for all the time there is. */
function expireTimestampOf(retentionTimeMs: bigint, nowMs: bigint): bigint {
  if (retentionTimeMs === noRetentionTime) return noExpireTimestamp;
  return BigInt.asIntN(64, nowMs + retentionTimeMs);
}

function replayedValue(record: OffsetRecord): OffsetValue | null {
  if (record.value === null) return null;
  if (record.type === 'offsetCommit') return record.value.data;
  const { offset, metadata, commitTimestamp } = record.value.data;
  return {
    offset,
    leaderEpoch: noLeaderEpoch,
    metadata,
    commitTimestamp,
    expireTimestamp: noExpireTimestamp,
    topicId: zeroUuid,
  };
}
