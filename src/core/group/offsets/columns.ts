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

const tombstone = 1;
const value = 0;

/** Slots of one chunk, a power of two. Growing by chunks never copies what is there, which would stop the event loop. */
const chunkBits = 11;
const chunkSlots = 1 << chunkBits;
const within = chunkSlots - 1;

class Chunk {
  readonly offsets = new BigInt64Array(chunkSlots);
  readonly commitTimestamps = new BigInt64Array(chunkSlots);
  readonly recordOffsets = new BigInt64Array(chunkSlots);
  readonly leaderEpochs = new Int32Array(chunkSlots);
  readonly previous = new Int32Array(chunkSlots);
  /** Indices of `topicIds`. */
  readonly topics = new Int32Array(chunkSlots);
  readonly kinds = new Uint8Array(chunkSlots);
  /** Made when the first commit brings some. */
  metadata: string[] | undefined;
}

export class OffsetColumns {
  private readonly chunks: Chunk[] = [];
  private used = 0;
  /** Free slots are chained through `previous`. */
  private firstFree = settled;
  /** Every id there ever was: as many as topics, not as offsets. */
  private readonly topicIds: Uuid[] = [zeroUuid];
  private readonly topicNumbers = new Map<Uuid, number>([[zeroUuid, 0]]);
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
    const chunk = this.chunkOf(slot);
    const at = slot & within;
    chunk.offsets[at] = fields.offset;
    chunk.commitTimestamps[at] = fields.commitTimestamp;
    chunk.recordOffsets[at] = recordOffset;
    chunk.leaderEpochs[at] = fields.leaderEpoch;
    chunk.topics[at] = this.topicNumber(topicId);
    if (chunk.metadata !== undefined || fields.metadata !== '') {
      chunk.metadata ??= new Array<string>(chunkSlots).fill('');
      // An equal string that is there already is kept: the new one would have to outlive its birth.
      if (chunk.metadata[at] !== fields.metadata) chunk.metadata[at] = fields.metadata;
    }
    if (fields.expireTimestamp !== noExpireTimestamp) this.expireTimestamps.set(slot, fields.expireTimestamp);
    else if (this.expireTimestamps.size > 0) this.expireTimestamps.delete(slot);
  }

  free(slot: number): void {
    const chunk = this.chunkOf(slot);
    chunk.previous[slot & within] = this.firstFree;
    this.firstFree = slot;
    this.size--;
    if (chunk.metadata !== undefined) chunk.metadata[slot & within] = '';
    if (this.expireTimestamps.size > 0) this.expireTimestamps.delete(slot);
  }

  isTombstone(slot: number): boolean {
    return this.chunkOf(slot).kinds[slot & within] === tombstone;
  }

  previous(slot: number): number {
    return this.chunkOf(slot).previous[slot & within]!;
  }

  settle(slot: number): void {
    this.chunkOf(slot).previous[slot & within] = settled;
  }

  offset(slot: number): bigint {
    return this.chunkOf(slot).offsets[slot & within]!;
  }

  leaderEpoch(slot: number): number {
    return this.chunkOf(slot).leaderEpochs[slot & within]!;
  }

  metadataOf(slot: number): string {
    return this.chunkOf(slot).metadata?.[slot & within] ?? '';
  }

  topicId(slot: number): Uuid {
    return this.topicIds[this.chunkOf(slot).topics[slot & within]!]!;
  }

  commitTimestamp(slot: number): bigint {
    return this.chunkOf(slot).commitTimestamps[slot & within]!;
  }

  expireTimestamp(slot: number): bigint {
    return this.expireTimestamps.get(slot) ?? noExpireTimestamp;
  }

  /** Offset in the log of the record that the slot was committed with. */
  recordOffset(slot: number): bigint {
    return this.chunkOf(slot).recordOffsets[slot & within]!;
  }

  private take(kind: number, previous: number): number {
    let slot = this.firstFree;
    if (slot !== settled) {
      this.firstFree = this.previous(slot);
    } else {
      slot = this.used++;
      if (slot >> chunkBits === this.chunks.length) this.chunks.push(new Chunk());
    }
    const chunk = this.chunkOf(slot);
    chunk.kinds[slot & within] = kind;
    chunk.previous[slot & within] = previous;
    this.size++;
    return slot;
  }

  private topicNumber(topicId: Uuid): number {
    const known = this.topicNumbers.get(topicId);
    if (known !== undefined) return known;
    this.topicNumbers.set(topicId, this.topicIds.length);
    return this.topicIds.push(topicId) - 1;
  }

  private chunkOf(slot: number): Chunk {
    return this.chunks[slot >> chunkBits]!;
  }
}
