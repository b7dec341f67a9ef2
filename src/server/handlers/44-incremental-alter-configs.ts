// IncrementalAlterConfigs, key 44, versions 0-1 (KIP-339). Sets single configurations of topics; the data plane acts by
// them when the answer is sent.
import { isRefusal } from '../../base/result.ts';
import { alterConfigs } from '../../core/controller/alter-configs.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/messages/44-incremental-alter-configs.ts';
import { type ServedApi, serve } from '../api.ts';
import { configRules } from '../controller-settings.ts';
import type { Services } from '../services.ts';

export function incrementalAlterConfigs(services: Services): ServedApi {
  return serve({
    request: IncrementalAlterConfigsRequest,
    response: IncrementalAlterConfigsResponse,

    async handle({ resources, validateOnly }) {
      const rules = configRules(services.config);
      const reply = await services.decide(alterConfigs({ resources, validateOnly }, services.nodeId, rules));
      if (isRefusal(reply)) return reply;
      return {
        responses: reply.map(({ resourceType, resourceName, error, message }) => ({
          errorCode: errorCode[error],
          // Kafka has no words for what it stumbles over.
          errorMessage: error === 'UNKNOWN_SERVER_ERROR' ? null : message,
          resourceType,
          resourceName,
        })),
      };
    },

    refused: (refusal, request) => ({
      responses: request.resources.map(({ resourceType, resourceName }) => ({
        errorCode: errorCode[refusal.refused],
        errorMessage: refusal.message,
        resourceType,
        resourceName,
      })),
    }),
  });
}
