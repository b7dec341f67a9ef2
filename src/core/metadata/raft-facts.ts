// What the metadata log says of its own quorum (KIP-595, KIP-853), in control records.
import type { Uuid } from '../../base/uuid.ts';
import type { VotersRecord } from '../../protocol/records/control.ts';

export type Voter = VotersRecord['voters'][number];

export interface RaftFacts {
  /** 0: the voters are in the configuration; 1: they are in the log. */
  readonly kraftVersion: number;
  readonly voters: readonly Voter[];
}

export const kraftVersionMax = 1;

export const noRaftFacts: RaftFacts = { kraftVersion: 0, voters: [] };

export interface ControllerEndpoint {
  /** Listener name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** A quorum whose only voter is this node, as `--standalone` formats it. */
export const standalone = (nodeId: number, directoryId: Uuid, endpoint: ControllerEndpoint): RaftFacts => ({
  kraftVersion: kraftVersionMax,
  voters: [
    {
      voterId: nodeId,
      voterDirectoryId: directoryId,
      endpoints: [{ name: endpoint.name, host: endpoint.host, port: endpoint.port }],
      kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: kraftVersionMax },
    },
  ],
});

/** Why this node cannot be the quorum all by itself; undefined when it can. */
export function quorumProblem(raft: RaftFacts, nodeId: number, directoryId: Uuid): string | undefined {
  if (raft.kraftVersion > kraftVersionMax) return `kraft.version ${raft.kraftVersion} (at most ${kraftVersionMax})`;
  if (raft.voters.length === 0) return undefined;
  const [voter] = raft.voters;
  if (raft.voters.length === 1 && voter!.voterId === nodeId && voter!.voterDirectoryId === directoryId)
    return undefined;
  const named = raft.voters.map(({ voterId, voterDirectoryId }) => `${voterId}-${voterDirectoryId}`).join(', ');
  return `a metadata quorum of ${named}, where only node ${nodeId}-${directoryId} is served`;
}
