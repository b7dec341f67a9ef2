// Produce, key 0, versions 3-13.
// Record batches to append, one per partition. The data plane answers it; this schema serves the CLI and tests.
// Apache Kafka advertises 0-13 although 3 is the first it decodes (KAFKA-18659: old librdkafka checks for 0).
// 3: transactional id, record batch v2 only   5: log start offset   7: zstd   8: per-record errors (KIP-467)
// 9: flexible   10: current leader and node endpoints (KIP-951)   12: transactions without AddPartitionsToTxn (KIP-890)
// 13: topic ids (KIP-516)
import { array, type Infer, int16, int32, int64, message, records, string, struct, uuid } from '../schema.ts';

export const ProduceRequest = message({
  name: 'ProduceRequest',
  key: 0,
  min: 3,
  max: 13,
  flexibleFrom: 9,
  fields: {
    transactionalId: string.nullable().or(null),
    acks: int16,
    timeoutMs: int32,
    topicData: array(
      struct({
        name: string.until(12).or('').ignorable(),
        topicId: uuid.since(13).ignorable(),
        partitionData: array(
          struct({
            index: int32,
            records: records.nullable(),
          }),
        ),
      }),
    ),
  },
});
export type ProduceRequest = Infer<typeof ProduceRequest>;

export const ProduceResponse = message({
  name: 'ProduceResponse',
  key: 0,
  min: 3,
  max: 13,
  flexibleFrom: 9,
  fields: {
    responses: array(
      struct({
        name: string.until(12).or('').ignorable(),
        topicId: uuid.since(13).ignorable(),
        partitionResponses: array(
          struct({
            index: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: int64.or(-1n).ignorable(),
            logStartOffset: int64.since(5).or(-1n).ignorable(),
            recordErrors: array(
              struct({
                batchIndex: int32,
                batchIndexErrorMessage: string.nullable().or(null),
              }),
            )
              .since(8)
              .ignorable(),
            errorMessage: string.since(8).nullable().or(null).ignorable(),
            currentLeader: struct({
              leaderId: int32.or(-1),
              leaderEpoch: int32.or(-1),
            })
              .since(10)
              .tag(0),
          }),
        ),
      }),
    ),
    throttleTimeMs: int32.or(0).ignorable(),
    nodeEndpoints: array(
      struct({
        nodeId: int32,
        host: string,
        port: int32,
        rack: string.nullable().or(null),
      }),
    )
      .since(10)
      .tag(0),
  },
});
export type ProduceResponse = Infer<typeof ProduceResponse>;
