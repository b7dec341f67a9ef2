// ApiVersions, key 18, versions 0-4.
// What this broker serves. Asked before anything is known of each other: the response header is always version 0, and an
// unsupported version is answered with a version 0 body and error 35 (KIP-511).
// 1: throttle time   3: flexible, client software, features (KIP-584)
// 4: features with minimum version 0 are not hidden
import { array, bool, type Infer, int16, int32, int64, message, string, struct } from '../schema.ts';

export const ApiVersionsRequest = message({
  name: 'ApiVersionsRequest',
  key: 18,
  min: 0,
  max: 4,
  flexibleFrom: 3,
  fields: {
    clientSoftwareName: string.since(3).ignorable(),
    clientSoftwareVersion: string.since(3).ignorable(),
  },
});
export type ApiVersionsRequest = Infer<typeof ApiVersionsRequest>;

export const ApiVersionsResponse = message({
  name: 'ApiVersionsResponse',
  key: 18,
  min: 0,
  max: 4,
  flexibleFrom: 3,
  fields: {
    errorCode: int16,
    apiKeys: array(
      struct({
        apiKey: int16,
        minVersion: int16,
        maxVersion: int16,
      }),
    ),
    throttleTimeMs: int32.since(1).or(0).ignorable(),
    supportedFeatures: array(
      struct({
        name: string,
        minVersion: int16,
        maxVersion: int16,
      }),
    )
      .since(3)
      .tag(0)
      .ignorable(),
    finalizedFeaturesEpoch: int64.since(3).tag(1).or(-1n).ignorable(),
    finalizedFeatures: array(
      struct({
        name: string,
        maxVersionLevel: int16,
        minVersionLevel: int16,
      }),
    )
      .since(3)
      .tag(2)
      .ignorable(),
    zkMigrationReady: bool.since(3).tag(3).ignorable(),
  },
});
export type ApiVersionsResponse = Infer<typeof ApiVersionsResponse>;
