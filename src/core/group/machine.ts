// The group coordinator's machine: the groups of one partition of __consumer_offsets, their members and their offsets.
import type { ErrorName } from '../../protocol/errors.ts';
import {
  type ConsumerOffsetsRecord,
  type ConsumerOffsetsRecordInit,
  consumerOffsetsCodec,
} from '../../protocol/records/consumer-offsets.ts';
import type { Machine, MachineKind, ProducerStamp } from '../coordinator/machine.ts';
import type { Timeline } from '../coordinator/timeline.ts';
import type { Slot, Turn } from '../coordinator/turn.ts';
import type {
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

export type GroupRecord = ConsumerOffsetsRecord;
export type GroupRecordInit = ConsumerOffsetsRecordInit;
export type GroupTurn = Turn<GroupRecordInit>;

export function groupMachineKind(settings: GroupSettings): MachineKind<GroupMachine, GroupRecordInit, GroupRecord> {
  return {
    name: 'group coordinator',
    create: timeline => new GroupMachine(timeline, settings),
    encode: consumerOffsetsCodec.encode,
    decode: consumerOffsetsCodec.decode,
  };
}

export class GroupMachine implements Machine<GroupRecordInit, GroupRecord> {
  readonly timeline: Timeline;
  readonly settings: GroupSettings;

  constructor(timeline: Timeline, settings: GroupSettings) {
    this.timeline = timeline;
    this.settings = settings;
  }

  replay(_record: GroupRecord, _offset: bigint, _transaction: ProducerStamp | undefined): void {
    notYet();
  }

  endTransaction(_transaction: ProducerStamp, _committed: boolean): void {
    notYet();
  }

  loaded(_turn: GroupTurn): void {
    notYet();
  }

  unloaded(): void {
    notYet();
  }

  join(_turn: GroupTurn, _slot: Slot<JoinReply>, _ask: JoinAsk): void {
    notYet();
  }

  sync(_turn: GroupTurn, _slot: Slot<SyncReply>, _ask: SyncAsk): void {
    notYet();
  }

  heartbeat(_turn: GroupTurn, _slot: Slot<ErrorName>, _ask: HeartbeatAsk): void {
    notYet();
  }

  leave(_turn: GroupTurn, _slot: Slot<LeaveReply>, _ask: LeaveAsk): void {
    notYet();
  }

  commitOffsets(_turn: GroupTurn, _slot: Slot<OffsetCommitReply>, _ask: OffsetCommitAsk): void {
    notYet();
  }

  deleteOffsets(_turn: GroupTurn, _slot: Slot<OffsetDeleteReply>, _ask: OffsetDeleteAsk): void {
    notYet();
  }

  /** Errors in the order of the ids. */
  deleteGroups(_turn: GroupTurn, _slot: Slot<readonly ErrorName[]>, _groupIds: readonly string[]): void {
    notYet();
  }

  /** Their offsets go. */
  topicsDeleted(_turn: GroupTurn, _names: readonly string[]): void {
    notYet();
  }

  fetchOffsets(_ask: OffsetFetchAsk): OffsetFetchReply {
    return notYet();
  }

  /** GROUP_ID_NOT_FOUND with a message and state Dead for one that is not there: versions below 6 answer it as no error. */
  describe(_groupId: string): DescribedGroup {
    return notYet();
  }

  /** Unfiltered: the server applies the filters of states and types, as Kafka does without regard to case. */
  list(): readonly ListedGroup[] {
    return notYet();
  }
}

function notYet(): never {
  throw new Error('the group machine is being written');
}
