// CreateTopics, key 19, versions 2-7. Decided by the controller; the answer shows the configuration that came out of it
// (KIP-525). When it is sent, the data plane already leads the new partitions.
import { isRefusal } from '../../base/result.ts';
import { zeroUuid } from '../../base/uuid.ts';
import { type CreatedTopic, createTopics } from '../../core/controller/create-topics.ts';
import { errorCode } from '../../protocol/errors.ts';
import { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/19-create-topics.ts';
import { type ServedApi, serve } from '../api.ts';
import { effectiveTopicConfigs } from '../config-entries.ts';
import { configRules, topicSettings } from '../controller-settings.ts';
import type { Services } from '../services.ts';

export function createTopicsApi(services: Services): ServedApi {
  return serve({
    request: CreateTopicsRequest,
    response: CreateTopicsResponse,

    async handle(request) {
      const ask = { topics: request.topics, validateOnly: request.validateOnly };
      const reply = await services.decide(
        createTopics(ask, topicSettings(services.config), configRules(services.config)),
      );
      if (isRefusal(reply)) return reply;
      return { topics: reply.map(created => result(created, services)) };
    },

    refused: (refusal, request) => ({
      topics: request.topics.map(({ name }) => ({
        name,
        topicId: zeroUuid,
        errorCode: errorCode[refusal.refused],
        errorMessage: refusal.message,
        configs: [],
      })),
    }),
  });
}

const result = (created: CreatedTopic, services: Services) => ({
  name: created.name,
  topicId: created.topicId,
  errorCode: errorCode[created.error],
  errorMessage: created.message,
  numPartitions: created.numPartitions,
  replicationFactor: created.replicationFactor,
  configs: created.error === 'NONE' ? effectiveTopicConfigs(created.configs, services.config) : [],
});
