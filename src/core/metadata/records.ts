// The records of the metadata log as this floor speaks of them. A decision writes MetadataRecordInit, where defaults may
// be left out; replay sees MetadataRecord, decoded from the very bytes that go into the log, so that a decision and a
// restart cannot see different things.
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
  type MetadataRecordInit,
  type MetadataRecordType,
} from '../../protocol/records/metadata/record.ts';

export type { MetadataRecord, MetadataRecordInit, MetadataRecordType };

export type DataOf<T extends MetadataRecordType> = Extract<MetadataRecord, { type: T }>['data'];

export interface EncodedRecord {
  readonly value: Uint8Array;
  readonly record: MetadataRecord;
}

/** What the log will hold of `init`, and what replay will see of it. */
export function encodeRecord(init: MetadataRecordInit): EncodedRecord {
  const value = encodeMetadataRecord(init);
  return { value, record: decodeMetadataRecord(value) };
}
