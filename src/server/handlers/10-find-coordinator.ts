// FindCoordinator, key 10, versions 0-6. Groups only: coordinators of transactions and share groups are not served yet,
// and that is said with an error no client retries, or a transactional producer would hang until max.block.ms.
import { isRefusal, refuse } from '../../base/result.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../protocol/messages/10-find-coordinator.ts';
import { type ApiRefusal, type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';
import type { BrokerNode } from '../views.ts';

type Coordinator = FindCoordinatorResponse['coordinators'][number];

const firstWithKeys = 4;

/** Kafka's coordinator types, by key type. */
const unserved: readonly (string | undefined)[] = [undefined, 'transactions', 'share groups'];

export function findCoordinator({ coordinators }: Services): ServedApi {
  async function find(keyType: number, key: string, listener: string): Promise<Coordinator> {
    const what = unserved[keyType];
    if (keyType !== 0) {
      const why = what === undefined ? `there is no coordinator of type ${keyType}` : `${what} are not served yet`;
      return notFound(key, refuse('INVALID_REQUEST', why));
    }
    const node = await coordinators.find(key, listener);
    return isRefusal(node) ? notFound(key, node) : found(key, node);
  }

  return serve({
    request: FindCoordinatorRequest,
    response: FindCoordinatorResponse,

    async handle(request, { version, listener }) {
      const keys = keysOf(request, version);
      const results = await Promise.all(keys.map(key => find(request.keyType, key, listener.name)));
      return shaped(results, version);
    },

    refused: (refusal, request, { version }) =>
      shaped(
        keysOf(request, version).map(key => notFound(key, refusal)),
        version,
      ),
  });
}

const keysOf = ({ key, coordinatorKeys }: FindCoordinatorRequest, version: number): readonly string[] =>
  version >= firstWithKeys ? coordinatorKeys : [key];

/** Versions before 4 have one key, spread over the answer's top level. */
function shaped(coordinators: readonly Coordinator[], version: number) {
  if (version >= firstWithKeys) return { coordinators };
  const [{ key: _key, ...only }] = coordinators as [Coordinator];
  return { coordinators: [], ...only };
}

const found = (key: string, { id, host, port }: BrokerNode): Coordinator => ({
  key,
  nodeId: id,
  host,
  port,
  errorCode: errorCode.NONE,
  errorMessage: 'NONE' satisfies ErrorName,
});

const notFound = (key: string, { refused, message }: ApiRefusal): Coordinator => ({
  key,
  nodeId: -1,
  host: '',
  port: -1,
  errorCode: errorCode[refused],
  errorMessage: message,
});
