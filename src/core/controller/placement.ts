// Which brokers get the replicas of new partitions. Striped: the first replica of partition n goes to the n-th active
// broker (round robin), the others to those after it, so leaders and replicas spread evenly.
import { refuse } from '../../base/result.ts';
import { type Uuid, unassignedDirectory } from '../../base/uuid.ts';
import { isActive, type MetadataImage, type PartitionImage } from '../metadata/image.ts';
import type { WireRefusal } from './decision.ts';

/** `count` new partitions from index `first` on, `replicationFactor` replicas each. */
export function placePartitions(
  image: MetadataImage,
  first: number,
  count: number,
  replicationFactor: number,
): readonly PartitionImage[] | WireRefusal {
  const registered = [...image.brokers.keys()].sort((a, b) => a - b);
  const active = registered.filter(id => isActive(image, id));
  if (active.length === 0) {
    return refuse('INVALID_REPLICATION_FACTOR', 'All brokers are currently fenced or in controlled shutdown.');
  }
  if (replicationFactor > registered.length) {
    return refuse(
      'INVALID_REPLICATION_FACTOR',
      `The target replication factor of ${replicationFactor} cannot be reached because only ${registered.length} broker(s) are registered.`,
    );
  }
  // Fenced brokers take replicas last and never lead a new partition.
  const fenced = registered.filter(id => !isActive(image, id));
  const partitions: PartitionImage[] = [];
  for (let index = first; index < first + count; index++) {
    const ring = active.map((_, i) => active[(index + i) % active.length]!);
    partitions.push(partitionOn(image, index, [...ring, ...fenced].slice(0, replicationFactor)));
  }
  return partitions;
}

/** A new partition on `replicas`, of which at least one is active. */
export function partitionOn(image: MetadataImage, index: number, replicas: readonly number[]): PartitionImage {
  const isr = replicas.filter(id => isActive(image, id));
  return {
    index,
    replicas,
    directories: replicas.map(id => directoryOn(image, id, index)),
    isr,
    removingReplicas: [],
    addingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: isr[0]!,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
  };
}

// Several directories are dealt out in turn over all partitions of the cluster; cordoned ones take nothing new (KIP-1066).
function directoryOn(image: MetadataImage, brokerId: number, index: number): Uuid {
  const broker = image.brokers.get(brokerId);
  const open = broker?.logDirs.filter(dir => !broker.cordonedLogDirs?.includes(dir)) ?? [];
  return open[(image.partitionCount + index) % open.length] ?? unassignedDirectory;
}

/** Why these brokers cannot be the replicas of a partition, in the words Kafka's clients know. */
export function badAssignment(
  image: MetadataImage,
  brokerIds: readonly number[],
  replicationFactor: number | undefined,
): string | undefined {
  if (brokerIds.length === 0) return 'The manual partition assignment includes an empty replica list.';
  const sorted = [...brokerIds].sort((a, b) => a - b);
  for (const [i, id] of sorted.entries()) {
    const broker = image.brokers.get(id);
    if (broker === undefined) {
      return `The manual partition assignment includes broker ${id}, but no such broker is registered.`;
    }
    if (broker.logDirs.length > 0 && broker.logDirs.every(dir => broker.cordonedLogDirs?.includes(dir))) {
      return `The manual partition assignment includes broker ${id}, but all its log directories are cordoned.`;
    }
    if (id === sorted[i - 1]) {
      return `The manual partition assignment includes the broker ${id} more than once.`;
    }
  }
  if (replicationFactor === undefined || sorted.length === replicationFactor) return undefined;
  return (
    `The manual partition assignment includes a partition with ${sorted.length} replica(s), but this is not ` +
    `consistent with previous partitions, which have ${replicationFactor} replica(s).`
  );
}
