// DescribeConfigs, key 32, versions 1-4.
// Values of configuration keys with their sources.
// 1: source and synonyms (KIP-226)   3: type and documentation   4: flexible
import { array, bool, type Infer, int8, int16, int32, message, string, struct } from '../schema.ts';

export const DescribeConfigsRequest = message({
  name: 'DescribeConfigsRequest',
  key: 32,
  min: 1,
  max: 4,
  flexibleFrom: 4,
  fields: {
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configurationKeys: array(string).nullable(),
      }),
    ),
    includeSynonyms: bool.or(false),
    includeDocumentation: bool.since(3).or(false),
  },
});
export type DescribeConfigsRequest = Infer<typeof DescribeConfigsRequest>;

export const DescribeConfigsResponse = message({
  name: 'DescribeConfigsResponse',
  key: 32,
  min: 1,
  max: 4,
  flexibleFrom: 4,
  fields: {
    throttleTimeMs: int32.or(0),
    results: array(
      struct({
        errorCode: int16,
        errorMessage: string.nullable(),
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: string.nullable(),
            readOnly: bool,
            configSource: int8.or(-1).ignorable(),
            isSensitive: bool,
            synonyms: array(
              struct({
                name: string,
                value: string.nullable(),
                source: int8,
              }),
            ).ignorable(),
            configType: int8.since(3).or(0).ignorable(),
            documentation: string.since(3).nullable().ignorable(),
          }),
        ),
      }),
    ),
  },
});
export type DescribeConfigsResponse = Infer<typeof DescribeConfigsResponse>;
