// Committed offsets as they are found by the million when a coordinator loads: the usual shapes are decoded in place, out
// of the buffer they were read into, with strings and ids that were seen before. The generic codec decodes whatever else
// there is, and says what is wrong with it; tests hold the two together.
import { text } from '../../base/bytes.ts';
import { type Uuid, uuidAt, zeroUuid } from '../../base/uuid.ts';
import type { ConsumerOffsetsRecord } from './consumer-offsets.ts';
import type { RecordPlace } from './record-cursor.ts';

type OffsetCommitRecord = Extract<ConsumerOffsetsRecord, { type: 'offsetCommit' }>;
type OffsetCommitData = NonNullable<OffsetCommitRecord['value']>['data'];

const offsetCommitKey = 1;
/** Of Kafka 2.1 to 3.9, and of 4.0 on. */
const rigidVersion = 3;
const flexibleVersion = 4;
const noExpireTimestamp = -1n;
const uuidBytes = 16;
const partitionBytes = 4;
/** Type, two lengths, partition. */
const keyBytesMin = 10;

export class OffsetCommitDecoder {
  private readonly groups = new Seen<string>(textAt);
  private readonly topics = new Seen<string>(textAt);
  private readonly metadata = new Seen<string>(textAt);
  private readonly uuids = new Seen<Uuid>((bytes, at) => uuidAt(bytes, at));
  /** Everything of the last key but its partition: mostly the next one is the same so far. */
  private lastPrefix: Uint8Array = new Uint8Array(0);
  private lastGroup = '';
  private lastTopic = '';
  private bytes: Uint8Array = new Uint8Array(0);
  /** Of the buffer that `bytes` are part of. */
  private view: DataView = new DataView(new ArrayBuffer(0));
  private at = 0;
  private end = 0;

  /** Undefined for what is not of a usual shape, sound or not. */
  decode(place: RecordPlace): OffsetCommitRecord | undefined {
    const { keyBytes, keyAt, keyLength, valueAt, valueLength } = place;
    const prefixEnd = keyAt + keyLength - partitionBytes;
    if (keyLength < keyBytesMin) return undefined;
    if (!same(this.lastPrefix, keyBytes, keyAt, prefixEnd) && !this.prefix(keyBytes, keyAt, prefixEnd))
      return undefined;
    this.bytes = keyBytes;
    this.at = prefixEnd;
    const key = { group: this.lastGroup, topic: this.lastTopic, partition: this.i32() };
    if (valueLength < 0) return { type: 'offsetCommit', key, value: null };
    this.bytes = place.valueBytes;
    this.at = valueAt;
    this.end = valueAt + valueLength;
    const version = valueLength < 2 ? -1 : this.i16();
    if (version !== rigidVersion && version !== flexibleVersion) return undefined;
    const data = this.value(version === flexibleVersion);
    return data === undefined ? undefined : { type: 'offsetCommit', key, value: { version, data } };
  }

  /** Type, group and topic; false when they are not of the usual shape. */
  private prefix(bytes: Uint8Array, at: number, end: number): boolean {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    if (this.i16() !== offsetCommitKey) return false;
    const group = this.string(this.groups, this.i16());
    if (group === undefined || this.end - this.at < 2) return false;
    const topic = this.string(this.topics, this.i16());
    if (topic === undefined || this.at !== end) return false;
    this.lastPrefix = bytes.slice(at, end);
    this.lastGroup = group;
    this.lastTopic = topic;
    return true;
  }

  private value(flexible: boolean): OffsetCommitData | undefined {
    // Offset, leader epoch, the shortest length of the metadata.
    if (this.end - this.at < 14) return undefined;
    const offset = this.i64();
    const leaderEpoch = this.i32();
    // Longer ones, whose length takes two bytes, are the generic codec's.
    const length = flexible ? this.bytes[this.at++]! : this.i16();
    const metadata = length > 0x7f ? undefined : this.string(this.metadata, flexible ? length - 1 : length);
    if (metadata === undefined || this.end - this.at < 8) return undefined;
    const commitTimestamp = this.i64();
    const topicId = flexible ? this.tagged() : zeroUuid;
    if (topicId === undefined || this.at !== this.end) return undefined;
    return { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp: noExpireTimestamp, topicId };
  }

  /** No tagged field, or the topic id alone. */
  private tagged(): Uuid | undefined {
    const { bytes, at, end } = this;
    if (at + 1 === end && bytes[at] === 0) {
      this.at = end;
      return zeroUuid;
    }
    if (at + 3 + uuidBytes !== end || bytes[at] !== 1 || bytes[at + 1] !== 0 || bytes[at + 2] !== uuidBytes) {
      return undefined;
    }
    this.at = end;
    return this.uuids.at(bytes, at + 3, end);
  }

  private string(seen: Seen<string>, length: number): string | undefined {
    const { at } = this;
    if (length < 0 || length > this.end - at) return undefined;
    this.at = at + length;
    return length === 0 ? '' : seen.at(this.bytes, at, at + length);
  }

  private i16(): number {
    const { bytes, at } = this;
    this.at = at + 2;
    return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
  }

  private i32(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  private i64(): bigint {
    const { bytes, at } = this;
    this.at = at + 8;
    if (this.view.buffer !== bytes.buffer) this.view = new DataView(bytes.buffer);
    return this.view.getBigInt64(bytes.byteOffset + at);
  }
}

const textAt = (bytes: Uint8Array, at: number, end: number): string => text(bytes.subarray(at, end));

/** Entries of each cache; one that is hit by another value is replaced. */
const seenMax = 4_096;

/** What bytes have been turned into before: the same few strings come again and again. */
class Seen<T> {
  private readonly make: (bytes: Uint8Array, at: number, end: number) => T;
  private readonly keys: (Uint8Array | undefined)[] = new Array(seenMax).fill(undefined);
  private readonly values: (T | undefined)[] = new Array(seenMax).fill(undefined);
  /** Mostly the next one is the same again. */
  private lastSlot = 0;

  constructor(make: (bytes: Uint8Array, at: number, end: number) => T) {
    this.make = make;
  }

  at(bytes: Uint8Array, at: number, end: number): T {
    const last = this.keys[this.lastSlot];
    if (last !== undefined && same(last, bytes, at, end)) return this.values[this.lastSlot]!;
    let hash = 0;
    for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const slot = (hash ^ (hash >>> 15)) & (seenMax - 1);
    this.lastSlot = slot;
    const key = this.keys[slot];
    if (key !== undefined && same(key, bytes, at, end)) return this.values[slot]!;
    const value = this.make(bytes, at, end);
    this.keys[slot] = bytes.slice(at, end);
    this.values[slot] = value;
    return value;
  }
}

function same(key: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (key.length !== end - at) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[at + i]) return false;
  return true;
}
