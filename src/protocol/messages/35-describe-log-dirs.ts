// DescribeLogDirs, key 35, versions 1-5.
// Sizes of partitions by log directory. Null topics ask for all.
// 2: flexible   3: error code of the whole answer   4: volume sizes (KIP-827)   5: cordoned directories (KIP-1066)
import { array, bool, type Infer, int16, int32, int64, message, string, struct } from '../schema.ts';

export const DescribeLogDirsRequest = message({
  name: 'DescribeLogDirsRequest',
  key: 35,
  min: 1,
  max: 5,
  flexibleFrom: 2,
  fields: {
    topics: array(
      struct({
        topic: string,
        partitions: array(int32),
      }),
    ).nullable(),
  },
});
export type DescribeLogDirsRequest = Infer<typeof DescribeLogDirsRequest>;

export const DescribeLogDirsResponse = message({
  name: 'DescribeLogDirsResponse',
  key: 35,
  min: 1,
  max: 5,
  flexibleFrom: 2,
  fields: {
    throttleTimeMs: int32.or(0),
    errorCode: int16.since(3).ignorable(),
    results: array(
      struct({
        errorCode: int16,
        logDir: string,
        topics: array(
          struct({
            name: string,
            partitions: array(
              struct({
                partitionIndex: int32,
                partitionSize: int64,
                offsetLag: int64,
                isFutureKey: bool,
              }),
            ),
          }),
        ),
        totalBytes: int64.since(4).or(-1n).ignorable(),
        usableBytes: int64.since(4).or(-1n).ignorable(),
        isCordoned: bool.since(5).or(false).ignorable(),
      }),
    ),
  },
});
export type DescribeLogDirsResponse = Infer<typeof DescribeLogDirsResponse>;
