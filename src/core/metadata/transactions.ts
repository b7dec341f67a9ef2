// Metadata transactions (KIP-866): records between a begin and an end mark take effect together, or, after an abort,
// not at all. Kafka wraps the bootstrap records of a new cluster in one. A decision of ours is one batch and needs none.
import type { MetadataRecord } from './records.ts';
import { ReplayError } from './replay.ts';

/** Holds records back while a transaction is open. Feed it the log in order. */
export class TransactionFilter {
  private pending: MetadataRecord[] | undefined;

  /** True at a moment when a snapshot or a new decision would be in the middle of a transaction. */
  get open(): boolean {
    return this.pending !== undefined;
  }

  /** The records that take effect now that `record` has come. */
  admit(record: MetadataRecord): readonly MetadataRecord[] {
    switch (record.type) {
      case 'beginTransaction':
        if (this.pending !== undefined) throw new ReplayError('a metadata transaction begins within another');
        this.pending = [];
        return [];
      case 'endTransaction':
        return this.close('ends');
      case 'abortTransaction':
        this.close('is aborted');
        return [];
      default:
        if (this.pending === undefined) return [record];
        this.pending.push(record);
        return [];
    }
  }

  private close(how: string): readonly MetadataRecord[] {
    if (this.pending === undefined) throw new ReplayError(`a metadata transaction ${how} that did not begin`);
    const records = this.pending;
    this.pending = undefined;
    return records;
  }
}
