/** Every schema of src/protocol, for tests that interpret them all. */
import { apis } from '../../src/protocol/api.ts';
import { ConsumerProtocolAssignment, ConsumerProtocolSubscription } from '../../src/protocol/consumer-protocol.ts';
import { RequestHeader, ResponseHeader } from '../../src/protocol/messages/header.ts';
import { consumerOffsetsRecords } from '../../src/protocol/records/consumer-offsets.ts';
import * as control from '../../src/protocol/records/control.ts';
import { metadataRecords } from '../../src/protocol/records/metadata/record.ts';
import { ProducerSnapshot } from '../../src/protocol/records/producer-snapshot.ts';
import { QuorumStateData } from '../../src/protocol/records/quorum-state.ts';
import { shareGroupStateRecords } from '../../src/protocol/records/share-group-state.ts';
import { transactionStateRecords } from '../../src/protocol/records/transaction-state.ts';
import type { Message } from '../../src/protocol/schema.ts';

const pairs = (table: Readonly<Record<string, { key: Message; value: Message }>>): Message[] =>
  Object.values(table).flatMap(({ key, value }) => [key, value]);

/** One list per artifact of Apache Kafka that defines them. */
export const schemas: Readonly<Record<string, readonly Message[]>> = {
  'kafka-clients': [
    RequestHeader,
    ResponseHeader,
    ...apis.flatMap(a => [a.request, a.response]),
    control.ControlRecordTypeSchema,
    control.EndTxnMarker,
    control.LeaderChangeMessage,
    control.SnapshotHeaderRecord,
    control.SnapshotFooterRecord,
    control.KRaftVersionRecord,
    control.VotersRecord,
    ConsumerProtocolSubscription,
    ConsumerProtocolAssignment,
  ],
  'kafka-metadata': Object.values(metadataRecords),
  'kafka-group-coordinator': pairs(consumerOffsetsRecords),
  'kafka-transaction-coordinator': pairs(transactionStateRecords),
  'kafka-share-coordinator': pairs(shareGroupStateRecords),
  'kafka-raft': [QuorumStateData],
  'kafka-storage': [ProducerSnapshot],
};

export const allSchemas: readonly Message[] = Object.values(schemas).flat();

export function versionsOf(message: Message): number[] {
  return Array.from({ length: message.max - message.min + 1 }, (_, i) => message.min + i);
}
