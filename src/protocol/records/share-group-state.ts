// Records of __share_group_state (KIP-932): a snapshot per share partition, updates on top of it.

import { array, type Infer, int8, int16, int32, int64, message, string, struct, uuid } from '../schema.ts';
import { type CoordinatorRecord, type CoordinatorRecordInit, coordinatorCodec } from './coordinator.ts';

export const ShareSnapshotKey = message({
  name: 'ShareSnapshotKey',
  key: 0,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    topicId: uuid,
    partition: int32,
  },
});
export type ShareSnapshotKey = Infer<typeof ShareSnapshotKey>;

export const ShareSnapshotValue = message({
  name: 'ShareSnapshotValue',
  key: 0,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    snapshotEpoch: int32,
    stateEpoch: int32,
    leaderEpoch: int32,
    startOffset: int64,
    deliveryCompleteCount: int32.tag(0).or(-1),
    createTimestamp: int64,
    writeTimestamp: int64,
    stateBatches: array(
      struct({
        firstOffset: int64,
        lastOffset: int64,
        deliveryState: int8,
        deliveryCount: int16,
      }),
    ),
  },
});
export type ShareSnapshotValue = Infer<typeof ShareSnapshotValue>;

export const ShareUpdateKey = message({
  name: 'ShareUpdateKey',
  key: 1,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    topicId: uuid,
    partition: int32,
  },
});
export type ShareUpdateKey = Infer<typeof ShareUpdateKey>;

export const ShareUpdateValue = message({
  name: 'ShareUpdateValue',
  key: 1,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    snapshotEpoch: int32,
    leaderEpoch: int32,
    startOffset: int64,
    deliveryCompleteCount: int32.tag(0).or(-1),
    stateBatches: array(
      struct({
        firstOffset: int64,
        lastOffset: int64,
        deliveryState: int8,
        deliveryCount: int16,
      }),
    ),
  },
});
export type ShareUpdateValue = Infer<typeof ShareUpdateValue>;

export const shareGroupStateRecords = {
  shareSnapshot: { key: ShareSnapshotKey, value: ShareSnapshotValue },
  shareUpdate: { key: ShareUpdateKey, value: ShareUpdateValue },
} as const;

export type ShareGroupStateRecord = CoordinatorRecord<typeof shareGroupStateRecords>;
export type ShareGroupStateRecordInit = CoordinatorRecordInit<typeof shareGroupStateRecords>;

export const shareGroupStateCodec = coordinatorCodec(shareGroupStateRecords);
