// Byte cursors: big-endian integers, varints as in protobuf and KIP-482. The only byte arithmetic of the protocol; no
// versions and no schemas here. Every length is checked against the bytes that are left before anything is allocated.
import { textBetween, utf8 } from '../base/bytes.ts';
import { putUuid, type Uuid, uuidAt } from '../base/uuid.ts';

/** The bytes do not spell what was asked for, or the value cannot be spelled. The only error of this folder. */
export class WireError extends Error {
  override name = 'WireError';
}

const asciiLengthMax = 32;
const smallestInt64 = -(2n ** 63n);
const largestInt64 = 2n ** 63n - 1n;

/**
 * Reads from `bytes`; what it returns of them (slice, rest) borrows and is not copied. Small integers are put together here:
 * a view costs more than a short message does.
 */
export class Reader {
  readonly bytes: Uint8Array;
  private at = 0;
  private lazyView: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  private get view(): DataView {
    this.lazyView ??= viewOf(this.bytes);
    return this.lazyView;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  get position(): number {
    return this.at;
  }

  private take(n: number): number {
    const at = this.at;
    if (n < 0 || n > this.bytes.length - at) throw new WireError(`need ${n} bytes, have ${this.left}`);
    this.at = at + n;
    return at;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  i16(): number {
    return i16At(this.bytes, this.take(2));
  }

  u16(): number {
    return i16At(this.bytes, this.take(2)) & 0xffff;
  }

  i32(): number {
    return i32At(this.bytes, this.take(4));
  }

  u32(): number {
    return i32At(this.bytes, this.take(4)) >>> 0;
  }

  i64(): bigint {
    return this.view.getBigInt64(this.take(8));
  }

  f64(): number {
    return this.view.getFloat64(this.take(8));
  }

  /** The int16 that lies `ahead` bytes before what is read next. */
  peekI16(ahead: number): number {
    if (ahead < 0 || ahead + 2 > this.left) throw new WireError(`need ${ahead + 2} bytes, have ${this.left}`);
    return i16At(this.bytes, this.at + ahead);
  }

  /** Unsigned varint of up to 32 bits. */
  uvar(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new WireError('unsigned varint over 32 bits');
  }

  /** Zigzag varint of up to 32 bits. */
  varint(): number {
    const raw = this.uvar();
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** Zigzag varint of up to 64 bits. */
  varlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >> 64n !== 0n) break;
        return (value >> 1n) ^ -(value & 1n);
      }
    }
    throw new WireError('varlong over 64 bits');
  }

  uuid(): Uuid {
    return uuidAt(this.bytes, this.take(16));
  }

  /** `length` bytes of UTF-8. */
  text(length: number): string {
    const at = this.take(length);
    return textBetween(this.bytes, at, this.at);
  }

  /** The next `length` bytes, borrowed. */
  slice(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** All that is left, borrowed. */
  rest(): Uint8Array {
    return this.slice(this.left);
  }
}

/** A growing buffer. A number that its width cannot hold is a WireError, not a silent wrap. */
export class Writer {
  private bytes: Uint8Array;
  private lazyView: DataView | undefined;
  private at = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  private get view(): DataView {
    this.lazyView ??= viewOf(this.bytes);
    return this.lazyView;
  }

  get length(): number {
    return this.at;
  }

  // Reserve first, then touch `bytes` or `view`: growing replaces them.
  private room(n: number): number {
    const at = this.at;
    const need = at + n;
    if (need > this.bytes.length) {
      const grown = new Uint8Array(Math.max(need, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
      this.lazyView = undefined;
    }
    this.at = need;
    return at;
  }

  i8(v: number): void {
    if ((v << 24) >> 24 !== v) throw outside(v, 'int8');
    const at = this.room(1);
    this.bytes[at] = v;
  }

  u8(v: number): void {
    if ((v & 0xff) !== v) throw outside(v, 'uint8');
    const at = this.room(1);
    this.bytes[at] = v;
  }

  i16(v: number): void {
    if ((v << 16) >> 16 !== v) throw outside(v, 'int16');
    const at = this.room(2);
    this.bytes[at] = v >> 8;
    this.bytes[at + 1] = v;
  }

  u16(v: number): void {
    if ((v & 0xffff) !== v) throw outside(v, 'uint16');
    const at = this.room(2);
    this.bytes[at] = v >> 8;
    this.bytes[at + 1] = v;
  }

  i32(v: number): void {
    if ((v | 0) !== v) throw outside(v, 'int32');
    const at = this.room(4);
    putI32(this.bytes, at, v);
  }

  u32(v: number): void {
    if (v >>> 0 !== v) throw outside(v, 'uint32');
    const at = this.room(4);
    putI32(this.bytes, at, v);
  }

  i64(v: bigint): void {
    if (typeof v !== 'bigint' || v < smallestInt64 || v > largestInt64) throw outside(v, 'int64');
    const at = this.room(8);
    this.view.setBigInt64(at, v);
  }

  f64(v: number): void {
    const at = this.room(8);
    this.view.setFloat64(at, v);
  }

  uvar(v: number): void {
    if (v >>> 0 !== v) throw outside(v, 'unsigned varint');
    let rest = v;
    for (; rest > 0x7f; rest >>>= 7) this.u8((rest & 0x7f) | 0x80);
    this.u8(rest);
  }

  varint(v: number): void {
    if ((v | 0) !== v) throw outside(v, 'varint');
    this.uvar(((v << 1) ^ (v >> 31)) >>> 0);
  }

  varlong(v: bigint): void {
    if (typeof v !== 'bigint' || v < smallestInt64 || v > largestInt64) throw outside(v, 'varlong');
    let rest = BigInt.asUintN(64, (v << 1n) ^ (v >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) this.u8(Number(rest & 0x7fn) | 0x80);
    this.u8(Number(rest));
  }

  uuid(id: string): void {
    const at = this.room(16);
    if (!putUuid(id, this.bytes, at)) throw new WireError(`'${id}' is not a uuid`);
  }

  /** Writes the UTF-8 of `value` behind its length, which `prefix` writes. */
  text(value: string, prefix: (w: Writer, length: number) => void): void {
    if (value.length <= asciiLengthMax && isAscii(value)) {
      prefix(this, value.length);
      const at = this.room(value.length);
      for (let i = 0; i < value.length; i++) this.bytes[at + i] = value.charCodeAt(i);
      return;
    }
    const bytes = utf8(value);
    prefix(this, bytes.length);
    this.raw(bytes);
  }

  /** Copies `bytes` as they are: already encoded pieces (cached topics, record batches) need no second pass. */
  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** Overwrites four bytes at `at`, which were written before: for sizes and checksums known last. */
  patchU32(at: number, v: number): void {
    if (at < 0 || at + 4 > this.at) throw new WireError(`no int32 at ${at} to patch`);
    putI32(this.bytes, at, v);
  }

  /** What was written, borrowed: the writer must not be used afterwards. */
  done(): Uint8Array {
    // Making a view of a few bytes takes longer than writing them: whoever knows the length gives it as the capacity.
    return this.at === this.bytes.length ? this.bytes : this.bytes.subarray(0, this.at);
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const i16At = (bytes: Uint8Array, at: number): number => (((bytes[at]! << 8) | bytes[at + 1]!) << 16) >> 16;

const i32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

function putI32(bytes: Uint8Array, at: number, v: number): void {
  bytes[at] = v >> 24;
  bytes[at + 1] = v >> 16;
  bytes[at + 2] = v >> 8;
  bytes[at + 3] = v;
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) >= 0x80) return false;
  return true;
}

const outside = (v: unknown, kind: string): WireError => new WireError(`${String(v)} is not an ${kind}`);
