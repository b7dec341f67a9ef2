// OffsetDelete, key 47, version 0 (KIP-496). Offsets of a group; topics must exist, and a group with members must not be
// subscribed to them.
import { type MetadataImage, topicByName } from '../../core/metadata/image.ts';
import { errorCode } from '../../protocol/errors.ts';
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

type TopicResult = OffsetDeleteResponse['topics'][number];

export function offsetDelete({ image, groups }: Services): ServedApi {
  return serve({
    request: OffsetDeleteRequest,
    response: OffsetDeleteResponse,

    async handle({ groupId, topics }) {
      const asked = asks(image(), topics);
      // Asked of the group even when nothing is left to delete: the group itself may be the error.
      const partitions = asked.filter(({ exists }) => exists);
      const { error, errors } = await groups.deleteOffsets({ groupId, partitions });
      if (error !== 'NONE') return { errorCode: errorCode[error], topics: [] };
      const own = errors.values();
      const codes = asked.map(({ exists }) =>
        exists ? errorCode[own.next().value ?? 'UNKNOWN_SERVER_ERROR'] : errorCode.UNKNOWN_TOPIC_OR_PARTITION,
      );
      return { errorCode: errorCode.NONE, topics: results(asked, codes) };
    },

    refused: refusal => ({ errorCode: errorCode[refusal.refused], topics: [] }),
  });
}

interface Asked {
  readonly topic: string;
  readonly partition: number;
  readonly exists: boolean;
}

function asks(image: MetadataImage, topics: OffsetDeleteRequest['topics']): Asked[] {
  return topics.flatMap(({ name, partitions }) => {
    const topic = topicByName(image, name);
    return partitions.map(({ partitionIndex }) => ({
      topic: name,
      partition: partitionIndex,
      exists: topic?.partitions[partitionIndex] !== undefined,
    }));
  });
}

/** By topic, in the order of their first mention. */
function results(asked: readonly Asked[], codes: readonly number[]): TopicResult[] {
  const topics = new Map<string, { partitionIndex: number; errorCode: number }[]>();
  asked.forEach(({ topic, partition }, i) => {
    const partitions = topics.get(topic) ?? [];
    topics.set(topic, partitions);
    partitions.push({ partitionIndex: partition, errorCode: codes[i]! });
  });
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}
