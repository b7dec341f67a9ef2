// DeleteRecords, key 21, versions 0-2.
// Moves the log start offset forward; offset -1 means the high watermark.
// 2: flexible
import { array, type Infer, int16, int32, int64, message, string, struct } from '../schema.ts';

export const DeleteRecordsRequest = message({
  name: 'DeleteRecordsRequest',
  key: 21,
  min: 0,
  max: 2,
  flexibleFrom: 2,
  fields: {
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            offset: int64,
          }),
        ),
      }),
    ),
    timeoutMs: int32,
  },
});
export type DeleteRecordsRequest = Infer<typeof DeleteRecordsRequest>;

export const DeleteRecordsResponse = message({
  name: 'DeleteRecordsResponse',
  key: 21,
  min: 0,
  max: 2,
  flexibleFrom: 2,
  fields: {
    throttleTimeMs: int32.or(0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            lowWatermark: int64,
            errorCode: int16,
          }),
        ),
      }),
    ),
  },
});
export type DeleteRecordsResponse = Infer<typeof DeleteRecordsResponse>;
