// OffsetDelete, key 47, versions 0.
// Deletes committed offsets of a group (KIP-496). Never became flexible.
import { array, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const OffsetDeleteRequest = message({
  name: 'OffsetDeleteRequest',
  key: 47,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
          }),
        ),
      }),
    ),
  },
});
export type OffsetDeleteRequest = Infer<typeof OffsetDeleteRequest>;

export const OffsetDeleteResponse = message({
  name: 'OffsetDeleteResponse',
  key: 47,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    errorCode: int16,
    throttleTimeMs: int32.or(0).ignorable(),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
          }),
        ),
      }),
    ),
  },
});
export type OffsetDeleteResponse = Infer<typeof OffsetDeleteResponse>;
