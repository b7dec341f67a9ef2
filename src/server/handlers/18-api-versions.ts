// ApiVersions, key 18, versions 0-4. Names what is really served, and the features of the cluster (KIP-584). From version
// 3 on clients name their software, in a form that KIP-511 restricts.

import { refuse } from '../../base/result.ts';
import { supportedFeatures } from '../../core/metadata/features.ts';
import { type Api, apiOf } from '../../protocol/api.ts';
import { errorCode } from '../../protocol/errors.ts';
import { ApiVersionsRequest, ApiVersionsResponse } from '../../protocol/messages/18-api-versions.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

const firstNamed = 3;
const firstWithZeroMinimum = 4;
const softwareForm = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;

/** `others` are the keys served beside ApiVersions itself, natively or by handlers. */
export function apiVersions(services: Services, others: readonly number[]): ServedApi {
  const keys = [...others, ApiVersionsRequest.key].sort((a, b) => a - b);
  const apiKeys = keys.map(key => advertised(apiOf(key)!));

  return serve({
    request: ApiVersionsRequest,
    response: ApiVersionsResponse,

    handle(request, { version }) {
      const named = [request.clientSoftwareName, request.clientSoftwareVersion];
      if (version >= firstNamed && !named.every(name => softwareForm.test(name))) {
        return refuse('INVALID_REQUEST', 'the client software name or version is not of the form KIP-511 asks for');
      }
      const image = services.image();
      return {
        errorCode: errorCode.NONE,
        apiKeys,
        // Clients that speak up to version 3 fail on a range that begins at 0 (KAFKA-17492).
        supportedFeatures: supportedFeatures
          .filter(range => version >= firstWithZeroMinimum || range.minSupportedVersion > 0)
          .map(range => ({
            name: range.name,
            minVersion: range.minSupportedVersion,
            maxVersion: range.maxSupportedVersion,
          })),
        finalizedFeaturesEpoch: image.offset,
        finalizedFeatures: finalized(services).map(([name, level]) => ({
          name,
          maxVersionLevel: level,
          minVersionLevel: level,
        })),
      };
    },

    lasts: () => true,
    refused: refusal => ({ errorCode: errorCode[refusal.refused], apiKeys: [] }),
  });
}

/** kraft.version is a fact of the quorum, not a record of the cluster's features; clients see both alike. */
function finalized(services: Services): [string, number][] {
  const { kraftVersion } = services.quorum();
  const quorum: [string, number][] = kraftVersion > 0 ? [['kraft.version', kraftVersion]] : [];
  return [...services.image().features, ...quorum];
}

const advertised = (api: Api) => ({ apiKey: api.key, minVersion: api.advertisedMin, maxVersion: api.max });
