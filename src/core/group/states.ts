// The states of a classic group. Kafka's fifth, Dead, is a group that is gone: here it is in no map any more.

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** Where a group may come from. */
const from: Readonly<Record<GroupState, readonly GroupState[]>> = {
  /** No members; lingers until its offsets have expired, or was made by commits alone. */
  Empty: ['PreparingRebalance'],
  /** JoinGroup requests are parked until everybody is here or the time is up. */
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  /** A generation began; SyncGroup requests are parked until the leader brings the assignment. */
  CompletingRebalance: ['PreparingRebalance'],
  /** The assignment is known. */
  Stable: ['CompletingRebalance'],
};

export const mayFollow = (before: GroupState, after: GroupState): boolean => from[after].includes(before);
export const canRebalance = (state: GroupState): boolean => mayFollow(state, 'PreparingRebalance');
