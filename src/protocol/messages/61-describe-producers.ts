// DescribeProducers, key 61, versions 0.
// Producer state of partitions, for finding hanging transactions (KIP-664).
import { array, type Infer, int16, int32, int64, message, string, struct } from '../schema.ts';

export const DescribeProducersRequest = message({
  name: 'DescribeProducersRequest',
  key: 61,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    topics: array(
      struct({
        name: string,
        partitionIndexes: array(int32),
      }),
    ),
  },
});
export type DescribeProducersRequest = Infer<typeof DescribeProducersRequest>;

export const DescribeProducersResponse = message({
  name: 'DescribeProducersResponse',
  key: 61,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    throttleTimeMs: int32.or(0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            errorMessage: string.nullable().or(null),
            activeProducers: array(
              struct({
                producerId: int64,
                producerEpoch: int32,
                lastSequence: int32.or(-1),
                lastTimestamp: int64.or(-1n),
                coordinatorEpoch: int32,
                currentTxnStartOffset: int64.or(-1n),
              }),
            ),
          }),
        ),
      }),
    ),
  },
});
export type DescribeProducersResponse = Infer<typeof DescribeProducersResponse>;
