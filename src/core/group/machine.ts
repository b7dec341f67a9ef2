// The group coordinator's machine: the groups of one partition of __consumer_offsets, their members and their offsets.
import type { ErrorName } from '../../protocol/errors.ts';
import { consumerOffsetsCodec } from '../../protocol/records/consumer-offsets.ts';
import { OffsetCommitDecoder } from '../../protocol/records/offset-commit-decoder.ts';
import { encodeOffsetCommit } from '../../protocol/records/offset-commit-encoder.ts';
import type { Machine, MachineKind, ProducerStamp } from '../coordinator/machine.ts';
import type { Timeline } from '../coordinator/timeline.ts';
import type { Slot } from '../coordinator/turn.ts';
import type {
  DeletedTopic,
  DescribedGroup,
  GroupSettings,
  HeartbeatAsk,
  JoinAsk,
  JoinReply,
  LeaveAsk,
  LeaveReply,
  ListedGroup,
  OffsetCommitAsk,
  OffsetCommitReply,
  OffsetDeleteAsk,
  OffsetDeleteReply,
  OffsetFetchAsk,
  OffsetFetchReply,
  SyncAsk,
  SyncReply,
} from './asks.ts';
import { deleteGroup } from './delete.ts';
import { describe, list } from './describe.ts';
import { Groups } from './groups.ts';
import { heartbeat } from './heartbeat.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import { OffsetStore } from './offsets/store.ts';
import { OffsetsView } from './offsets-view.ts';
import { prepareRebalance } from './rebalance.ts';
import type { GroupRecord, GroupRecordInit, GroupTurn } from './records.ts';
import { resetSession } from './sessions.ts';
import { StoredGroups } from './stored-groups.ts';
import { sync } from './sync.ts';

export type { GroupRecord, GroupRecordInit, GroupTurn } from './records.ts';

export function groupMachineKind(settings: GroupSettings): MachineKind<GroupMachine, GroupRecordInit, GroupRecord> {
  const offsets = new OffsetCommitDecoder();
  return {
    name: 'group coordinator',
    create: timeline => new GroupMachine(timeline, settings),
    encode: record => encodeOffsetCommit(record) ?? consumerOffsetsCodec.encode(record),
    decode: consumerOffsetsCodec.decode,
    decodeInPlace: place => offsets.decode(place),
  };
}

export class GroupMachine implements Machine<GroupRecordInit, GroupRecord> {
  private readonly groups: Groups;
  private readonly offsets: OffsetStore;

  constructor(timeline: Timeline, settings: GroupSettings) {
    this.groups = new Groups(new StoredGroups(timeline), settings);
    this.offsets = new OffsetStore(timeline, settings, new OffsetsView(this.groups));
  }

  replay(record: GroupRecord, offset: bigint, transaction: ProducerStamp | undefined): void {
    if (record.type === 'offsetCommit' || record.type === 'legacyOffsetCommit') {
      this.offsets.replay(record, offset, transaction);
      return;
    }
    const buried = this.groups.stored.replay(record);
    // Offsets are not lost with the group they were found in: no coordinator deletes one before the other.
    if (buried !== undefined && this.offsets.hasOffsets(buried)) this.groups.stored.offsetCommitted(buried);
  }

  endTransaction(transaction: ProducerStamp, committed: boolean): void {
    this.offsets.endTransaction(transaction, committed);
  }

  /** Members are given a whole session from here on. */
  loaded(turn: GroupTurn): void {
    this.groups.loadedAtMs = turn.nowMs;
    for (const [groupId, stored] of this.groups.stored.entries()) {
      if (stored.kind !== 'classic' || stored.metadata === null || stored.metadata.members.length === 0) continue;
      const group = this.groups.find(groupId)!;
      for (const member of group.members.values()) resetSession(this.groups, turn, group, member);
      // The limit may have been lowered: the last ones to join again are refused.
      if (group.members.size > this.groups.settings.maxSize) prepareRebalance(this.groups, turn, group);
    }
    this.offsets.loaded(turn);
  }

  unloaded(): void {
    this.groups.clear();
  }

  join(turn: GroupTurn, slot: Slot<JoinReply>, ask: JoinAsk): void {
    join(this.groups, turn, slot, ask);
  }

  sync(turn: GroupTurn, slot: Slot<SyncReply>, ask: SyncAsk): void {
    sync(this.groups, turn, slot, ask);
  }

  heartbeat(turn: GroupTurn, slot: Slot<ErrorName>, ask: HeartbeatAsk): void {
    heartbeat(this.groups, turn, slot, ask);
  }

  leave(turn: GroupTurn, slot: Slot<LeaveReply>, ask: LeaveAsk): void {
    leave(this.groups, turn, slot, ask);
  }

  commitOffsets(turn: GroupTurn, slot: Slot<OffsetCommitReply>, ask: OffsetCommitAsk): void {
    this.offsets.commit(turn, slot, ask);
  }

  deleteOffsets(turn: GroupTurn, slot: Slot<OffsetDeleteReply>, ask: OffsetDeleteAsk): void {
    this.offsets.delete(turn, slot, ask);
  }

  /** Errors in the order of the ids. */
  deleteGroups(turn: GroupTurn, slot: Slot<readonly ErrorName[]>, groupIds: readonly string[]): void {
    const errors = new Map<string, ErrorName>();
    for (const groupId of groupIds) {
      if (!errors.has(groupId)) errors.set(groupId, deleteGroup(this.groups, this.offsets, turn, groupId));
      turn.divide();
    }
    turn.answer(
      slot,
      groupIds.map(groupId => errors.get(groupId)!),
    );
  }

  /** Their offsets go. */
  topicsDeleted(turn: GroupTurn, topics: readonly DeletedTopic[]): void {
    this.offsets.topicsDeleted(turn, topics);
  }

  /** Committed state; with requireStable the current one, for an answer in a turn. */
  fetchOffsets(ask: OffsetFetchAsk): OffsetFetchReply {
    return this.offsets.fetch(ask);
  }

  /** GROUP_ID_NOT_FOUND with a message and state Dead for one that is not there: versions below 6 answer it as no error. */
  describe(groupId: string): DescribedGroup {
    return describe(this.groups, groupId);
  }

  /** Unfiltered: the server applies the filters of states and types, as Kafka does without regard to case. */
  list(): readonly ListedGroup[] {
    return [...list(this.groups)];
  }
}
