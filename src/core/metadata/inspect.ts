// Looks through the bytes of a metadata log for what this broker does not serve, before anything is opened or written:
// features finalized above our levels, records of kinds or versions that we cannot read.

import type { Uuid } from '../../base/uuid.ts';
import { decodeBatch, splitBatches } from '../../protocol/records/batch.ts';
import { decodeControlRecord } from '../../protocol/records/control.ts';
import { decodeMetadataRecord } from '../../protocol/records/metadata/record.ts';
import { WireError } from '../../protocol/wire.ts';
import { metadataVersionFeature, unservedFeatures } from './features.ts';
import { noRaftFacts, quorumProblem, type RaftFacts } from './raft-facts.ts';

export class MetadataInspection {
  private readonly features = new Map<string, number>();
  private readonly unreadable = new Set<string>();
  private raft: RaftFacts = noRaftFacts;

  /** True once a finalized metadata.version was seen: the log or snapshot of a cluster that has run. */
  get hasFeatures(): boolean {
    return this.features.has(metadataVersionFeature);
  }

  /** Batches of a snapshot or of the log, in order. What is torn or damaged is recovery's business: looking ends there. */
  look(bytes: Uint8Array): void {
    try {
      for (const batch of splitBatches(bytes)) this.lookAt(batch);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }

  private lookAt(bytes: Uint8Array): void {
    const batch = decodeBatch(bytes);
    for (const { key, value } of batch.records) {
      if (value === null || (batch.control && key === null)) continue;
      if (batch.control) this.lookAtControl(key!, value);
      else this.lookAtRecord(value);
    }
  }

  private lookAtRecord(value: Uint8Array): void {
    try {
      const record = decodeMetadataRecord(value);
      if (record.type === 'featureLevel') this.features.set(record.data.name, record.data.featureLevel);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.unreadable.add(error.message);
    }
  }

  private lookAtControl(key: Uint8Array, value: Uint8Array): void {
    const record = decodeControlRecord(key, value);
    if (record?.kind === 'kraftVersion') this.raft = { ...this.raft, kraftVersion: record.data.kRaftVersion };
    if (record?.kind === 'voters') this.raft = { ...this.raft, voters: record.data.voters };
  }

  /** What stands in the way, each in a few words; empty when nothing does. */
  problems(nodeId: number, directoryId: Uuid): string[] {
    const quorum = quorumProblem(this.raft, nodeId, directoryId);
    return [...unservedFeatures(this.features), ...this.unreadable, ...(quorum === undefined ? [] : [quorum])];
  }
}
