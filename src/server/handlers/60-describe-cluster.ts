// DescribeCluster, key 60, versions 0-2. The brokers, or, on a controller listener, the controllers (KIP-919).

import { refuse } from '../../base/result.ts';
import type { MetadataImage } from '../../core/metadata/image.ts';
import { errorCode } from '../../protocol/errors.ts';
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/messages/60-describe-cluster.ts';
import { type ServedApi, serve } from '../api.ts';
import { clusterOperations, operationsNotAsked } from '../authorized-operations.ts';
import type { Services } from '../services.ts';
import { type BrokerNode, brokerNodes, controllerNode } from '../views.ts';

/** Kafka's ids of endpoint types. */
export const endpointType = { broker: 1, controller: 2 } as const;
type EndpointType = (typeof endpointType)[keyof typeof endpointType];

/** `serving`: what kind of endpoint the listener is. */
export function describeCluster(services: Services, serving: EndpointType): ServedApi {
  return serve({
    request: DescribeClusterRequest,
    response: DescribeClusterResponse,

    handle(request, { version, listener }) {
      const asked = request.endpointType;
      if (asked !== endpointType.broker && asked !== endpointType.controller) {
        return refuse('UNSUPPORTED_ENDPOINT_TYPE', `Unsupported endpoint type ${asked}`);
      }
      if (asked !== serving) {
        const message = `The request was sent to an endpoint of type ${serving}, but it is meant for type ${asked}`;
        return refuse(version === 0 ? 'INVALID_REQUEST' : 'MISMATCHED_ENDPOINT_TYPE', message);
      }
      const image = services.image();
      const nodes =
        serving === endpointType.broker
          ? brokerNodes(image, listener.name).filter(node => !node.isFenced || request.includeFencedBrokers)
          : controllerNodes(image, listener.name);
      const controllerId = serving === endpointType.broker ? controllerNode(image) : services.quorum().leaderId;
      return {
        errorCode: errorCode.NONE,
        endpointType: serving,
        clusterId: services.clusterId,
        controllerId: nodes.some(node => node.id === controllerId) ? controllerId : -1,
        brokers: nodes.map(({ id, ...node }) => ({ brokerId: id, ...node, isFenced: version >= 2 && node.isFenced })),
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? clusterOperations
          : operationsNotAsked,
      };
    },

    refused: refusal => ({
      errorCode: errorCode[refusal.refused],
      errorMessage: refusal.message,
      clusterId: '',
      brokers: [],
    }),
  });
}

function controllerNodes(image: MetadataImage, listener: string): BrokerNode[] {
  const nodes: BrokerNode[] = [];
  for (const controller of image.controllers.values()) {
    const endpoint = controller.endpoints.find(({ name }) => name === listener);
    if (endpoint === undefined) continue;
    nodes.push({ id: controller.id, host: endpoint.host, port: endpoint.port, rack: null, isFenced: false });
  }
  return nodes.sort((a, b) => a.id - b.id);
}
