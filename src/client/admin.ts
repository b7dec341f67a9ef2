import { groupBy } from '../base/group-by.ts';
import { zeroUuid } from '../base/uuid.ts';
import { CreateTopicsRequest, CreateTopicsResponse } from '../protocol/messages/19-create-topics.ts';
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../protocol/messages/20-delete-topics.ts';
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../protocol/messages/21-delete-records.ts';
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../protocol/messages/32-describe-configs.ts';
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../protocol/messages/37-create-partitions.ts';
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../protocol/messages/44-incremental-alter-configs.ts';
import type { Cluster } from './cluster.ts';
import { expectNone } from './failure.ts';
import { PartitionMap } from './partition-map.ts';

/** How long a broker may take over one administrative request. */
const timeoutMs = 30_000;

const topicResource = 2;
const setOperation = 0;
const deleteOperation = 1;
/** Kafka's number for "set on this topic" among the sources of a configuration. */
const topicSource = 1;

export interface NewTopic {
  readonly name: string;
  /** -1: the broker's default. */
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replicationFactor: number;
  readonly configs: ReadonlyMap<string, string>;
}

export const createTopic = (cluster: Cluster, topic: NewTopic, validateOnly: boolean): Promise<void> =>
  createTopics(cluster, [topic], validateOnly);

/** In one request; the first that is refused fails all of it, whatever became of the others. */
export async function createTopics(
  cluster: Cluster,
  topics: readonly NewTopic[],
  validateOnly: boolean,
): Promise<void> {
  const answer = await cluster.any.call(CreateTopicsRequest, CreateTopicsResponse, {
    topics: topics.map(({ name, partitions, replicationFactor, configs }) => ({
      name,
      numPartitions: partitions,
      replicationFactor,
      assignments: [],
      configs: [...configs].map(([key, value]) => ({ name: key, value })),
    })),
    timeoutMs,
    validateOnly,
  });
  for (const { name, errorCode, errorMessage } of answer.topics) expectNone(errorCode, `topic ${name}`, errorMessage);
}

export async function deleteTopics(cluster: Cluster, names: readonly string[]): Promise<void> {
  const byName = cluster.any.versionOf(DeleteTopicsRequest) < 6;
  const answer = await cluster.any.call(DeleteTopicsRequest, DeleteTopicsResponse, {
    topics: byName ? [] : names.map(name => ({ name, topicId: zeroUuid })),
    topicNames: byName ? names : [],
    timeoutMs,
  });
  for (const { name, errorCode, errorMessage } of answer.responses)
    expectNone(errorCode, `topic ${name}`, errorMessage);
}

/** Raises the number of partitions of a topic to `count`. */
export async function addPartitions(cluster: Cluster, name: string, count: number): Promise<void> {
  const answer = await cluster.any.call(CreatePartitionsRequest, CreatePartitionsResponse, {
    topics: [{ name, count, assignments: null }],
    timeoutMs,
    validateOnly: false,
  });
  const [result] = answer.results;
  expectNone(result!.errorCode, `topic ${name}`, result!.errorMessage);
}

/** Sets and removes configurations of a topic in one step. */
export async function alterTopicConfigs(
  cluster: Cluster,
  name: string,
  set: ReadonlyMap<string, string>,
  remove: readonly string[],
): Promise<void> {
  const answer = await cluster.any.call(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, {
    resources: [
      {
        resourceType: topicResource,
        resourceName: name,
        configs: [
          ...[...set].map(([key, value]) => ({ name: key, configOperation: setOperation, value })),
          ...remove.map(key => ({ name: key, configOperation: deleteOperation, value: null })),
        ],
      },
    ],
    validateOnly: false,
  });
  const [result] = answer.responses;
  expectNone(result!.errorCode, `topic ${name}`, result!.errorMessage);
}

/** What was set on each topic itself, as name -> value. */
export async function topicOverrides(
  cluster: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  if (names.length === 0) return new Map();
  const answer = await cluster.any.call(DescribeConfigsRequest, DescribeConfigsResponse, {
    resources: names.map(resourceName => ({ resourceType: topicResource, resourceName, configurationKeys: null })),
  });
  return new Map(
    answer.results.map(result => {
      expectNone(result.errorCode, `topic ${result.resourceName}`, result.errorMessage);
      const own = result.configs.filter(config => config.configSource === topicSource);
      return [result.resourceName, new Map(own.map(config => [config.name, config.value ?? '']))];
    }),
  );
}

/** Deletes the records before the given offsets. */
export async function deleteRecords(cluster: Cluster, offsets: PartitionMap<bigint>): Promise<void> {
  const leaderOf = await cluster.leaders(offsets.topics);
  for (const [leader, some] of groupBy(offsets, leaderOf)) {
    const connection = await cluster.node(leader);
    const answer = await connection.call(DeleteRecordsRequest, DeleteRecordsResponse, {
      topics: new PartitionMap(some).byTopic().map(({ topic: name, partitions }) => ({
        name,
        partitions: partitions.map(({ partition, value }) => ({ partitionIndex: partition, offset: value })),
      })),
      timeoutMs,
    });
    for (const { name, partitions } of answer.topics) {
      for (const p of partitions) expectNone(p.errorCode, `partition ${p.partitionIndex} of ${name}`);
    }
  }
}
