// Compiles a schema into closures for one version: whatever depends on the version is decided once, and the closures hold
// no comparison of versions. Rules are Kafka's: unknown tagged fields are skipped; a value other than the default that the
// version cannot carry is an error unless the field is ignorable; null is an error where the version does not allow it.
import { assert } from '../base/assert.ts';
import type { Fields, In, Infer, Init, Life, Message, Node, Out } from './schema.ts';
import { Reader, WireError, Writer } from './wire.ts';

/** Reads and writes T; both throw WireError only. What `read` returns borrows the reader's bytes for bytes and records. */
export interface Codec<T, I = T> {
  read(r: Reader): T;
  write(w: Writer, value: I): void;
}

/** The codec of `message` at `version`, compiled once per process. Versions outside the message's range throw WireError. */
export function codecOf<F extends Fields>(message: Message<F>, version: number): Codec<Infer<Message<F>>, In<F>> {
  const at = version - message.min;
  let versions = compiled.get(message.fields);
  if (versions === undefined) {
    versions = [];
    compiled.set(message.fields, versions);
  }
  let codec = versions[at];
  if (codec === undefined) {
    if (!Number.isInteger(version) || version < message.min || version > message.max) {
      throw new WireError(`${message.name} has no version ${version}`);
    }
    codec = structCodec(message.fields, { version, flexible: version >= message.flexibleFrom }, message.name);
    versions[at] = codec;
  }
  return codec as Codec<Infer<Message<F>>, In<F>>;
}

const compiled = new WeakMap<Fields, Part[]>();

/** The value that `bytes`, all of them, spell. */
export function decode<F extends Fields>(message: Message<F>, version: number, bytes: Uint8Array): Infer<Message<F>> {
  const r = new Reader(bytes);
  const value = codecOf(message, version).read(r);
  if (r.left > 0) throw new WireError(`${r.left} bytes behind ${message.name}`);
  return value;
}

/** The bytes of `value`: a view whose ArrayBuffer may be larger. Throws WireError for what the version cannot carry. */
export function encode<F extends Fields>(message: Message<F>, version: number, value: Init<Message<F>>): Uint8Array {
  const w = new Writer();
  codecOf(message, version).write(w, value as In<F>);
  return w.done();
}

/** The default of a field: what a version without it means. Structs default to the struct of their fields' defaults. */
export function defaultOf(life: Life): unknown {
  if (life.absent !== undefined || life.node.kind !== 'struct') return life.absent;
  return Object.freeze(blankOf(life.node.fields));
}

const blankOf = (fields: Fields): Out<Fields> =>
  Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, defaultOf(field.life)]));

/** Is `value` what an absent field means? Undefined, a sender's omission, is. */
export function isDefault(life: Life, value: unknown): boolean {
  if (value === undefined || value === life.absent) return true;
  if (value === null || life.absent === null) return false;
  switch (life.node.kind) {
    case 'array':
    case 'bytes':
    case 'records':
      return (value as { length: number }).length === 0;
    case 'struct':
      return Object.entries(life.node.fields).every(([key, f]) => isDefault(f.life, (value as Values)[key]));
    default:
      return false;
  }
}

type Values = Readonly<Record<string, unknown>>;
type Part = Codec<unknown>;
interface At {
  readonly version: number;
  readonly flexible: boolean;
}

// --- one value ---------------------------------------------------------------------------------------------------------

interface Prefix {
  read(r: Reader): number;
  write(w: Writer, n: number): void;
}
const compact: Prefix = { read: r => r.uvar() - 1, write: (w, n) => w.uvar(n + 1) };
const prefix16: Prefix = { read: r => r.i16(), write: (w, n) => w.i16(n) };
const prefix32: Prefix = { read: r => r.i32(), write: (w, n) => w.i32(n) };

/** Kafka's bound on every string, whatever its prefix could say. */
const stringBytesMax = 0x7fff;

const scalars: Readonly<Record<string, Part>> = {
  bool: { read: r => r.i8() !== 0, write: (w, v) => w.i8(v ? 1 : 0) },
  int8: { read: r => r.i8(), write: (w, v) => w.i8(v as number) },
  int16: { read: r => r.i16(), write: (w, v) => w.i16(v as number) },
  uint16: { read: r => r.u16(), write: (w, v) => w.u16(v as number) },
  int32: { read: r => r.i32(), write: (w, v) => w.i32(v as number) },
  uint32: { read: r => r.u32(), write: (w, v) => w.u32(v as number) },
  int64: { read: r => r.i64(), write: (w, v) => w.i64(v as bigint) },
  float64: { read: r => r.f64(), write: (w, v) => w.f64(v as number) },
  uuid: { read: r => r.uuid(), write: (w, v) => w.uuid(v as string) },
};

/** `nullable` is what the field says at this version; elements of arrays never are. */
function partOf(node: Node, nullable: boolean, at: At, path: string): Part {
  switch (node.kind) {
    case 'string':
      return stringPart(nullable, at.flexible ? compact : prefix16, path);
    case 'bytes':
    case 'records':
      return bytesPart(nullable, at.flexible ? compact : prefix32, path);
    case 'array':
      return arrayPart(node.of, nullable, at, path);
    case 'struct':
      return nullable ? nullableStruct(structCodec(node.fields, at, path)) : structCodec(node.fields, at, path);
    default: {
      assert(!nullable, `${path}: a ${node.kind} cannot be null`);
      return scalars[node.kind]!;
    }
  }
}

function stringPart(nullable: boolean, prefix: Prefix, path: string): Part {
  const length = (w: Writer, n: number): void => {
    if (n > stringBytesMax) throw new WireError(`${path}: a string of ${n} bytes`);
    prefix.write(w, n);
  };
  return {
    read(r) {
      const n = prefix.read(r);
      if (n < 0) return nullRead(nullable, path);
      if (n > stringBytesMax) throw new WireError(`${path}: a string of ${n} bytes`);
      return r.text(n);
    },
    write(w, v) {
      if (v === null) return nullWritten(nullable, w, prefix, path);
      if (typeof v !== 'string') throw new WireError(`${path}: ${typeof v} is not a string`);
      w.text(v, length);
    },
  };
}

function bytesPart(nullable: boolean, prefix: Prefix, path: string): Part {
  return {
    read(r) {
      const n = prefix.read(r);
      return n < 0 ? nullRead(nullable, path) : r.slice(n);
    },
    write(w, v) {
      if (v === null) return nullWritten(nullable, w, prefix, path);
      if (!(v instanceof Uint8Array)) throw new WireError(`${path}: ${typeof v} is not bytes`);
      prefix.write(w, v.length);
      w.raw(v);
    },
  };
}

function arrayPart(of: Node, nullable: boolean, at: At, path: string): Part {
  const prefix = at.flexible ? compact : prefix32;
  const each = partOf(of, false, at, `${path}[]`);
  // An element of no bytes at all (a struct without fields at this version) still counts as one: the bytes left bound
  // what is allocated.
  const smallest = Math.max(1, bytesMin(of, false, at));
  return {
    read(r) {
      const n = prefix.read(r);
      if (n < 0) return nullRead(nullable, path);
      if (n * smallest > r.left) throw new WireError(`${path}: ${n} elements in ${r.left} bytes`);
      const out = new Array<unknown>(n);
      for (let i = 0; i < n; i++) out[i] = each.read(r);
      return out;
    },
    write(w, v) {
      if (v === null) return nullWritten(nullable, w, prefix, path);
      if (!Array.isArray(v)) throw new WireError(`${path}: ${typeof v} is not an array`);
      prefix.write(w, v.length);
      for (const item of v) each.write(w, item);
    },
  };
}

function nullRead(nullable: boolean, path: string): null {
  if (!nullable) throw new WireError(`${path}: null`);
  return null;
}

function nullWritten(nullable: boolean, w: Writer, prefix: Prefix, path: string): void {
  if (!nullable) throw new WireError(`${path}: null cannot be sent at this version`);
  prefix.write(w, -1);
}

/** A byte in front of it says whether the struct is there: -1 no, 1 yes. */
const nullableStruct = (inner: Part): Part => ({
  read: r => (r.i8() < 0 ? null : inner.read(r)),
  write(w, v) {
    w.i8(v === null ? -1 : 1);
    if (v !== null) inner.write(w, v);
  },
});

/** In the tagged section the same is an unsigned varint: 0 no, 1 yes. */
const nullableTaggedStruct = (inner: Part): Part => ({
  read: r => (r.uvar() === 0 ? null : inner.read(r)),
  write(w, v) {
    w.uvar(v === null ? 0 : 1);
    if (v !== null) inner.write(w, v);
  },
});

// --- structs -----------------------------------------------------------------------------------------------------------

interface Slot {
  readonly key: string;
  readonly life: Life;
  readonly absent: unknown;
  readonly part: Part;
}

const exists = (life: Life, version: number): boolean => life.from <= version && version <= life.to;
const nullableAt = (life: Life, version: number): boolean => life.nullFrom <= version && version <= life.nullTo;

function structCodec(fields: Fields, at: At, path: string): Part {
  const all = Object.entries(fields);
  const slot = ([key, { life }]: (typeof all)[number]): Slot => {
    const where = life.rigid ? { ...at, flexible: false } : at;
    const nullable = nullableAt(life, at.version);
    const here = `${path}.${key}`;
    const part =
      life.tag >= 0 && life.node.kind === 'struct' && nullable
        ? nullableTaggedStruct(structCodec(life.node.fields, where, here))
        : partOf(life.node, nullable, where, here);
    return { key, life, absent: defaultOf(life), part };
  };
  const present = all.filter(([, f]) => exists(f.life, at.version));
  const fixed = present.filter(([, f]) => f.life.tag < 0).map(slot);
  const tagged = present.filter(([, f]) => f.life.tag >= 0).map(slot);
  tagged.sort((a, b) => a.life.tag - b.life.tag);
  const lost = all.filter(([, f]) => !exists(f.life, at.version) && !f.life.ignorable);
  const blank = blankOf(fields);

  return {
    read(r) {
      const out: Record<string, unknown> = { ...blank };
      for (const f of fixed) out[f.key] = f.part.read(r);
      if (at.flexible) readTagged(r, tagged, out, path);
      return out;
    },
    write(w, value) {
      const v = structOf(value, path);
      for (const [key, { life }] of lost) {
        if (!isDefault(life, v[key])) throw new WireError(`${path}.${key} cannot be sent at version ${at.version}`);
      }
      for (const f of fixed) {
        const given = v[f.key];
        f.part.write(w, given === undefined ? f.absent : given);
      }
      if (at.flexible) writeTagged(w, tagged, v);
    },
  };
}

function structOf(value: unknown, path: string): Values {
  if (typeof value !== 'object' || value === null) throw new WireError(`${path}: ${String(value)} is not a struct`);
  return value as Values;
}

function readTagged(r: Reader, tagged: readonly Slot[], out: Record<string, unknown>, path: string): void {
  // KIP-482 has writers sort them by tag; like Kafka, no reader insists.
  for (let n = r.uvar(); n > 0; n--) {
    const tag = r.uvar();
    const body = r.slice(r.uvar());
    const slot = tagged.find(t => t.life.tag === tag);
    if (slot === undefined) continue;
    const inner = new Reader(body);
    out[slot.key] = slot.part.read(inner);
    if (inner.left > 0) throw new WireError(`${path}.${slot.key}: ${inner.left} bytes too many`);
  }
}

function writeTagged(w: Writer, tagged: readonly Slot[], v: Values): void {
  const set = tagged.filter(t => !isDefault(t.life, v[t.key]));
  w.uvar(set.length);
  for (const t of set) {
    const body = new Writer(64);
    t.part.write(body, v[t.key]);
    w.uvar(t.life.tag);
    w.uvar(body.length);
    w.raw(body.done());
  }
}

// --- the fewest bytes a value can take ---------------------------------------------------------------------------------

const scalarBytes: Readonly<Record<string, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

function bytesMin(node: Node, nullable: boolean, at: At): number {
  switch (node.kind) {
    case 'string':
      return at.flexible ? 1 : 2;
    case 'bytes':
    case 'records':
    case 'array':
      return at.flexible ? 1 : 4;
    case 'struct': {
      if (nullable) return 1;
      let sum = at.flexible ? 1 : 0;
      for (const { life } of Object.values(node.fields)) {
        if (!exists(life, at.version) || life.tag >= 0) continue;
        sum += bytesMin(life.node, nullableAt(life, at.version), life.rigid ? { ...at, flexible: false } : at);
      }
      return sum;
    }
    default:
      return scalarBytes[node.kind]!;
  }
}
