// The bytes of a snapshot, `<end offset>-<epoch>.checkpoint` (KIP-630): record batches between a control batch with the
// header (and, since KIP-853, the voters) and one with the footer. A file without a footer was never finished. The
// bootstrap.checkpoint of a formatted directory has the same form.

import { concat } from '../../base/bytes.ts';
import { encodeBatch, type RecordInit } from '../../protocol/records/batch.ts';
import { type ControlRecordInit, encodeControlRecord } from '../../protocol/records/control.ts';
import type { RaftFacts } from './raft-facts.ts';
import { encodeRecord, type MetadataRecordInit } from './records.ts';

/** Bytes of records in one batch, about: Kafka refuses to read batches above 8 MiB. */
const batchBytesMax = 512 * 1024;

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

export function encodeSnapshot({ lastTimestampMs, epoch, nowMs, raft, records }: SnapshotInit): Uint8Array {
  const parts: Uint8Array[] = [];
  let baseOffset = 0n;
  const add = (batch: readonly RecordInit[], control: boolean): void => {
    parts.push(encodeBatch({ baseOffset, leaderEpoch: epoch, control, records: batch }));
    baseOffset += BigInt(batch.length);
  };
  const header: ControlRecordInit[] = [
    { kind: 'snapshotHeader', data: { version: 0, lastContainedLogTimestamp: lastTimestampMs } },
    ...(raft === undefined ? [] : raftRecords(raft)),
  ];
  add(
    header.map(record => ({ timestamp: nowMs, ...encodeControlRecord(record) })),
    true,
  );
  let batch: RecordInit[] = [];
  let bytes = 0;
  for (const record of records) {
    const { value } = encodeRecord(record);
    batch.push({ timestamp: nowMs, value });
    bytes += value.length;
    if (bytes < batchBytesMax) continue;
    add(batch, false);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) add(batch, false);
  const footer = encodeControlRecord({ kind: 'snapshotFooter', data: { version: 0 } });
  add([{ timestamp: nowMs, ...footer }], true);
  return concat(parts);
}

/** kraft.version and, from level 1 on, the voters: what the log of a new quorum and every snapshot of it begin with. */
export function raftRecords({ kraftVersion, voters }: RaftFacts): ControlRecordInit[] {
  if (kraftVersion === 0) return [];
  return [
    { kind: 'kraftVersion', data: { version: 0, kRaftVersion: kraftVersion } },
    { kind: 'voters', data: { version: 0, voters } },
  ];
}
