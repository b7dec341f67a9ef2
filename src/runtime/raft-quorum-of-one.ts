// Raft with one voter: the node elects itself. What remains of the protocol is what it must not forget, the epoch, in
// the file quorum-state, written and synced before anything is appended in that epoch.
import { text, utf8 } from '../base/bytes.ts';
import { zeroUuid } from '../base/uuid.ts';
import type { RaftFacts } from '../core/metadata/raft-facts.ts';
import { decodeQuorumState, encodeQuorumState } from '../protocol/records/quorum-state.ts';
import type { Files } from './ports.ts';

const stateFile = 'quorum-state';
const epochsFile = 'leader-epoch-checkpoint';

export interface Leadership {
  readonly leaderEpoch: number;
  /** Wait for it before anything is appended in that epoch. */
  readonly stored: Promise<void>;
}

/** Takes up leadership in a new epoch, higher than any this node can have led or voted in. */
export async function becomeLeader(
  files: Files,
  partitionDirectory: string,
  nodeId: number,
  raft: RaftFacts,
  epochSeen: number,
): Promise<Leadership> {
  const path = `${partitionDirectory}/${stateFile}`;
  const [before, epochs] = await Promise.all([files.read(path), files.read(`${partitionDirectory}/${epochsFile}`)]);
  const stored = before === undefined ? 0 : decodeQuorumState(text(before)).state.leaderEpoch;
  const logged = lastEpoch(epochs);
  const leaderEpoch = Math.max(stored, epochSeen, logged) + 1;
  const leader = { leaderId: nodeId, leaderEpoch, votedId: -1, votedDirectoryId: zeroUuid };
  const json =
    raft.kraftVersion > 0
      ? encodeQuorumState(leader, 1)
      : encodeQuorumState({ ...leader, clusterId: '', appliedOffset: 0n, currentVoters: [{ voterId: nodeId }] }, 0);
  return { leaderEpoch, stored: files.writeAtomically(path, utf8(json)) };
}

// `version, count, then one "epoch start" a line`: a lost quorum-state must not make us reuse an epoch of the log.
function lastEpoch(checkpoint: Uint8Array | undefined): number {
  if (checkpoint === undefined) return 0;
  const epochs = text(checkpoint)
    .split('\n')
    .slice(2)
    .map(line => Number.parseInt(line, 10));
  return Math.max(0, ...epochs.filter(Number.isSafeInteger));
}
