// ListPartitionReassignments, key 46, versions 0.
// Partitions whose replicas are being moved (KIP-455). Null topics ask for all.
import { array, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const ListPartitionReassignmentsRequest = message({
  name: 'ListPartitionReassignmentsRequest',
  key: 46,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    timeoutMs: int32.or(60000),
    topics: array(
      struct({
        name: string,
        partitionIndexes: array(int32),
      }),
    )
      .nullable()
      .or(null),
  },
});
export type ListPartitionReassignmentsRequest = Infer<typeof ListPartitionReassignmentsRequest>;

export const ListPartitionReassignmentsResponse = message({
  name: 'ListPartitionReassignmentsResponse',
  key: 46,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    throttleTimeMs: int32.or(0),
    errorCode: int16,
    errorMessage: string.nullable(),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            replicas: array(int32),
            addingReplicas: array(int32),
            removingReplicas: array(int32),
          }),
        ),
      }),
    ),
  },
});
export type ListPartitionReassignmentsResponse = Infer<typeof ListPartitionReassignmentsResponse>;
