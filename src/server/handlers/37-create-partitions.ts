// CreatePartitions, key 37, versions 0-3. Topics only ever grow.
import { isRefusal } from '../../base/result.ts';
import { createPartitions } from '../../core/controller/create-partitions.ts';
import { errorCode } from '../../protocol/errors.ts';
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../../protocol/messages/37-create-partitions.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

export function createPartitionsApi(services: Services): ServedApi {
  return serve({
    request: CreatePartitionsRequest,
    response: CreatePartitionsResponse,

    async handle({ topics, validateOnly }) {
      const reply = await services.decide(createPartitions({ topics, validateOnly }));
      if (isRefusal(reply)) return reply;
      return {
        results: reply.map(({ name, error, message }) => ({
          name,
          errorCode: errorCode[error],
          // The one error that Kafka gives no words with.
          errorMessage: error === 'UNKNOWN_TOPIC_OR_PARTITION' ? null : message,
        })),
      };
    },

    refused: (refusal, request) => ({
      results: request.topics.map(({ name }) => ({
        name,
        errorCode: errorCode[refusal.refused],
        errorMessage: refusal.message,
      })),
    }),
  });
}
