// IncrementalAlterConfigs, key 44, versions 0-1.
// Changes single keys (KIP-339). Operations: 0 set, 1 delete, 2 append, 3 subtract.
// 1: flexible
import { array, bool, type Infer, int8, int16, int32, message, string, struct } from '../schema.ts';

export const IncrementalAlterConfigsRequest = message({
  name: 'IncrementalAlterConfigsRequest',
  key: 44,
  min: 0,
  max: 1,
  flexibleFrom: 1,
  fields: {
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            configOperation: int8,
            value: string.nullable(),
          }),
        ),
      }),
    ),
    validateOnly: bool,
  },
});
export type IncrementalAlterConfigsRequest = Infer<typeof IncrementalAlterConfigsRequest>;

export const IncrementalAlterConfigsResponse = message({
  name: 'IncrementalAlterConfigsResponse',
  key: 44,
  min: 0,
  max: 1,
  flexibleFrom: 1,
  fields: {
    throttleTimeMs: int32.or(0),
    responses: array(
      struct({
        errorCode: int16,
        errorMessage: string.nullable(),
        resourceType: int8,
        resourceName: string,
      }),
    ),
  },
});
export type IncrementalAlterConfigsResponse = Infer<typeof IncrementalAlterConfigsResponse>;
