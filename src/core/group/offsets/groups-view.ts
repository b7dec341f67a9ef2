// What the offsets of groups must know of the groups themselves; membership implements it. All of it is current state, with
// what is not committed yet: only turns and replay ask.
import type { ErrorName } from '../../../protocol/errors.ts';
import type { ConsumerOffsetsRecordInit } from '../../../protocol/records/consumer-offsets.ts';
import type { Turn } from '../../coordinator/turn.ts';
import type { OffsetCommitAsk } from '../asks.ts';

export type GroupTurn = Turn<ConsumerOffsetsRecordInit>;

/** From when on the retention of a group's offsets counts (KIP-211). */
export type RetentionStart =
  /** They do not expire at present: the group has members whose topics are unknown, or it is rebalancing. */
  | { readonly kind: 'never' }
  /** From their own commit: simple groups, stable consumer groups, empty ones that do not say since when. */
  | { readonly kind: 'commit' }
  /** From when the group lost its last member, ms since the epoch. */
  | { readonly kind: 'empty'; readonly sinceMs: bigint };

export interface GroupsView {
  /**
   * Whether this commit may happen; NONE restarts the member's session. A group that is not there is GROUP_ID_NOT_FOUND:
   * the store lets simple consumers create it.
   */
  validateCommit(turn: GroupTurn, ask: OffsetCommitAsk): ErrorName;
  /** NONE, GROUP_ID_NOT_FOUND, or NON_EMPTY_GROUP for a group with members that is not of consumers. */
  validateOffsetDelete(groupId: string): ErrorName;
  /** Whether a member has subscribed to it; true for a consumer group whose subscriptions cannot be read. */
  isSubscribed(groupId: string, topic: string): boolean;
  retentionStart(groupId: string): RetentionStart;
  /** Every group there is; groups may come and go while it is iterated. */
  groupIds(): Iterable<string>;
  /** A group without offsets: writes its tombstone if it has no members either. */
  deleteIfEmpty(turn: GroupTurn, groupId: string): void;
  /** Replay of an offset: the group exists from here on, as a simple one if nothing else is known of it. */
  offsetReplayed(groupId: string): void;
}
