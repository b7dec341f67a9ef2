// .
import { array, type Infer, int32, int64, message, string, struct, uuid } from '../schema.ts';

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
