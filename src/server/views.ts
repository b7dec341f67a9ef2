// What clients are told of brokers and partitions, out of the metadata image and for one listener. The rules are those
// of Kafka's metadata cache; they matter from the second broker on and hold for one.
import { lostDirectory, migratingDirectory, unassignedDirectory } from '../base/uuid.ts';
import type { BrokerImage, Endpoint, MetadataImage, PartitionImage } from '../core/metadata/image.ts';
import { noLeader } from '../core/metadata/image.ts';
import type { ErrorName } from '../protocol/errors.ts';

export interface BrokerNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

const endpointOf = (broker: BrokerImage, listener: string): Endpoint | undefined =>
  broker.endpoints.find(endpoint => endpoint.name === listener);

/** Registered brokers with such a listener, by id. */
export function brokerNodes(image: MetadataImage, listener: string): BrokerNode[] {
  const nodes: BrokerNode[] = [];
  for (const broker of image.brokers.values()) {
    const endpoint = endpointOf(broker, listener);
    if (endpoint === undefined) continue;
    nodes.push({ id: broker.id, host: endpoint.host, port: endpoint.port, rack: broker.rack, isFenced: broker.fenced });
  }
  return nodes.sort((a, b) => a.id - b.id);
}

export const aliveBrokerNodes = (image: MetadataImage, listener: string): BrokerNode[] =>
  brokerNodes(image, listener).filter(node => !node.isFenced);

/**
 * The broker that answers name as controller. Any unfenced one will do: admin requests are forwarded (KIP-590), and
 * controllers themselves need not be reachable for clients. -1 when there is none.
 */
export function controllerNode(image: MetadataImage): number {
  let lowest = -1;
  for (const broker of image.brokers.values()) {
    if (!broker.fenced && (lowest < 0 || broker.id < lowest)) lowest = broker.id;
  }
  return lowest;
}

export interface PartitionView {
  readonly error: ErrorName;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas: readonly number[];
}

/** Which answers old clients want: see Kafka's handling of Metadata before versions 1 and 6. */
export interface ViewRules {
  /** Leave replicas that cannot be reached out of the lists and say so. */
  readonly errorUnavailableEndpoints: boolean;
  /** LISTENER_NOT_FOUND instead of LEADER_NOT_AVAILABLE when the leader lacks the listener. */
  readonly errorUnavailableListeners: boolean;
}

export function partitionView(
  image: MetadataImage,
  partition: PartitionImage,
  listener: string,
  rules: ViewRules,
): PartitionView {
  const reachable = (id: number): boolean => {
    const broker = image.brokers.get(id);
    return broker !== undefined && !broker.fenced && endpointOf(broker, listener) !== undefined;
  };
  const shown = (ids: readonly number[]): readonly number[] =>
    rules.errorUnavailableEndpoints ? ids.filter(reachable) : ids;
  const replicaNodes = shown(partition.replicas);
  const isrNodes = shown(partition.isr);
  const leader = image.brokers.get(partition.leader);
  const hasLeader = leader !== undefined && endpointOf(leader, listener) !== undefined;
  const lost = replicaNodes.length < partition.replicas.length || isrNodes.length < partition.isr.length;
  return {
    error: hasLeader ? (lost ? 'REPLICA_NOT_AVAILABLE' : 'NONE') : leaderError(leader, rules),
    leaderId: hasLeader ? partition.leader : noLeader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes,
    isrNodes,
    offlineReplicas: partition.replicas.filter(id => !reachable(id) || isInLostDirectory(image, partition, id)),
  };
}

function leaderError(leader: BrokerImage | undefined, rules: ViewRules): ErrorName {
  return leader !== undefined && rules.errorUnavailableListeners ? 'LISTENER_NOT_FOUND' : 'LEADER_NOT_AVAILABLE';
}

/** KIP-858: a replica in a directory that its broker no longer reports as one of its own. */
function isInLostDirectory(image: MetadataImage, partition: PartitionImage, id: number): boolean {
  const directory = partition.directories[partition.replicas.indexOf(id)];
  const broker = image.brokers.get(id);
  if (directory === undefined || broker === undefined) return false;
  if (directory === unassignedDirectory || directory === migratingDirectory) return false;
  return directory === lostDirectory || (broker.logDirs.length > 0 && !broker.logDirs.includes(directory));
}
