// The bytes of a snapshot, `<end offset>-<epoch>.checkpoint` (KIP-630): record batches between a control batch with the
// header (and, since KIP-853, the voters) and one with the footer. A file without a footer was never finished. The
// bootstrap.checkpoint of a formatted directory has the same form.

import { concat } from '../../base/bytes.ts';
import { encodeBatch, type RecordInit } from '../../protocol/records/batch.ts';
import { type ControlRecordInit, encodeControlRecord } from '../../protocol/records/control.ts';
import { encodeMetadataRecord } from '../../protocol/records/metadata/record.ts';
import type { RaftFacts } from './raft-facts.ts';
import type { MetadataRecordInit } from './records.ts';

/** Bytes of records in one batch, about: what is encoded in one go. Kafka reads batches of up to 8 MiB. */
const batchBytesMax = 64 * 1024;

export interface SnapshotInit {
  /** Of the last record contained; 0 for a bootstrap checkpoint. */
  readonly lastTimestampMs: bigint;
  /** Raft epoch of the last record contained. */
  readonly epoch: number;
  /** Stamped on every record of the file. */
  readonly nowMs: bigint;
  /** Undefined in a bootstrap checkpoint, which belongs to no quorum. */
  readonly raft: RaftFacts | undefined;
  readonly records: Iterable<MetadataRecordInit>;
}

export const encodeSnapshot = (init: SnapshotInit): Uint8Array => concat([...snapshotBatches(init)]);

/** The file piece by piece, so that whoever writes a large one can let others run in between. */
export function* snapshotBatches({
  lastTimestampMs,
  epoch,
  nowMs,
  raft,
  records,
}: SnapshotInit): Generator<Uint8Array> {
  let baseOffset = 0n;
  const encoded = (batch: readonly RecordInit[], control: boolean): Uint8Array => {
    const bytes = encodeBatch({ baseOffset, leaderEpoch: epoch, control, records: batch });
    baseOffset += BigInt(batch.length);
    return bytes;
  };
  const header: ControlRecordInit[] = [
    { kind: 'snapshotHeader', data: { version: 0, lastContainedLogTimestamp: lastTimestampMs } },
    ...(raft === undefined ? [] : raftRecords(raft)),
  ];
  yield encoded(
    header.map(record => ({ timestamp: nowMs, ...encodeControlRecord(record) })),
    true,
  );
  let batch: RecordInit[] = [];
  let bytes = 0;
  for (const record of records) {
    const value = encodeMetadataRecord(record);
    batch.push({ timestamp: nowMs, value });
    bytes += value.length;
    if (bytes < batchBytesMax) continue;
    yield encoded(batch, false);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield encoded(batch, false);
  yield encoded([{ timestamp: nowMs, ...encodeControlRecord({ kind: 'snapshotFooter', data: { version: 0 } }) }], true);
}

/** kraft.version and, from level 1 on, the voters: what the log of a new quorum and every snapshot of it begin with. */
export function raftRecords({ kraftVersion, voters }: RaftFacts): ControlRecordInit[] {
  if (kraftVersion === 0) return [];
  return [
    { kind: 'kraftVersion', data: { version: 0, kRaftVersion: kraftVersion } },
    { kind: 'voters', data: { version: 0, voters } },
  ];
}
