// The cluster's state as one immutable value: the replay of `__cluster_metadata` (docs/architecture.md, section 7).
// Only replay.ts makes new images; a change copies the topic it touches and shares the rest.
import type { Uuid } from '../../base/uuid.ts';
import type { MetadataRecord } from './records.ts';
import { StringMap } from './string-map.ts';

/** Kafka's "no leader". */
export const noLeader = -1;

export interface PartitionImage {
  readonly index: number;
  /** Broker ids, preferred leader first. */
  readonly replicas: readonly number[];
  /** Directory id of each replica, in the order of `replicas` (KIP-858). */
  readonly directories: readonly Uuid[];
  readonly isr: readonly number[];
  readonly removingReplicas: readonly number[];
  readonly addingReplicas: readonly number[];
  /** Eligible leader replicas and the last known ones (KIP-966). */
  readonly elr: readonly number[];
  readonly lastKnownElr: readonly number[];
  /** -1 when there is none. */
  readonly leader: number;
  /** 1 while the leader recovers from an unclean election, else 0 (KIP-704). */
  readonly leaderRecoveryState: number;
  /** Grows with every change of the leader, a restart of the only one included (KIP-320). */
  readonly leaderEpoch: number;
  /** Grows with every change of anything here. */
  readonly partitionEpoch: number;
}

export interface TopicImage {
  readonly id: Uuid;
  readonly name: string;
  /** By partition index, without gaps. */
  readonly partitions: readonly PartitionImage[];
}

export interface Endpoint {
  /** Listener name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Kafka's id of the protocol: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

export interface FeatureRange {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface BrokerImage {
  readonly id: number;
  /** Offset of the registration in the metadata log. */
  readonly epoch: bigint;
  readonly incarnationId: Uuid;
  readonly endpoints: readonly Endpoint[];
  readonly features: readonly FeatureRange[];
  readonly rack: string | null;
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  readonly isMigratingZkBroker: boolean;
  /** Directory ids. */
  readonly logDirs: readonly Uuid[];
  readonly cordonedLogDirs: readonly Uuid[] | null;
}

export interface ControllerImage {
  readonly id: number;
  readonly incarnationId: Uuid;
  readonly zkMigrationReady: boolean;
  readonly endpoints: readonly Endpoint[];
  readonly features: readonly FeatureRange[];
}

/** Kafka's ids of configuration resources (ConfigResource.Type). */
export const resourceType = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const;

/** What was set on one resource, by config name. Only overrides: defaults are not in here. */
export type ResourceConfigs = ReadonlyMap<string, string>;

export interface MetadataImage {
  /** Of the directory's meta.properties; no record carries it. */
  readonly clusterId: string;
  /** Last offset of the metadata log contained here, -1 for none; the epoch of finalized features in ApiVersions. */
  readonly offset: bigint;
  /** Raft epoch of that offset. */
  readonly epoch: number;
  readonly topicsById: StringMap<TopicImage>;
  readonly topicIdsByName: StringMap<Uuid>;
  /** Names with '.' or '_', by the name with every '.' turned into '_': those in one entry would collide in metrics. */
  readonly collidingNames: StringMap<readonly string[]>;
  readonly partitionCount: number;
  /** Key: resourceKey(type, name). */
  readonly configs: StringMap<ResourceConfigs>;
  readonly brokers: ReadonlyMap<number, BrokerImage>;
  readonly controllers: ReadonlyMap<number, ControllerImage>;
  /** Finalized level by feature; level 0 and absent are the same and never stored. */
  readonly features: ReadonlyMap<string, number>;
  /** First id of the next block to be handed out. */
  readonly nextProducerId: bigint;
  /** The last ProducerIdsRecord's broker; a snapshot repeats it. */
  readonly producerIdsBroker: { readonly id: number; readonly epoch: bigint };
  /** Records of kinds that are not served yet (ACLs, quotas, SCRAM, tokens): kept by identity for our own snapshots. */
  readonly kept: StringMap<MetadataRecord>;
}

export const emptyImage = (clusterId: string): MetadataImage => ({
  clusterId,
  offset: -1n,
  epoch: 0,
  topicsById: StringMap.empty(),
  topicIdsByName: StringMap.empty(),
  collidingNames: StringMap.empty(),
  partitionCount: 0,
  configs: StringMap.empty(),
  brokers: new Map(),
  controllers: new Map(),
  features: new Map(),
  nextProducerId: 0n,
  producerIdsBroker: { id: -1, epoch: -1n },
  kept: StringMap.empty(),
});

const noConfigs: ResourceConfigs = new Map();

export const resourceKey = (type: number, name: string): string => `${type}:${name}`;

export const configsOf = (image: MetadataImage, type: number, name: string): ResourceConfigs =>
  image.configs.get(resourceKey(type, name)) ?? noConfigs;

export const topicConfigs = (image: MetadataImage, topic: string): ResourceConfigs =>
  configsOf(image, resourceType.topic, topic);

export function topicByName(image: MetadataImage, name: string): TopicImage | undefined {
  const id = image.topicIdsByName.get(name);
  return id === undefined ? undefined : image.topicsById.get(id);
}

/** A broker that may lead and be in an ISR: registered, unfenced, not shutting down. */
export function isActive(image: MetadataImage, brokerId: number): boolean {
  const broker = image.brokers.get(brokerId);
  return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
}
