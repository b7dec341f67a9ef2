// CreateTopics, key 19, versions 2-7.
// 2: first served   4: -1 for default partition count and replication factor (KIP-464)
// 5: flexible; the answer shows the created config (KIP-525)   6: quotas (KIP-599)   7: topic ids
import { array, bool, type Infer, int8, int16, int32, message, string, struct, uuid } from '../schema.ts';

export const CreateTopicsRequest = message({
  name: 'CreateTopicsRequest',
  key: 19,
  min: 2,
  max: 7,
  flexibleFrom: 5,
  fields: {
    topics: array(
      struct({
        name: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: array(
          struct({
            partitionIndex: int32,
            brokerIds: array(int32),
          }),
        ),
        configs: array(
          struct({
            name: string,
            value: string.nullable(),
          }),
        ),
      }),
    ),
    timeoutMs: int32.or(60000),
    validateOnly: bool.or(false),
  },
});
export type CreateTopicsRequest = Infer<typeof CreateTopicsRequest>;

export const CreateTopicsResponse = message({
  name: 'CreateTopicsResponse',
  key: 19,
  min: 2,
  max: 7,
  flexibleFrom: 5,
  fields: {
    throttleTimeMs: int32.or(0).ignorable(),
    topics: array(
      struct({
        name: string,
        topicId: uuid.since(7).ignorable(),
        errorCode: int16,
        errorMessage: string.nullable().ignorable(),
        topicConfigErrorCode: int16.since(5).tag(0).ignorable(),
        numPartitions: int32.since(5).or(-1).ignorable(),
        replicationFactor: int16.since(5).or(-1).ignorable(),
        configs: array(
          struct({
            name: string,
            value: string.nullable(),
            readOnly: bool,
            configSource: int8.or(-1).ignorable(),
            isSensitive: bool,
          }),
        )
          .since(5)
          .nullable()
          .ignorable(),
      }),
    ),
  },
});
export type CreateTopicsResponse = Infer<typeof CreateTopicsResponse>;
