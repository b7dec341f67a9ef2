// InitProducerId, key 22, versions 0-6.
// A producer id, and with a transactional id the epoch that fences its predecessors.
// 2: flexible   3: producers can bump their epoch (KIP-360)   4: PRODUCER_FENCED   5: TRANSACTION_ABORTABLE (KIP-890)
// 6: two-phase commit (KIP-939), not released
import { bool, type Infer, int16, int32, int64, message, string } from '../schema.ts';

export const InitProducerIdRequest = message({
  name: 'InitProducerIdRequest',
  key: 22,
  min: 0,
  max: 6,
  flexibleFrom: 2,
  latestUnstable: true,
  fields: {
    transactionalId: string.nullable(),
    transactionTimeoutMs: int32,
    producerId: int64.since(3).or(-1n),
    producerEpoch: int16.since(3).or(-1),
    enable2Pc: bool.since(6).or(false),
    keepPreparedTxn: bool.since(6).or(false),
  },
});
export type InitProducerIdRequest = Infer<typeof InitProducerIdRequest>;

export const InitProducerIdResponse = message({
  name: 'InitProducerIdResponse',
  key: 22,
  min: 0,
  max: 6,
  flexibleFrom: 2,
  fields: {
    throttleTimeMs: int32.or(0).ignorable(),
    errorCode: int16,
    producerId: int64.or(-1n),
    producerEpoch: int16,
    ongoingTxnProducerId: int64.since(6).or(-1n),
    ongoingTxnProducerEpoch: int16.since(6).or(-1),
  },
});
export type InitProducerIdResponse = Infer<typeof InitProducerIdResponse>;
