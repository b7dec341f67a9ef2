// DescribeCluster, key 60, versions 0-2.
// Brokers and controllers (KIP-700).
// 1: endpoint type: 1 brokers, 2 controllers (KIP-919)   2: fenced brokers (KIP-1073)
import { array, bool, type Infer, int8, int16, int32, message, string, struct } from '../schema.ts';

export const DescribeClusterRequest = message({
  name: 'DescribeClusterRequest',
  key: 60,
  min: 0,
  max: 2,
  flexibleFrom: 0,
  fields: {
    includeClusterAuthorizedOperations: bool,
    endpointType: int8.since(1).or(1),
    includeFencedBrokers: bool.since(2),
  },
});
export type DescribeClusterRequest = Infer<typeof DescribeClusterRequest>;

export const DescribeClusterResponse = message({
  name: 'DescribeClusterResponse',
  key: 60,
  min: 0,
  max: 2,
  flexibleFrom: 0,
  fields: {
    throttleTimeMs: int32.or(0),
    errorCode: int16,
    errorMessage: string.nullable().or(null),
    endpointType: int8.since(1).or(1),
    clusterId: string,
    controllerId: int32.or(-1),
    brokers: array(
      struct({
        brokerId: int32,
        host: string,
        port: int32,
        rack: string.nullable().or(null),
        isFenced: bool.since(2),
      }),
    ),
    clusterAuthorizedOperations: int32.or(-0x8000_0000),
  },
});
export type DescribeClusterResponse = Infer<typeof DescribeClusterResponse>;
