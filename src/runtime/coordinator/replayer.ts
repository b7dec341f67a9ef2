// Feeds a coordinator's log to its machine, record by record, so that the caller can stop anywhere between two of them.
import type { Machine, MachineKind, ProducerStamp } from '../../core/coordinator/machine.ts';
import {
  type Batch,
  type BatchHeader,
  type BlockCodec,
  batchHeaderBytes,
  readBatchHeader,
  splitBatches,
} from '../../protocol/records/batch.ts';
import { controlKindOf } from '../../protocol/records/control.ts';
import { UnknownRecordType } from '../../protocol/records/coordinator.ts';
import { RecordCursor } from '../../protocol/records/record-cursor.ts';
import { WireError } from '../../protocol/wire.ts';

/** What a compressed batch may grow to: far above what max.message.bytes lets through. */
const blockBytesMax = 64 * 1024 * 1024;

/** Records that were passed over, and why the first of them was. */
export interface Skipped {
  /** Of a later protocol. */
  unknown: number;
  damaged: number;
  first: string | undefined;
}

export class Replayer<Stored, Rec> {
  /** Of the record to come. */
  nextOffset: bigint;
  readonly skipped: Skipped = { unknown: 0, damaged: 0, first: undefined };
  private readonly kind: Pick<MachineKind<Machine<Stored, Rec>, Stored, Rec>, 'decode' | 'decodeInPlace'>;
  private readonly machine: Machine<Stored, Rec>;
  private codec: BlockCodec | undefined;
  private batches: Uint8Array[] = [];
  private at = 0;
  private header: BatchHeader | undefined;
  private cursor: RecordCursor | undefined;

  constructor(
    kind: Pick<MachineKind<Machine<Stored, Rec>, Stored, Rec>, 'decode' | 'decodeInPlace'>,
    machine: Machine<Stored, Rec>,
    from: bigint,
  ) {
    this.kind = kind;
    this.machine = machine;
    this.nextOffset = from;
  }

  /** Whole batches that follow on those before. Throws WireError when they are none. */
  feed(bytes: Uint8Array): void {
    this.batches = splitBatches(bytes);
    this.at = 0;
  }

  /** Where the log goes on behind what was fed. */
  get fedEnd(): bigint {
    const last = this.batches.at(-1);
    return last === undefined ? this.nextOffset : endOf(last);
  }

  /** Is there a compressed batch in what was fed, and nothing yet to read it with? */
  get needsCodec(): boolean {
    return this.codec === undefined && this.batches.some(isCompressed);
  }

  use(codec: BlockCodec): void {
    this.codec = codec;
  }

  /** Replays up to `records` of what was fed; false when nothing of it is left. Throws WireError for a damaged batch. */
  step(records: number): boolean {
    for (let left = records; left > 0; ) {
      if (this.cursor === undefined && !this.open()) return false;
      const header = this.header!;
      const cursor = this.cursor!;
      const stamp = header.transactional ? stampOf(header) : undefined;
      while (left > 0 && cursor.next()) {
        left--;
        const offset = header.baseOffset + BigInt(cursor.offsetDelta);
        if (offset < this.nextOffset) continue;
        if (header.control) this.marker(cursor, stamp);
        else this.record(cursor, offset, stamp);
      }
      if (cursor.left > 0) continue;
      this.cursor = undefined;
      this.nextOffset = header.baseOffset + BigInt(header.lastOffsetDelta) + 1n;
    }
    return true;
  }

  private open(): boolean {
    const bytes = this.batches[this.at++];
    if (bytes === undefined) return false;
    const header = readBatchHeader(bytes);
    const block = bytes.subarray(batchHeaderBytes);
    this.header = header;
    this.cursor = new RecordCursor(this.plain(header, block), header.recordCount);
    return true;
  }

  private plain({ compression }: Pick<Batch, 'compression'>, block: Uint8Array): Uint8Array {
    if (compression === 'none') return block;
    if (this.codec === undefined) throw new WireError(`no codec for ${compression}`);
    return this.codec.decompress(compression, block, blockBytesMax);
  }

  private record(cursor: RecordCursor, offset: bigint, stamp: ProducerStamp | undefined): void {
    const record = this.kind.decodeInPlace?.(cursor) ?? this.decoded(cursor, offset);
    if (record !== undefined) this.machine.replay(record, offset, stamp);
  }

  private decoded({ key, value }: RecordCursor, offset: bigint): Rec | undefined {
    try {
      if (key === null) throw new WireError('a record without a key');
      return this.kind.decode({ key, value });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (error instanceof UnknownRecordType) this.skipped.unknown++;
      else this.skipped.damaged++;
      this.skipped.first ??= `at offset ${offset}: ${error.message}`;
      return undefined;
    }
  }

  private marker({ key }: RecordCursor, stamp: ProducerStamp | undefined): void {
    const kind = key === null ? undefined : controlKindOf(key);
    if (stamp === undefined || (kind !== 'commit' && kind !== 'abort')) return;
    this.machine.endTransaction(stamp, kind === 'commit');
  }
}

/** Base offset and last offset delta, as splitBatches has seen that they are there. */
function endOf(batch: Uint8Array): bigint {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  return view.getBigInt64(0) + BigInt(view.getInt32(23)) + 1n;
}

/** Bits 0 to 2 of the attributes name the codec. */
const isCompressed = (batch: Uint8Array): boolean => (batch[22]! & 7) !== 0;

const stampOf = ({ producerId, producerEpoch }: BatchHeader): ProducerStamp => ({ producerId, producerEpoch });
