// Records of __transaction_state: one key per transactional id. Value version 1 (flexible) comes with transaction.version 2.
// Status: 0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete abort, 6 dead, 7 prepare epoch
// fence.

import { array, type Infer, int8, int16, int32, int64, message, string, struct } from '../schema.ts';
import { type CoordinatorRecord, type CoordinatorRecordInit, coordinatorCodec } from './coordinator.ts';

export const TransactionLogKey = message({
  name: 'TransactionLogKey',
  key: 0,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    transactionalId: string,
  },
});
export type TransactionLogKey = Infer<typeof TransactionLogKey>;

export const TransactionLogValue = message({
  name: 'TransactionLogValue',
  key: 0,
  min: 0,
  max: 1,
  flexibleFrom: 1,
  fields: {
    producerId: int64,
    previousProducerId: int64.since(1).tag(0).or(-1n),
    nextProducerId: int64.since(1).tag(1).or(-1n),
    producerEpoch: int16,
    nextProducerEpoch: int16.since(1).tag(3).or(-1),
    transactionTimeoutMs: int32,
    transactionStatus: int8,
    transactionPartitions: array(
      struct({
        topic: string,
        partitionIds: array(int32),
      }),
    ).nullable(),
    transactionLastUpdateTimestampMs: int64,
    transactionStartTimestampMs: int64,
    clientTransactionVersion: int16.since(1).tag(2),
  },
});
export type TransactionLogValue = Infer<typeof TransactionLogValue>;

export const transactionStateRecords = {
  transactionLog: { key: TransactionLogKey, value: TransactionLogValue },
} as const;

export type TransactionStateRecord = CoordinatorRecord<typeof transactionStateRecords>;
export type TransactionStateRecordInit = CoordinatorRecordInit<typeof transactionStateRecords>;

export const transactionStateCodec = coordinatorCodec(transactionStateRecords);
