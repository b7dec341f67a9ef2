// The file quorum-state: what a Raft node must not forget, as one JSON object with the schema's version behind its fields.
//   {"leaderId":1,"leaderEpoch":3,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}
// Version 0 belongs to kraft.version 0, version 1 to 1.
import { parseUuid, zeroUuid } from '../../base/uuid.ts';
import { isDefault } from '../codec.ts';
import { array, type Infer, type Init, int32, int64, message, string, struct, uuid } from '../schema.ts';
import { WireError } from '../wire.ts';

export const QuorumStateData = message({
  name: 'QuorumStateData',
  key: -1,
  min: 0,
  max: 1,
  flexibleFrom: 0,
  fields: {
    clusterId: string.until(0).or(''),
    leaderId: int32.or(-1),
    leaderEpoch: int32.or(-1),
    votedId: int32.or(-1),
    votedDirectoryId: uuid.since(1),
    appliedOffset: int64.until(0).or(0n),
    currentVoters: array(
      struct({
        voterId: int32,
      }),
    )
      .until(0)
      .nullable()
      .or([]),
  },
});
export type QuorumStateData = Infer<typeof QuorumStateData>;

/** Throws WireError for a field that the version cannot hold. */
export function encodeQuorumState(state: Init<typeof QuorumStateData>, version: 0 | 1): string {
  const lost =
    version === 0 ? (['votedDirectoryId'] as const) : (['clusterId', 'appliedOffset', 'currentVoters'] as const);
  for (const key of lost) {
    if (!isDefault(QuorumStateData.fields[key].life, state[key])) {
      throw new WireError(`${key} cannot be stored at version ${version}`);
    }
  }
  const { leaderId = -1, leaderEpoch = -1, votedId = -1 } = state;
  if (version === 1) {
    const { votedDirectoryId } = state;
    return JSON.stringify({ leaderId, leaderEpoch, votedId, votedDirectoryId, data_version: 1 });
  }
  return JSON.stringify({
    clusterId: state.clusterId ?? '',
    leaderId,
    leaderEpoch,
    votedId,
    appliedOffset: Number(state.appliedOffset ?? 0n),
    currentVoters: state.currentVoters ?? null,
    data_version: 0,
  });
}

/** Throws WireError for anything but what encodeQuorumState or Kafka writes. */
export function decodeQuorumState(text: string): { readonly version: 0 | 1; readonly state: QuorumStateData } {
  const json = objectIn(text);
  const version = json.data_version;
  if (version !== 0 && version !== 1) throw new WireError(`quorum state of version ${String(version)}`);
  const directory = version === 1 ? parseUuid(String(json.votedDirectoryId)) : zeroUuid;
  if (directory === undefined) throw new WireError('votedDirectoryId of the quorum state is not an id');
  const state: QuorumStateData = {
    clusterId: version === 0 && typeof json.clusterId === 'string' ? json.clusterId : '',
    leaderId: integer(json, 'leaderId'),
    leaderEpoch: integer(json, 'leaderEpoch'),
    votedId: integer(json, 'votedId'),
    votedDirectoryId: directory,
    appliedOffset: version === 0 ? BigInt(integer(json, 'appliedOffset')) : 0n,
    currentVoters: version === 0 ? votersIn(json.currentVoters) : [],
  };
  return { version, state };
}

type Json = Readonly<Record<string, unknown>>;

function objectIn(text: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new WireError('the quorum state is not JSON');
  }
  if (typeof json !== 'object' || json === null) throw new WireError('the quorum state is not an object');
  return json as Json;
}

function integer(json: Json, key: string): number {
  const value = json[key];
  if (!Number.isSafeInteger(value)) throw new WireError(`${key} of the quorum state is not an integer`);
  return value as number;
}

function votersIn(list: unknown): QuorumStateData['currentVoters'] {
  if (list === null || list === undefined) return null;
  if (!Array.isArray(list)) throw new WireError('currentVoters of the quorum state is not a list');
  return list.map(voter => ({ voterId: integer((voter ?? {}) as Json, 'voterId') }));
}
