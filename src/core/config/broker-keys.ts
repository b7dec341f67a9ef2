import { groupKeys } from './broker-keys/group.ts';
import { logKeys } from './broker-keys/log.ts';
import { metadataKeys } from './broker-keys/metadata.ts';
import { milenaKeys } from './broker-keys/milena.ts';
import { networkKeys } from './broker-keys/network.ts';
import { observationKeys } from './broker-keys/observation.ts';
import { remoteLogKeys } from './broker-keys/remote-log.ts';
import { replicationKeys } from './broker-keys/replication.ts';
import { securityKeys } from './broker-keys/security.ts';
import { transactionKeys } from './broker-keys/transaction.ts';
import type { ConfigKey } from './key.ts';

/**
 * Every broker property of Apache Kafka 4.3.1: name, type, default, bounds, how it may be changed, and, for those that
 * act in Milena, what they do. Properties of our own begin with `milena.`.
 */
export const brokerKeys: readonly ConfigKey[] = [
  ...networkKeys,
  ...securityKeys,
  ...remoteLogKeys,
  ...logKeys,
  ...replicationKeys,
  ...groupKeys,
  ...transactionKeys,
  ...metadataKeys,
  ...observationKeys,
  ...milenaKeys,
];
