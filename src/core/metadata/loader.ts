// Builds the image from bytes: of a snapshot, then of the log behind it. Batches that the image already contains are
// passed over, so that a read may begin anywhere before the first new one.
import { decodeBatch, readBatchHeader, splitBatches } from '../../protocol/records/batch.ts';
import { type ControlRecord, decodeControlRecord } from '../../protocol/records/control.ts';
import { decodeMetadataRecord } from '../../protocol/records/metadata/record.ts';
import { WireError } from '../../protocol/wire.ts';
import type { MetadataImage } from './image.ts';
import { noRaftFacts, type RaftFacts } from './raft-facts.ts';
import { Replay, ReplayError } from './replay.ts';
import { TransactionFilter } from './transactions.ts';

export class MetadataLoader {
  image: MetadataImage;
  raft: RaftFacts = noRaftFacts;
  /** Of the last record contained, milliseconds since the epoch. */
  lastTimestampMs = 0n;
  private readonly filter = new TransactionFilter();

  constructor(empty: MetadataImage) {
    this.image = empty;
  }

  /** True when the log ended within a metadata transaction: its records wait and must be aborted. */
  get transactionOpen(): boolean {
    return this.filter.open;
  }

  /** The whole of a snapshot, which contains everything before `endOffset`. Only as the first thing loaded. */
  loadSnapshot(bytes: Uint8Array, endOffset: bigint, epoch: number): void {
    const replay = new Replay(this.image);
    let finished = false;
    for (const whole of batchesOf(bytes)) {
      if (finished) throw new ReplayError('a snapshot goes on behind its footer');
      const batch = decodeBatch(whole);
      for (const { key, value, offset } of batch.records) {
        if (batch.control) finished = this.control(controlRecordAt(offset, key, value)) || finished;
        else replay.replay(recordAt(offset, value));
      }
    }
    if (!finished) throw new ReplayError('a snapshot has no footer');
    this.image = replay.finish(endOffset - 1n, epoch).after;
  }

  /** Whole batches of the log, in order and without a gap to what is loaded. */
  loadLog(bytes: Uint8Array): void {
    const replay = new Replay(this.image);
    let { offset, epoch } = this.image;
    for (const whole of batchesOf(bytes)) {
      const { baseOffset, lastOffsetDelta } = readBatchHeader(whole);
      if (baseOffset + BigInt(lastOffsetDelta) <= offset) continue;
      if (baseOffset !== offset + 1n) throw new ReplayError(`the metadata log jumps from ${offset} to ${baseOffset}`);
      const batch = decodeBatch(whole);
      for (const { key, value, offset: at } of batch.records) {
        if (batch.control) this.control(controlRecordAt(at, key, value));
        else for (const record of this.filter.admit(recordAt(at, value))) replay.replay(record);
      }
      offset = baseOffset + BigInt(lastOffsetDelta);
      epoch = batch.leaderEpoch;
      this.lastTimestampMs = batch.maxTimestamp;
    }
    if (offset !== this.image.offset) this.image = replay.finish(offset, epoch).after;
  }

  /** True for a footer. */
  private control(record: ControlRecord | undefined): boolean {
    if (record?.kind === 'snapshotHeader') this.lastTimestampMs = record.data.lastContainedLogTimestamp;
    if (record?.kind === 'kraftVersion') this.raft = { ...this.raft, kraftVersion: record.data.kRaftVersion };
    if (record?.kind === 'voters') this.raft = { ...this.raft, voters: record.data.voters };
    return record?.kind === 'snapshotFooter';
  }
}

function batchesOf(bytes: Uint8Array): Uint8Array[] {
  const batches = splitBatches(bytes);
  const length = batches.reduce((sum, batch) => sum + batch.length, 0);
  if (length !== bytes.length) throw new WireError(`${bytes.length - length} bytes behind the last whole batch`);
  return batches;
}

const recordAt = (offset: bigint, value: Uint8Array | null) =>
  located(offset, () => decodeMetadataRecord(present(value)));

const controlRecordAt = (offset: bigint, key: Uint8Array | null, value: Uint8Array | null) =>
  located(offset, () => decodeControlRecord(present(key), present(value)));

function present(bytes: Uint8Array | null): Uint8Array {
  if (bytes === null) throw new WireError('a record without a key or value');
  return bytes;
}

function located<T>(offset: bigint, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new WireError(`the record at offset ${offset}: ${error.message}`);
  }
}
