// DeleteRecords, key 21, versions 0-2. Moves the start of partitions' logs forward, at most to the high watermark.

import { effective } from '../../core/config/topic-config.ts';
import { topicByName, topicConfigs } from '../../core/metadata/image.ts';
import { isInternalTopic } from '../../core/metadata/topic-names.ts';
import { errorCode } from '../../protocol/errors.ts';
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../protocol/messages/21-delete-records.ts';
import { type ServedApi, serve } from '../api.ts';
import type { PlaneAsks } from '../plane-asks.ts';
import type { Services } from '../services.ts';

type PartitionResult = DeleteRecordsResponse['topics'][number]['partitions'][number];

/** The protocol's "no low watermark". */
const noLowWatermark = -1n;

export function deleteRecords(services: Services, asks: PlaneAsks): ServedApi {
  async function deleteBefore(name: string, partitionIndex: number, offset: bigint): Promise<PartitionResult> {
    const failed = (code: number): PartitionResult => ({
      partitionIndex,
      lowWatermark: noLowWatermark,
      errorCode: code,
    });
    const image = services.image();
    const topic = topicByName(image, name);
    const partition = topic?.partitions[partitionIndex];
    if (topic === undefined || partition === undefined) return failed(errorCode.UNKNOWN_TOPIC_OR_PARTITION);
    if (isInternalTopic(name)) return failed(errorCode.INVALID_TOPIC_EXCEPTION);
    const handle = services.partitions.handleOf(topic, partitionIndex);
    if (handle === undefined) return failed(errorCode.NOT_LEADER_OR_FOLLOWER);
    const policy = effective('cleanup.policy', topicConfigs(image, name), services.config).value;
    if (!Array.isArray(policy) || !policy.includes('delete')) return failed(errorCode.POLICY_VIOLATION);
    const done = await asks.deleteBefore(handle, offset);
    if (done.error !== 0) return failed(done.error);
    return { partitionIndex, lowWatermark: done.offset, errorCode: errorCode.NONE };
  }

  return serve({
    request: DeleteRecordsRequest,
    response: DeleteRecordsResponse,

    async handle(request) {
      const topics = request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          partitions.map(({ partitionIndex, offset }) => deleteBefore(name, partitionIndex, offset)),
        ),
      }));
      return { topics: await Promise.all(topics) };
    },

    refused: (refusal, request) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          lowWatermark: noLowWatermark,
          errorCode: errorCode[refusal.refused],
        })),
      })),
    }),
  });
}
