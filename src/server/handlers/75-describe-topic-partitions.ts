// DescribeTopicPartitions, key 75, version 0 (KIP-966). Topics in the order of their names, a page of partitions at a
// time; the cursor of one answer is where the next request begins.
import { refuse } from '../../base/result.ts';
import { zeroUuid } from '../../base/uuid.ts';
import { type MetadataImage, type TopicImage, topicByName } from '../../core/metadata/image.ts';
import { invalidTopicName, isInternalTopic } from '../../core/metadata/topic-names.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../../protocol/messages/75-describe-topic-partitions.ts';
import { type ApiRefusal, type ServedApi, serve } from '../api.ts';
import { operationsNotAsked, topicOperations } from '../authorized-operations.ts';
import type { Services } from '../services.ts';
import { partitionView } from '../views.ts';

type Topic = DescribeTopicPartitionsResponse['topics'][number];

export function describeTopicPartitions(services: Services): ServedApi {
  return serve({
    request: DescribeTopicPartitionsRequest,
    response: DescribeTopicPartitionsResponse,

    handle(request, { listener }) {
      const refusal = badCursor(request);
      if (refusal !== undefined) return refusal;
      const image = services.image();
      const asksForAll = request.topics.length === 0;
      const from = request.cursor?.topicName ?? '';
      const names = asksForAll ? [...image.topicIdsByName.keys()] : request.topics.map(topic => topic.name);
      const limit = services.config.int('max.request.partition.size.limit');
      let left = Math.max(Math.min(limit, request.responsePartitionLimit), 1);

      const topics: Topic[] = [];
      for (const name of [...new Set(names)].filter(name => name >= from).sort()) {
        if (left === 0) return page(topics, { topicName: name, partitionIndex: 0 });
        const topic = topicByName(image, name);
        if (topic === undefined) {
          topics.push(missingTopic(name));
          continue;
        }
        const first = name === from ? (request.cursor?.partitionIndex ?? 0) : 0;
        const described = describe(image, topic, listener.name, first, left);
        topics.push(described);
        if (first + left < topic.partitions.length) {
          return page(topics, { topicName: name, partitionIndex: first + left });
        }
        left -= described.partitions.length;
      }
      return page(topics, null);
    },

    refused: (refusal, request) => ({
      topics: request.topics.map(({ name }) => ({
        ...failedTopic(name, errorCode[refusal.refused]),
        isInternal: false,
        topicAuthorizedOperations: operationsNotAsked,
      })),
    }),
  });
}

const page = (topics: readonly Topic[], nextCursor: DescribeTopicPartitionsResponse['nextCursor']) => ({
  topics,
  nextCursor,
});

function badCursor({ topics, cursor }: DescribeTopicPartitionsRequest): ApiRefusal | undefined {
  if (cursor === null) return undefined;
  if (topics.length > 0 && !topics.some(topic => topic.name === cursor.topicName)) {
    return refuse('INVALID_REQUEST', `the topics do not contain that of the cursor, ${cursor.topicName}`);
  }
  if (cursor.partitionIndex < 0) {
    return refuse('INVALID_REQUEST', `the cursor's partition, ${cursor.partitionIndex}, is negative`);
  }
  return undefined;
}

const missingTopic = (name: string): Topic =>
  failedTopic(
    name,
    invalidTopicName(name) === undefined ? errorCode.UNKNOWN_TOPIC_OR_PARTITION : errorCode.INVALID_TOPIC_EXCEPTION,
  );

const failedTopic = (name: string, code: number): Topic => ({
  errorCode: code,
  name,
  topicId: zeroUuid,
  isInternal: isInternalTopic(name),
  partitions: [],
  topicAuthorizedOperations: topicOperations,
});

function describe(image: MetadataImage, topic: TopicImage, listener: string, first: number, count: number): Topic {
  const rules = { errorUnavailableEndpoints: false, errorUnavailableListeners: true };
  return {
    errorCode: errorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.slice(first, first + count).map(partition => {
      const view = partitionView(image, partition, listener, rules);
      return {
        errorCode: errorCode.NONE,
        partitionIndex: partition.index,
        leaderId: view.leaderId,
        leaderEpoch: view.leaderEpoch,
        replicaNodes: view.replicaNodes,
        isrNodes: view.isrNodes,
        eligibleLeaderReplicas: partition.elr,
        lastKnownElr: partition.lastKnownElr,
        offlineReplicas: view.offlineReplicas,
      };
    }),
    topicAuthorizedOperations: topicOperations,
  };
}
