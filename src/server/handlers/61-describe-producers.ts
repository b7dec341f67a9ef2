// DescribeProducers, key 61, version 0 (KIP-664). The producers a partition remembers, for finding hanging transactions.
import { topicByName } from '../../core/metadata/image.ts';
import { invalidTopicName } from '../../core/metadata/topic-names.ts';
import { type ErrorName, errorCode, errorOf } from '../../protocol/errors.ts';
import { DescribeProducersRequest, DescribeProducersResponse } from '../../protocol/messages/61-describe-producers.ts';
import type { PartitionHandle } from '../../runtime/ports.ts';
import { type ServedApi, serve } from '../api.ts';
import type { PlaneAsks } from '../plane-asks.ts';
import type { Services } from '../services.ts';

type TopicAsk = DescribeProducersRequest['topics'][number];
type PartitionResult = DescribeProducersResponse['topics'][number]['partitions'][number];

const failed = (partitionIndex: number, error: ErrorName, errorMessage: string | null): PartitionResult => ({
  partitionIndex,
  errorCode: errorCode[error],
  errorMessage,
  activeProducers: [],
});

export function describeProducers(services: Services, asks: PlaneAsks): ServedApi {
  async function describe({ name, partitionIndexes }: TopicAsk): Promise<PartitionResult[]> {
    const topic = topicByName(services.image(), name);
    const invalid = invalidTopicName(name);
    if (invalid !== undefined) return partitionIndexes.map(index => failed(index, 'INVALID_TOPIC_EXCEPTION', invalid));
    if (topic === undefined) {
      const message = `There is no topic ${name}`;
      return partitionIndexes.map(index => failed(index, 'UNKNOWN_TOPIC_OR_PARTITION', message));
    }
    const handleOf = (index: number): PartitionHandle | undefined =>
      topic.partitions[index] === undefined ? undefined : services.partitions.handleOf(topic, index);
    const asked = partitionIndexes.map(index => ({ index, handle: handleOf(index) }));
    const handles = asked.flatMap(({ handle }) => (handle === undefined ? [] : [handle]));
    const facts = (await asks.query('producers', handles))[Symbol.iterator]();
    return asked.map(({ index, handle }) => {
      if (handle === undefined) {
        const exists = topic.partitions[index] !== undefined;
        return failed(index, exists ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION', null);
      }
      const found = facts.next().value;
      if (found === undefined) return failed(index, 'UNKNOWN_SERVER_ERROR', null);
      if (found.error !== 0) return failed(index, errorOf(found.error).name, null);
      return { partitionIndex: index, errorCode: errorCode.NONE, errorMessage: null, activeProducers: found.producers };
    });
  }

  return serve({
    request: DescribeProducersRequest,
    response: DescribeProducersResponse,

    async handle(request) {
      const topics = request.topics.map(async topic => ({ name: topic.name, partitions: await describe(topic) }));
      return { topics: await Promise.all(topics) };
    },

    refused: (refusal, request) => ({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map(index => failed(index, refusal.refused, refusal.message)),
      })),
    }),
  });
}
