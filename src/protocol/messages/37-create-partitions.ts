// CreatePartitions, key 37, versions 0-3.
// Grows topics. A null assignment lets the controller choose.
// 2: flexible   3: quotas (KIP-599)
import { array, bool, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const CreatePartitionsRequest = message({
  name: 'CreatePartitionsRequest',
  key: 37,
  min: 0,
  max: 3,
  flexibleFrom: 2,
  fields: {
    topics: array(
      struct({
        name: string,
        count: int32,
        assignments: array(
          struct({
            brokerIds: array(int32),
          }),
        ).nullable(),
      }),
    ),
    timeoutMs: int32,
    validateOnly: bool,
  },
});
export type CreatePartitionsRequest = Infer<typeof CreatePartitionsRequest>;

export const CreatePartitionsResponse = message({
  name: 'CreatePartitionsResponse',
  key: 37,
  min: 0,
  max: 3,
  flexibleFrom: 2,
  fields: {
    throttleTimeMs: int32.or(0),
    results: array(
      struct({
        name: string,
        errorCode: int16,
        errorMessage: string.nullable().or(null),
      }),
    ),
  },
});
export type CreatePartitionsResponse = Infer<typeof CreatePartitionsResponse>;
