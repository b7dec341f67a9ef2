/**
 * Turns the messages of abi.ts into bytes and back. Both ends are ours and built together: a mismatch is a bug, not input,
 * so reading checks bounds (DataView throws) and nothing else; writing refuses values that do not fit, in words.
 * Every request and every answer passes here: a table is turned into closures once.
 */
import type { AbiFields, AbiMessages, AbiStruct, AbiType, AbiUnion, AbiValue } from './abi.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();
const shortTextBytes = 64;

class AbiWriter {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private end = 0;

  /** Room for `size` more bytes; returns where they start. The view may be another one afterwards. */
  room(size: number): number {
    const at = this.end;
    this.end += size;
    if (this.end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.end, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }
  u8(value: number): void {
    const at = this.room(1);
    this.view.setUint8(at, value);
  }
  i16(value: number): void {
    const at = this.room(2);
    this.view.setInt16(at, value, true);
  }
  i32(value: number): void {
    const at = this.room(4);
    this.view.setInt32(at, value, true);
  }
  u32(value: number): void {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
  }
  i64(value: bigint): void {
    const at = this.room(8);
    this.view.setBigInt64(at, value, true);
  }
  raw(value: Uint8Array): void {
    const at = this.room(value.length);
    this.bytes.set(value, at);
  }
  patchSize(at: number): void {
    this.view.setUint32(at, this.end - at - 4, true);
  }
  get size(): number {
    return this.end;
  }
  /** Borrowed until something is written behind `cut`. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.end);
  }
  cut(size: number): void {
    this.end = size;
  }
}

/** Copies up to this share slabs, as small Buffers of Node's do: an allocation each costs ten times what the copy does. */
const slabCopyBytesMax = 512;
const slabBytes = 8 * 1024;
let slab = new Uint8Array(slabBytes);
let slabUsed = 0;

function copyOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length > slabCopyBytesMax) return new Uint8Array(bytes);
  if (slabUsed + bytes.length > slabBytes) {
    slab = new Uint8Array(slabBytes);
    slabUsed = 0;
  }
  const copy = slab.subarray(slabUsed, slabUsed + bytes.length);
  copy.set(bytes);
  slabUsed += bytes.length;
  return copy;
}

class AbiReader {
  private readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
  step(size: number): number {
    const from = this.at;
    this.at += size;
    return from;
  }
  /** A copy: the bytes read from are used again for the next drain. */
  take(size: number): Uint8Array {
    const from = this.step(size);
    if (this.at > this.bytes.length) throw new RangeError('message ends early');
    return copyOf(this.bytes.subarray(from, this.at));
  }
  /** Mostly a few ASCII characters: a peer's address, with every request. */
  text(size: number): string {
    const from = this.step(size);
    if (this.at > this.bytes.length) throw new RangeError('message ends early');
    let out = '';
    for (let i = from; i < this.at; i++) {
      const byte = this.bytes[i]!;
      if (byte >= 0x80 || size > shortTextBytes) return text.decode(this.bytes.subarray(from, this.at));
      out += String.fromCharCode(byte);
    }
    return out;
  }
}

const int = (value: unknown, low: number, high: number, path: string): number => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${path} must be an integer from ${low} to ${high}, not ${String(value)}`);
  return value;
};
const long = (value: unknown, path: string): bigint => {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value)
    throw new RangeError(`${path} must be a 64-bit bigint, not ${String(value)}`);
  return value;
};
const octets = (value: unknown, path: string): Uint8Array => {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${path} must be a Uint8Array`);
  return value;
};

type Write = (to: AbiWriter, value: unknown) => void;
type Read = (from: AbiReader) => unknown;
type AbiRecord = { [name: string]: unknown };

/** `path` is for the words of a refusal. */
function writerOf(type: AbiType, path: string): Write {
  if (typeof type === 'string') {
    const write = scalarWriters[type];
    return (to, value) => write(to, value, path);
  }
  if ('enum' in type) {
    return (to, value) => {
      const at = type.of.indexOf(value as string);
      if (at < 0) throw new RangeError(`${path} must be one of ${type.of.join(', ')}, not ${String(value)}`);
      to.u8(at);
    };
  }
  if ('array' in type) {
    const writeItem = writerOf(type.array, `${path}[]`);
    return (to, value) => {
      if (!Array.isArray(value)) throw new TypeError(`${path} must be an array`);
      to.u32(value.length);
      for (const item of value) writeItem(to, item);
    };
  }
  return fieldsWriter(type.fields, path);
}

type ScalarType = Extract<AbiType, string>;

const scalarWriters: Readonly<Record<ScalarType, (to: AbiWriter, value: unknown, path: string) => void>> = {
  bool(to, value, path) {
    if (typeof value !== 'boolean') throw new TypeError(`${path} must be a boolean`);
    to.u8(value ? 1 : 0);
  },
  i16: (to, value, path) => to.i16(int(value, -0x8000, 0x7fff, path)),
  i32: (to, value, path) => to.i32(int(value, -0x80000000, 0x7fffffff, path)),
  u32: (to, value, path) => to.u32(int(value, 0, 0xffffffff, path)),
  i64: (to, value, path) => to.i64(long(value, path)),
  count: (to, value, path) => to.i64(BigInt(int(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, path))),
  uuid(to, value, path) {
    const id = octets(value, path);
    if (id.length !== 16) throw new RangeError(`${path} must be 16 bytes, not ${id.length}`);
    to.raw(id);
  },
  string(to, value, path) {
    if (typeof value !== 'string') throw new TypeError(`${path} must be a string`);
    const bytes = utf8.encode(value);
    to.u32(bytes.length);
    to.raw(bytes);
  },
  bytes(to, value, path) {
    const bytes = octets(value, path);
    to.u32(bytes.length);
    to.raw(bytes);
  },
};

function fieldsWriter(fields: AbiFields, path: string): Write {
  const entries = Object.entries(fields).map(([name, type]) => ({ name, write: writerOf(type, `${path}.${name}`) }));
  return (to, value) => {
    if (typeof value !== 'object' || value === null) throw new TypeError(`${path} must be an object`);
    for (const { name, write } of entries) write(to, (value as AbiRecord)[name]);
  };
}

function readerOf(type: AbiType): Read {
  if (typeof type === 'string') return scalarReaders[type];
  if ('enum' in type) return from => type.of[from.view.getUint8(from.step(1))];
  if ('array' in type) {
    const readItem = readerOf(type.array);
    return from => {
      const items: unknown[] = [];
      for (let left = from.view.getUint32(from.step(4), true); left > 0; left--) items.push(readItem(from));
      return items;
    };
  }
  const readInto = fieldsReader(type.fields);
  return from => readInto(from, {});
}

const scalarReaders: Readonly<Record<ScalarType, Read>> = {
  bool: from => from.view.getUint8(from.step(1)) === 1,
  i16: from => from.view.getInt16(from.step(2), true),
  i32: from => from.view.getInt32(from.step(4), true),
  u32: from => from.view.getUint32(from.step(4), true),
  i64: from => from.view.getBigInt64(from.step(8), true),
  count: from => Number(from.view.getBigInt64(from.step(8), true)),
  uuid: from => from.take(16),
  string: from => from.text(from.view.getUint32(from.step(4), true)),
  bytes: from => from.take(from.view.getUint32(from.step(4), true)),
};

function fieldsReader(fields: AbiFields): (from: AbiReader, into: AbiRecord) => AbiRecord {
  const entries = Object.entries(fields).map(([name, type]) => ({ name, read: readerOf(type) }));
  return (from, into) => {
    for (const { name, read } of entries) into[name] = read(from);
    return into;
  };
}

/** Encodes one struct without size and tag. */
export function encodeStruct<F extends AbiFields>(fields: F, value: AbiStruct<F>, path: string): Uint8Array {
  const to = new AbiWriter();
  fieldsWriter(fields, path)(to, value);
  return to.written();
}

/** Decodes one struct without size and tag. */
export const decodeStruct = <F extends AbiFields>(fields: F, bytes: Uint8Array): AbiStruct<F> =>
  fieldsReader(fields)(new AbiReader(bytes), {}) as AbiStruct<F>;

/** Encodes messages of a table, one behind the other. */
export interface Encoder<M extends AbiMessages> {
  /** Throws RangeError or TypeError, and adds nothing, when a value does not fit. Returns the bytes of all that were added. */
  add(message: AbiUnion<M>): number;
  /** Those that were added since the last call; borrowed until the next `add`. */
  take(): Uint8Array;
}

export function encoderOf<M extends AbiMessages>(messages: M): Encoder<M> {
  const entries = Object.entries(messages);
  const writers = new Map(entries.map(([name, fields], tag) => [name, { tag, write: fieldsWriter(fields, name) }]));
  const to = new AbiWriter();
  return {
    add(message) {
      const writer = writers.get(String(message.type));
      if (writer === undefined) throw new TypeError(`there is no command '${String(message.type)}'`);
      const from = to.size;
      try {
        to.u32(0);
        to.u8(writer.tag);
        writer.write(to, message);
        to.patchSize(from);
      } catch (error) {
        to.cut(from);
        throw error;
      }
      return to.size;
    },
    take() {
      const written = to.written();
      to.cut(0);
      return written;
    },
  };
}

/** Decodes runs of whole messages; byte fields are copies. */
export function decoderOf<M extends AbiMessages>(
  messages: M,
): (bytes: Uint8Array, each: (message: AbiUnion<M>) => void) => void {
  const readers = Object.entries(messages).map(([type, fields]) => ({ type, readInto: fieldsReader(fields) }));
  return (bytes, each) => {
    const from = new AbiReader(bytes);
    while (from.at < bytes.length) {
      const end = from.view.getUint32(from.step(4), true) + from.at;
      const reader = readers[from.view.getUint8(from.step(1))];
      if (reader === undefined)
        throw new RangeError('the addon and the TypeScript side were built from different sources');
      each(reader.readInto(from, { type: reader.type }) as AbiUnion<M>);
      from.at = end;
    }
  };
}

export type { AbiValue };
