// The records of __cluster_metadata, all kinds of 4.3: one table, one union, one frame. The value of a data record is
//   frame version (unsigned varint, 1), record type, record version, message
// and nothing behind it.
import { codecOf } from '../../codec.ts';
import type { Infer, Init, Message } from '../../schema.ts';
import { Reader, WireError, Writer } from '../../wire.ts';
import * as brokers from './brokers.ts';
import * as configs from './configs.ts';
import * as features from './features.ts';
import * as producerIds from './producer-ids.ts';
import * as security from './security.ts';
import * as topics from './topics.ts';
import * as transactions from './transactions.ts';

export const metadataRecords = {
  registerBroker: brokers.RegisterBrokerRecord,
  unregisterBroker: brokers.UnregisterBrokerRecord,
  topic: topics.TopicRecord,
  partition: topics.PartitionRecord,
  config: configs.ConfigRecord,
  partitionChange: topics.PartitionChangeRecord,
  fenceBroker: brokers.FenceBrokerRecord,
  unfenceBroker: brokers.UnfenceBrokerRecord,
  removeTopic: topics.RemoveTopicRecord,
  delegationToken: security.DelegationTokenRecord,
  userScramCredential: security.UserScramCredentialRecord,
  featureLevel: features.FeatureLevelRecord,
  clientQuota: configs.ClientQuotaRecord,
  producerIds: producerIds.ProducerIdsRecord,
  brokerRegistrationChange: brokers.BrokerRegistrationChangeRecord,
  accessControlEntry: security.AccessControlEntryRecord,
  removeAccessControlEntry: security.RemoveAccessControlEntryRecord,
  noOp: transactions.NoOpRecord,
  zkMigrationState: features.ZkMigrationStateRecord,
  removeUserScramCredential: security.RemoveUserScramCredentialRecord,
  beginTransaction: transactions.BeginTransactionRecord,
  endTransaction: transactions.EndTransactionRecord,
  abortTransaction: transactions.AbortTransactionRecord,
  removeDelegationToken: security.RemoveDelegationTokenRecord,
  registerController: brokers.RegisterControllerRecord,
  clearElr: topics.ClearElrRecord,
} as const;

export type MetadataRecordType = keyof typeof metadataRecords;

/** As decoded: every field of `data` is there. */
export type MetadataRecord = {
  [T in MetadataRecordType]: {
    readonly type: T;
    readonly version: number;
    readonly data: Infer<(typeof metadataRecords)[T]>;
  };
}[MetadataRecordType];

/** To write: fields with a declared default may be left out of `data`. Every MetadataRecord is one. */
export type MetadataRecordInit = {
  [T in MetadataRecordType]: {
    readonly type: T;
    readonly version: number;
    readonly data: Init<(typeof metadataRecords)[T]>;
  };
}[MetadataRecordType];

const frameVersion = 1;
const typeByKey = new Map(
  (Object.keys(metadataRecords) as MetadataRecordType[]).map(type => [metadataRecords[type].key, type]),
);

export function encodeMetadataRecord(record: MetadataRecordInit): Uint8Array {
  const schema: Message = metadataRecords[record.type];
  const w = new Writer();
  w.uvar(frameVersion);
  w.uvar(schema.key);
  w.uvar(record.version);
  codecOf(schema, record.version).write(w, record.data as Record<string, unknown>);
  return w.done();
}

/** Throws WireError that names an unknown frame version, type or version. */
export function decodeMetadataRecord(value: Uint8Array): MetadataRecord {
  const r = new Reader(value);
  const frame = r.uvar();
  if (frame !== frameVersion) throw new WireError(`metadata record of frame version ${frame}`);
  const key = r.uvar();
  const version = r.uvar();
  const type = typeByKey.get(key);
  if (type === undefined) throw new WireError(`metadata record of unknown type ${key}`);
  const schema: Message = metadataRecords[type];
  const data = codecOf(schema, version).read(r);
  if (r.left > 0) throw new WireError(`${r.left} bytes behind ${schema.name}`);
  return { type, version, data } as unknown as MetadataRecord;
}
