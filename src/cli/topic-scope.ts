import { InvalidArgumentError } from 'commander';
import type { Cluster } from '../client/cluster.ts';
import { ClientFailure, expectNone } from '../client/failure.ts';
import type { PartitionMap, TopicPartition } from '../client/partition-map.ts';
import { errorCode } from '../protocol/errors.ts';

/** A topic, or some partitions of it, as commands name them: `orders`, `orders:0,3`. */
export interface TopicScope {
  readonly topic: string;
  /** Undefined: all of them. */
  readonly partitions: readonly number[] | undefined;
}

/** For commander: collects repeated `topic[:partition,...]` options. */
export function topicScope(given: string, before: readonly TopicScope[] = []): TopicScope[] {
  const match = /^([^:]+)(?::(\d{1,9}(?:,\d{1,9})*))?$/.exec(given);
  if (!match) throw new InvalidArgumentError('Write topic, or topic:0,1.');
  const partitions = match[2] === undefined ? undefined : [...new Set(match[2].split(',').map(Number))];
  return [...before, { topic: match[1]!, partitions }];
}

/**
 * The partitions that `scopes` name. Those of a topic that does not exist any more are taken from `known`, if it has any;
 * otherwise ClientFailure, as for a partition that a topic does not have.
 */
export async function partitionsIn(
  cluster: Cluster,
  scopes: readonly TopicScope[],
  known?: PartitionMap<unknown>,
): Promise<TopicPartition[]> {
  const { topics } = await cluster.metadata([...new Set(scopes.map(({ topic }) => topic))]);
  return scopes.flatMap(({ topic, partitions }) => {
    const found = topics.find(({ name }) => name === topic)!;
    const remembered = [...(known ?? [])].filter(at => at.topic === topic).map(({ partition }) => partition);
    const gone = found.errorCode === errorCode.UNKNOWN_TOPIC_OR_PARTITION && remembered.length > 0;
    if (!gone) expectNone(found.errorCode, `topic ${topic}`);
    const all = gone ? remembered : found.partitions.map(p => p.partitionIndex).sort((a, b) => a - b);
    const missing = partitions?.find(partition => !all.includes(partition));
    if (missing !== undefined) throw new ClientFailure(`topic ${topic} has no partition ${missing}`);
    return (partitions ?? all).map(partition => ({ topic, partition }));
  });
}
