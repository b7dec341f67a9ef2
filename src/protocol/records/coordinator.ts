// Keys and values of the coordinators' internal topics: the record type (int16) in front of the key, the version (int16) in
// front of the value. A record without a value is a tombstone.
import { codecOf } from '../codec.ts';
import type { Fields, Infer, Init, Message } from '../schema.ts';
import { Reader, WireError, Writer } from '../wire.ts';

export type CoordinatorTable = Readonly<Record<string, { readonly key: Message; readonly value: Message }>>;

/** As decoded. */
export type CoordinatorRecord<T extends CoordinatorTable> = {
  [K in keyof T]: {
    readonly type: K;
    readonly key: Infer<T[K]['key']>;
    /** Version and fields of the value; null for a tombstone. */
    readonly value: { readonly version: number; readonly data: Infer<T[K]['value']> } | null;
  };
}[keyof T];

/** To write. */
export type CoordinatorRecordInit<T extends CoordinatorTable> = {
  [K in keyof T]: {
    readonly type: K;
    readonly key: Init<T[K]['key']>;
    readonly value: { readonly version: number; readonly data: Init<T[K]['value']> } | null;
  };
}[keyof T];

/** A record of a later protocol: loaders log it and go on. */
export class UnknownRecordType extends WireError {
  override name = 'UnknownRecordType';
}

const keyVersion = 0;
type Loose = Record<string, unknown>;

export interface RecordBytes {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

export interface CoordinatorCodec<T extends CoordinatorTable> {
  encode(record: CoordinatorRecordInit<T>): RecordBytes;
  /** Throws UnknownRecordType, or another WireError for damaged bytes and unknown versions. */
  decode(bytes: RecordBytes): CoordinatorRecord<T>;
}

export function coordinatorCodec<const T extends CoordinatorTable>(table: T): CoordinatorCodec<T> {
  const typeByKey = new Map(Object.entries(table).map(([type, { key }]) => [key.key, type]));
  return {
    encode(record) {
      const { key, value } = table[record.type]!;
      const out = { key: prefixed(key.key, key, keyVersion, record.key as Loose), value: null };
      if (record.value === null) return out;
      const { version, data } = record.value;
      return { ...out, value: prefixed(version, value, version, data as Loose) };
    },
    decode(bytes) {
      const keyReader = new Reader(bytes.key);
      const number = keyReader.i16();
      const type = typeByKey.get(number);
      if (type === undefined) throw new UnknownRecordType(`coordinator record of unknown type ${number}`);
      const schemas = table[type]!;
      const key = rest(keyReader, schemas.key, keyVersion);
      if (bytes.value === null) return { type, key, value: null } as CoordinatorRecord<T>;
      const valueReader = new Reader(bytes.value);
      const version = valueReader.i16();
      const value = { version, data: rest(valueReader, schemas.value, version) };
      return { type, key, value } as unknown as CoordinatorRecord<T>;
    },
  };
}

function prefixed(prefix: number, message: Message<Fields>, version: number, data: Loose): Uint8Array {
  const w = new Writer(64);
  w.i16(prefix);
  codecOf(message, version).write(w, data);
  return w.done();
}

function rest(r: Reader, message: Message<Fields>, version: number): unknown {
  const data = codecOf(message, version).read(r);
  if (r.left > 0) throw new WireError(`${r.left} bytes behind ${message.name}`);
  return data;
}
