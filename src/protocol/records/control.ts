// .
import { array, type Infer, int16, int32, int64, message, string, struct, uint16, uuid } from '../schema.ts';

export const ControlRecordTypeSchema = message({
  name: 'ControlRecordTypeSchema',
  key: -1,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    type: int16,
  },
});
export type ControlRecordTypeSchema = Infer<typeof ControlRecordTypeSchema>;

export const EndTxnMarker = message({
  name: 'EndTxnMarker',
  key: -1,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    coordinatorEpoch: int32,
  },
});
export type EndTxnMarker = Infer<typeof EndTxnMarker>;

const voter = struct({
  voterId: int32,
  voterDirectoryId: uuid.since(1),
});

export const LeaderChangeMessage = message({
  name: 'LeaderChangeMessage',
  key: -1,
  min: 0,
  max: 1,
  flexibleFrom: 0,
  fields: {
    version: int16,
    leaderId: int32,
    voters: array(voter),
    grantingVoters: array(voter),
  },
});
export type LeaderChangeMessage = Infer<typeof LeaderChangeMessage>;

export const SnapshotHeaderRecord = message({
  name: 'SnapshotHeaderRecord',
  key: -1,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    version: int16,
    lastContainedLogTimestamp: int64,
  },
});
export type SnapshotHeaderRecord = Infer<typeof SnapshotHeaderRecord>;

export const SnapshotFooterRecord = message({
  name: 'SnapshotFooterRecord',
  key: -1,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    version: int16,
  },
});
export type SnapshotFooterRecord = Infer<typeof SnapshotFooterRecord>;

export const KRaftVersionRecord = message({
  name: 'KRaftVersionRecord',
  key: -1,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    version: int16,
    kRaftVersion: int16,
  },
});
export type KRaftVersionRecord = Infer<typeof KRaftVersionRecord>;

export const VotersRecord = message({
  name: 'VotersRecord',
  key: -1,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    version: int16,
    voters: array(
      struct({
        voterId: int32,
        voterDirectoryId: uuid,
        endpoints: array(
          struct({
            name: string,
            host: string,
            port: uint16,
          }),
        ),
        kRaftVersionFeature: struct({
          minSupportedVersion: int16,
          maxSupportedVersion: int16,
        }),
      }),
    ),
  },
});
export type VotersRecord = Infer<typeof VotersRecord>;
