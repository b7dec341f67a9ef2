// ListPartitionReassignments, key 46, version 0 (KIP-455). Partitions whose replicas are being moved, of the topics asked
// for or of all.
import { topicByName } from '../../core/metadata/image.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/messages/46-list-partition-reassignments.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

export function listPartitionReassignments(services: Services): ServedApi {
  return serve({
    request: ListPartitionReassignmentsRequest,
    response: ListPartitionReassignmentsResponse,

    handle(request) {
      const image = services.image();
      const asked =
        request.topics === null
          ? [...image.topicsById.values()].map(topic => ({ topic, indexes: undefined }))
          : request.topics.map(({ name, partitionIndexes }) => ({
              topic: topicByName(image, name),
              indexes: new Set(partitionIndexes),
            }));
      const topics = asked.flatMap(({ topic, indexes }) => {
        if (topic === undefined) return [];
        const moving = topic.partitions.filter(
          ({ index, addingReplicas, removingReplicas }) =>
            addingReplicas.length + removingReplicas.length > 0 && (indexes === undefined || indexes.has(index)),
        );
        if (moving.length === 0) return [];
        const partitions = moving.map(({ index, replicas, addingReplicas, removingReplicas }) => ({
          partitionIndex: index,
          replicas,
          addingReplicas,
          removingReplicas,
        }));
        return [{ name: topic.name, partitions }];
      });
      return { errorCode: errorCode.NONE, errorMessage: null, topics };
    },

    refused: (refusal, request) => ({
      errorCode: errorCode[refusal.refused],
      errorMessage: refusal.message,
      topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map(partitionIndex => ({
          partitionIndex,
          replicas: [],
          addingReplicas: [],
          removingReplicas: [],
        })),
      })),
    }),
  });
}
