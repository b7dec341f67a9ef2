// DeleteTopics, key 20, versions 1-6. By name, from version 6 on also by id. The partitions are gone for clients when the
// answer is sent; their files follow.
import { isRefusal } from '../../base/result.ts';
import { zeroUuid } from '../../base/uuid.ts';
import { deleteTopics } from '../../core/controller/delete-topics.ts';
import { errorCode } from '../../protocol/errors.ts';
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/messages/20-delete-topics.ts';
import { type ServedApi, serve } from '../api.ts';
import { topicSettings } from '../controller-settings.ts';
import type { Services } from '../services.ts';

export function deleteTopicsApi(services: Services): ServedApi {
  return serve({
    request: DeleteTopicsRequest,
    response: DeleteTopicsResponse,

    async handle(request, { version }) {
      const ask = { topicNames: request.topicNames, topics: request.topics, apiVersion: version };
      const reply = await services.decide(deleteTopics(ask, topicSettings(services.config)));
      if (isRefusal(reply)) return reply;
      return {
        responses: reply.map(({ name, topicId, error, message }) => ({
          name,
          topicId,
          errorCode: errorCode[error],
          errorMessage: message,
        })),
      };
    },

    refused(refusal, request) {
      const named = request.topicNames.map(name => ({ name, topicId: zeroUuid }));
      return {
        responses: [...named, ...request.topics].map(({ name, topicId }) => ({
          name,
          topicId,
          errorCode: errorCode[refusal.refused],
        })),
      };
    },
  });
}
