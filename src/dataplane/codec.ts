/**
 * Turns the messages of abi.ts into bytes and back. Both ends are ours and built together: a mismatch is a bug, not input,
 * so reading checks bounds (DataView throws) and nothing else; writing refuses values that do not fit, in words.
 */
import type { AbiFields, AbiMessages, AbiStruct, AbiType, AbiUnion, AbiValue } from './abi.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

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
  /** Borrowed until the next message is written. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.end);
  }
  clear(): void {
    this.end = 0;
  }
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
    return new Uint8Array(this.bytes.subarray(from, this.at));
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

function writeScalar(to: AbiWriter, type: string, value: unknown, path: string): void {
  switch (type) {
    case 'bool':
      if (typeof value !== 'boolean') throw new TypeError(`${path} must be a boolean`);
      to.u8(value ? 1 : 0);
      return;
    case 'i16':
      to.i16(int(value, -0x8000, 0x7fff, path));
      return;
    case 'i32':
      to.i32(int(value, -0x80000000, 0x7fffffff, path));
      return;
    case 'u32':
      to.u32(int(value, 0, 0xffffffff, path));
      return;
    case 'i64':
      to.i64(long(value, path));
      return;
    case 'count':
      to.i64(BigInt(int(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, path)));
      return;
    case 'uuid': {
      const id = octets(value, path);
      if (id.length !== 16) throw new RangeError(`${path} must be 16 bytes, not ${id.length}`);
      to.raw(id);
      return;
    }
    case 'string': {
      if (typeof value !== 'string') throw new TypeError(`${path} must be a string`);
      const bytes = utf8.encode(value);
      to.u32(bytes.length);
      to.raw(bytes);
      return;
    }
    case 'bytes': {
      const bytes = octets(value, path);
      to.u32(bytes.length);
      to.raw(bytes);
      return;
    }
  }
  throw new Error(`no such type: ${type}`);
}

function writeValue(to: AbiWriter, type: AbiType, value: unknown, path: string): void {
  if (typeof type === 'string') {
    writeScalar(to, type, value, path);
    return;
  }
  if ('enum' in type) {
    const at = type.of.indexOf(value as string);
    if (at < 0) throw new RangeError(`${path} must be one of ${type.of.join(', ')}, not ${String(value)}`);
    to.u8(at);
    return;
  }
  if ('array' in type) {
    if (!Array.isArray(value)) throw new TypeError(`${path} must be an array`);
    to.u32(value.length);
    for (const [index, item] of value.entries()) writeValue(to, type.array, item, `${path}[${index}]`);
    return;
  }
  writeFields(to, type.fields, value, path);
}

function writeFields(to: AbiWriter, fields: AbiFields, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${path} must be an object`);
  const record = value as { readonly [name: string]: unknown };
  for (const [name, type] of Object.entries(fields)) writeValue(to, type, record[name], `${path}.${name}`);
}

function readScalar(from: AbiReader, type: string): unknown {
  const { view } = from;
  switch (type) {
    case 'bool':
      return view.getUint8(from.step(1)) === 1;
    case 'i16':
      return view.getInt16(from.step(2), true);
    case 'i32':
      return view.getInt32(from.step(4), true);
    case 'u32':
      return view.getUint32(from.step(4), true);
    case 'i64':
      return view.getBigInt64(from.step(8), true);
    case 'count':
      return Number(view.getBigInt64(from.step(8), true));
    case 'uuid':
      return from.take(16);
    case 'string':
      return text.decode(from.take(view.getUint32(from.step(4), true)));
    case 'bytes':
      return from.take(view.getUint32(from.step(4), true));
  }
  throw new Error(`no such type: ${type}`);
}

function readValue(from: AbiReader, type: AbiType): unknown {
  if (typeof type === 'string') return readScalar(from, type);
  if ('enum' in type) return type.of[from.view.getUint8(from.step(1))];
  if ('array' in type) {
    const items: unknown[] = [];
    for (let left = from.view.getUint32(from.step(4), true); left > 0; left--) items.push(readValue(from, type.array));
    return items;
  }
  return readFields(from, type.fields);
}

function readFields(from: AbiReader, fields: AbiFields): { [name: string]: unknown } {
  const record: { [name: string]: unknown } = {};
  for (const [name, type] of Object.entries(fields)) record[name] = readValue(from, type);
  return record;
}

/** Encodes one struct without size and tag. */
export function encodeStruct<F extends AbiFields>(fields: F, value: AbiStruct<F>, path: string): Uint8Array {
  const to = new AbiWriter();
  writeFields(to, fields, value, path);
  return to.written();
}

/** Decodes one struct without size and tag. */
export const decodeStruct = <F extends AbiFields>(fields: F, bytes: Uint8Array): AbiStruct<F> =>
  readFields(new AbiReader(bytes), fields) as AbiStruct<F>;

/** Encodes one message of a table at a time; what it returns is borrowed until the next call. */
export function encoderOf<M extends AbiMessages>(messages: M): (message: AbiUnion<M>) => Uint8Array {
  const tags = new Map(Object.keys(messages).map((name, tag) => [name, tag]));
  const to = new AbiWriter();
  return message => {
    const name = String(message.type);
    const tag = tags.get(name);
    const fields = messages[name];
    if (tag === undefined || fields === undefined) throw new TypeError(`there is no command '${name}'`);
    to.clear();
    to.u32(0);
    to.u8(tag);
    writeFields(to, fields, message, name);
    to.patchSize(0);
    return to.written();
  };
}

/** Decodes a run of whole messages; byte fields are copies. */
export function decodeMessages<M extends AbiMessages>(
  messages: M,
  bytes: Uint8Array,
  each: (message: AbiUnion<M>) => void,
): void {
  const names = Object.keys(messages);
  const from = new AbiReader(bytes);
  while (from.at < bytes.length) {
    const end = from.view.getUint32(from.step(4), true) + from.at;
    const name = names[from.view.getUint8(from.step(1))];
    const fields = name === undefined ? undefined : messages[name];
    if (fields === undefined)
      throw new RangeError('the addon and the TypeScript side were built from different sources');
    each({ type: name, ...readFields(from, fields) } as AbiUnion<M>);
    from.at = end;
  }
}

export type { AbiValue };
