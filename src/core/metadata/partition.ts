// How partition records become a partition's state, and back.
import { type Uuid, unassignedDirectory } from '../../base/uuid.ts';
import type { PartitionImage } from './image.ts';
import type { DataOf } from './records.ts';

/** `leader` of a PartitionChangeRecord that does not touch the leader. */
export const noLeaderChange = -2;
/** `leaderRecoveryState` of a PartitionChangeRecord that does not touch it. */
export const noRecoveryChange = -1;

export function newPartition(data: DataOf<'partition'>): PartitionImage {
  return {
    index: data.partitionId,
    replicas: data.replicas,
    directories: data.directories.length > 0 ? data.directories : data.replicas.map(() => unassignedDirectory),
    isr: data.isr,
    removingReplicas: data.removingReplicas,
    addingReplicas: data.addingReplicas,
    elr: data.eligibleLeaderReplicas ?? [],
    lastKnownElr: data.lastKnownElr ?? [],
    leader: data.leader,
    leaderRecoveryState: data.leaderRecoveryState,
    leaderEpoch: data.leaderEpoch,
    partitionEpoch: data.partitionEpoch,
  };
}

/** Null fields leave things as they are; naming a leader bumps the leader epoch even if it is the same one. */
export function changedPartition(before: PartitionImage, data: DataOf<'partitionChange'>): PartitionImage {
  const replicas = data.replicas ?? before.replicas;
  const elects = data.leader !== noLeaderChange;
  return {
    index: before.index,
    replicas,
    directories: data.directories ?? directoriesFor(replicas, before),
    isr: data.isr ?? before.isr,
    removingReplicas: data.removingReplicas ?? before.removingReplicas,
    addingReplicas: data.addingReplicas ?? before.addingReplicas,
    elr: data.eligibleLeaderReplicas ?? before.elr,
    lastKnownElr: data.lastKnownElr ?? before.lastKnownElr,
    leader: elects ? data.leader : before.leader,
    leaderRecoveryState:
      data.leaderRecoveryState === noRecoveryChange ? before.leaderRecoveryState : data.leaderRecoveryState,
    leaderEpoch: elects ? before.leaderEpoch + 1 : before.leaderEpoch,
    partitionEpoch: before.partitionEpoch + 1,
  };
}

// A replica that stays keeps its directory; a new one has none yet.
function directoriesFor(replicas: readonly number[], before: PartitionImage): readonly Uuid[] {
  if (replicas === before.replicas) return before.directories;
  return replicas.map(replica => before.directories[before.replicas.indexOf(replica)] ?? unassignedDirectory);
}
