// Committed offsets in columns, a slot each: a shard may hold millions, and as objects they would cost the garbage
// collector more than the requests do. A slot is one version of one partition's offset; versions are chained until the
// newer one is committed.
import { type Uuid, zeroUuid } from '../../../base/uuid.ts';

/** The fields of OffsetCommitValue, in all its versions. Times are ms since the epoch. */
export interface OffsetValue {
  readonly offset: bigint;
  /** -1 when the client gave none. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestamp: bigint;
  /** -1 unless the commit asked for a retention time of its own. */
  readonly expireTimestamp: bigint;
  /** The zero uuid in records before version 4. */
  readonly topicId: Uuid;
}

export const noExpireTimestamp = -1n;

/** What `previous` says of a slot that is committed: nothing to go back to. */
export const settled = -1;
/** What `previous` says of an uncommitted slot that nothing was there before. */
export const absent = -2;

const firstCapacity = 64;
const tombstone = 1;
const value = 0;

export class OffsetColumns {
  private capacity = firstCapacity;
  private used = 0;
  /** Free slots are chained through `previousOf`. */
  private firstFree = settled;
  private offsets = new BigInt64Array(firstCapacity);
  private commitTimestamps = new BigInt64Array(firstCapacity);
  private recordOffsets = new BigInt64Array(firstCapacity);
  private leaderEpochs = new Int32Array(firstCapacity);
  private previousOf = new Int32Array(firstCapacity);
  private kinds = new Uint8Array(firstCapacity);
  private readonly metadata: string[] = [];
  private readonly topicIds: Uuid[] = [];
  /** Only very old clients set it. */
  private readonly expireTimestamps = new Map<number, bigint>();

  /** Slots in use. */
  size = 0;

  /** `topicId` is the one of `fields`, as a string that many slots share. */
  add(fields: OffsetValue, topicId: Uuid, recordOffset: bigint, previous: number): number {
    const slot = this.take(value, previous);
    this.put(slot, fields, topicId, recordOffset);
    return slot;
  }

  addTombstone(previous: number): number {
    return this.take(tombstone, previous);
  }

  /** Overwrites; only for slots nobody has to go back to. */
  put(slot: number, fields: OffsetValue, topicId: Uuid, recordOffset: bigint): void {
    this.offsets[slot] = fields.offset;
    this.commitTimestamps[slot] = fields.commitTimestamp;
    this.recordOffsets[slot] = recordOffset;
    this.leaderEpochs[slot] = fields.leaderEpoch;
    // An equal string that is there already is kept: the new one would have to outlive its birth.
    if (this.metadata[slot] !== fields.metadata) this.metadata[slot] = fields.metadata;
    this.topicIds[slot] = topicId;
    if (fields.expireTimestamp !== noExpireTimestamp) this.expireTimestamps.set(slot, fields.expireTimestamp);
    else if (this.expireTimestamps.size > 0) this.expireTimestamps.delete(slot);
  }

  free(slot: number): void {
    this.previousOf[slot] = this.firstFree;
    this.firstFree = slot;
    this.size--;
    this.metadata[slot] = '';
    this.topicIds[slot] = zeroUuid;
    if (this.expireTimestamps.size > 0) this.expireTimestamps.delete(slot);
  }

  isTombstone(slot: number): boolean {
    return this.kinds[slot] === tombstone;
  }

  previous(slot: number): number {
    return this.previousOf[slot]!;
  }

  settle(slot: number): void {
    this.previousOf[slot] = settled;
  }

  offset(slot: number): bigint {
    return this.offsets[slot]!;
  }

  leaderEpoch(slot: number): number {
    return this.leaderEpochs[slot]!;
  }

  metadataOf(slot: number): string {
    return this.metadata[slot]!;
  }

  topicId(slot: number): Uuid {
    return this.topicIds[slot]!;
  }

  commitTimestamp(slot: number): bigint {
    return this.commitTimestamps[slot]!;
  }

  expireTimestamp(slot: number): bigint {
    return this.expireTimestamps.get(slot) ?? noExpireTimestamp;
  }

  /** Offset in the log of the record that the slot was committed with. */
  recordOffset(slot: number): bigint {
    return this.recordOffsets[slot]!;
  }

  private take(kind: number, previous: number): number {
    let slot = this.firstFree;
    if (slot !== settled) {
      this.firstFree = this.previousOf[slot]!;
    } else {
      if (this.used === this.capacity) this.grow();
      slot = this.used++;
      this.metadata.push('');
      this.topicIds.push(zeroUuid);
    }
    this.kinds[slot] = kind;
    this.previousOf[slot] = previous;
    this.size++;
    return slot;
  }

  private grow(): void {
    this.capacity *= 2;
    this.offsets = bigger(this.offsets, new BigInt64Array(this.capacity));
    this.commitTimestamps = bigger(this.commitTimestamps, new BigInt64Array(this.capacity));
    this.recordOffsets = bigger(this.recordOffsets, new BigInt64Array(this.capacity));
    this.leaderEpochs = bigger(this.leaderEpochs, new Int32Array(this.capacity));
    this.previousOf = bigger(this.previousOf, new Int32Array(this.capacity));
    this.kinds = bigger(this.kinds, new Uint8Array(this.capacity));
  }
}

function bigger<C extends BigInt64Array | Int32Array | Uint8Array>(column: C, larger: C): C {
  // Same kind of column on both sides; the overloads of `set` cannot say so.
  if (column instanceof BigInt64Array) (larger as BigInt64Array).set(column);
  else (larger as Int32Array | Uint8Array).set(column);
  return larger;
}
