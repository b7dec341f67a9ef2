// The committed offsets of all groups of one partition of __consumer_offsets.
import type { ConsumerOffsetsRecord } from '../../../protocol/records/consumer-offsets.ts';
import type { ProducerStamp } from '../../coordinator/machine.ts';
import type { Timeline } from '../../coordinator/timeline.ts';
import type { Slot } from '../../coordinator/turn.ts';
import type {
  DeletedTopic,
  GroupSettings,
  OffsetCommitAsk,
  OffsetCommitReply,
  OffsetDeleteAsk,
  OffsetDeleteReply,
  OffsetFetchAsk,
  OffsetFetchReply,
} from '../asks.ts';
import type { GroupsView, GroupTurn } from './groups-view.ts';

export type OffsetRecord = Extract<ConsumerOffsetsRecord, { type: 'offsetCommit' | 'legacyOffsetCommit' }>;

export class OffsetStore {
  readonly timeline: Timeline;
  readonly settings: GroupSettings;
  readonly groups: GroupsView;

  constructor(timeline: Timeline, settings: GroupSettings, groups: GroupsView) {
    this.timeline = timeline;
    this.settings = settings;
    this.groups = groups;
  }

  /** From the machine's `loaded`: starts the timer that looks for expired offsets. */
  loaded(_turn: GroupTurn): void {
    notYet();
  }

  commit(_turn: GroupTurn, _slot: Slot<OffsetCommitReply>, _ask: OffsetCommitAsk): void {
    notYet();
  }

  /** Committed state; with `requireStable` the current one, for an answer in a turn that waits for it. */
  fetch(_ask: OffsetFetchAsk): OffsetFetchReply {
    return notYet();
  }

  delete(_turn: GroupTurn, _slot: Slot<OffsetDeleteReply>, _ask: OffsetDeleteAsk): void {
    notYet();
  }

  /** Tombstones for everything the group has, pending transactions included: it is being deleted. */
  deleteAll(_turn: GroupTurn, _groupId: string): void {
    notYet();
  }

  /** Offsets of deleted topics go, a part per turn. */
  topicsDeleted(_turn: GroupTurn, _topics: readonly DeletedTopic[]): void {
    notYet();
  }

  replay(_record: OffsetRecord, _offset: bigint, _transaction: ProducerStamp | undefined): void {
    notYet();
  }

  endTransaction(_transaction: ProducerStamp, _committed: boolean): void {
    notYet();
  }

  /** Current state, pending transactions included. */
  hasOffsets(_groupId: string): boolean {
    return notYet();
  }
}

function notYet(): never {
  throw new Error('the store of offsets is being written');
}
