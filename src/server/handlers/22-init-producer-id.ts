// InitProducerId, key 22, versions 0-5. A producer id for an idempotent producer. Transactions are not served yet: a
// transactional id is refused with an error that no client retries.
import { isRefusal, refuse } from '../../base/result.ts';
import { errorCode } from '../../protocol/errors.ts';
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/messages/22-init-producer-id.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

const noProducerId = -1n;
const noProducerEpoch = -1;

export function initProducerId(services: Services): ServedApi {
  return serve({
    request: InitProducerIdRequest,
    response: InitProducerIdResponse,

    async handle(request) {
      // KIP-360: who asks for the next epoch of an id names both.
      if ((request.producerId === noProducerId) !== (request.producerEpoch === noProducerEpoch)) {
        return refuse('INVALID_REQUEST', 'producer id and producer epoch go together');
      }
      if (request.transactionalId === '') return refuse('INVALID_REQUEST', 'the transactional id is empty');
      if (request.transactionalId !== null) {
        return refuse('UNSUPPORTED_VERSION', 'transactions are not served yet');
      }
      const producerId = await services.producerIds.take();
      if (isRefusal(producerId)) return producerId;
      return { errorCode: errorCode.NONE, producerId, producerEpoch: 0 };
    },

    refused: refusal => ({
      errorCode: errorCode[refusal.refused],
      producerId: noProducerId,
      producerEpoch: noProducerEpoch,
    }),
  });
}
