// Records of control batches: one record each, the key says which kind. Transaction markers are prefixed by the version of
// their schema; the records of Raft and of snapshots carry it as their first field instead.
import { codecOf, decode } from '../codec.ts';
import {
  array,
  type Infer,
  type Init,
  int16,
  int32,
  int64,
  type Message,
  message,
  string,
  struct,
  uint16,
  uuid,
} from '../schema.ts';
import { Reader, WireError, Writer } from '../wire.ts';

/** The key of every control record, behind its version (0). */
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

/** How a transaction ended: written to every partition it touched. The key says commit or abort. */
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

/** First record of every epoch of the metadata log: who leads, and who voted for it. */
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

/** First record of a snapshot. */
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

/** Last record of a snapshot: one without it is not complete. */
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

/** The finalized kraft.version, which lives in the log itself (KIP-853). */
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

/** The set of voters (KIP-853). */
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

/** Kinds by their number in the key. */
export const controlKinds = [
  'abort',
  'commit',
  'leaderChange',
  'snapshotHeader',
  'snapshotFooter',
  'kraftVersion',
  'voters',
] as const;
export type ControlKind = (typeof controlKinds)[number];

const schemas = {
  abort: EndTxnMarker,
  commit: EndTxnMarker,
  leaderChange: LeaderChangeMessage,
  snapshotHeader: SnapshotHeaderRecord,
  snapshotFooter: SnapshotFooterRecord,
  kraftVersion: KRaftVersionRecord,
  voters: VotersRecord,
} as const satisfies Record<ControlKind, Message>;

export type ControlRecord = {
  [K in ControlKind]: { readonly kind: K; readonly data: Infer<(typeof schemas)[K]> };
}[ControlKind];

export type ControlRecordInit = {
  [K in ControlKind]: { readonly kind: K; readonly data: Init<(typeof schemas)[K]> };
}[ControlKind];

const isMarker = (kind: ControlKind): boolean => kind === 'abort' || kind === 'commit';
const keyVersion = 0;
const markerVersion = 0;

/** Key and value of a control record. Records with a `version` field are written in that version. */
export function encodeControlRecord(record: ControlRecordInit): { key: Uint8Array; value: Uint8Array } {
  const key = new Writer(4);
  key.i16(keyVersion);
  key.i16(controlKinds.indexOf(record.kind));
  const value = new Writer(64);
  const schema: Message = schemas[record.kind];
  const data = record.data as { readonly version?: number };
  if (isMarker(record.kind)) value.i16(markerVersion);
  codecOf(schema, data.version ?? markerVersion).write(value, data as Record<string, unknown>);
  return { key: key.done(), value: value.done() };
}

/** The kind that a key names; undefined for kinds of later protocols, which are to be skipped. */
export function controlKindOf(key: Uint8Array): ControlKind | undefined {
  const r = new Reader(key);
  const version = r.i16();
  if (version < keyVersion) throw new WireError(`control record key of version ${version}`);
  return controlKinds[r.i16()];
}

/** Undefined for kinds of later protocols. */
export function decodeControlRecord(key: Uint8Array, value: Uint8Array): ControlRecord | undefined {
  const kind = controlKindOf(key);
  if (kind === undefined) return undefined;
  const version = new Reader(value).i16();
  const data = decode(schemas[kind] as Message, version, isMarker(kind) ? value.subarray(2) : value);
  return { kind, data } as unknown as ControlRecord;
}
