/**
 * What producers were promised and what the log holds. Promises are checked against the log after every restart; then only the position is kept.
 */
import type { ParsedRecord } from '../support/parse-records.ts';

export type Ack = {
  readonly producer: string;
  readonly number: number;
  readonly partition: number;
  readonly offset: bigint;
};

type PartitionState = {
  nextOffset: bigint;
  /** Acknowledged and not yet seen in the log. */
  readonly promised: Map<bigint, Ack>;
  /** Per idempotent producer: the number that must come next. */
  readonly nextNumber: Map<string, number>;
};

export class History {
  acknowledged = 0;
  verified = 0;
  private readonly partitions: PartitionState[];
  private readonly idempotent: ReadonlySet<string>;

  constructor(partitions: number, idempotent: readonly string[]) {
    this.idempotent = new Set(idempotent);
    this.partitions = Array.from({ length: partitions }, () => ({
      nextOffset: 0n,
      promised: new Map(),
      nextNumber: new Map(),
    }));
  }

  acknowledge(ack: Ack): void {
    this.acknowledged++;
    const state = this.partitions[ack.partition]!;
    const before = state.promised.get(ack.offset);
    if (before) throw new Error(`two records were promised offset ${ack.offset}: ${say(before)} and ${say(ack)}`);
    // An ack may arrive after its record was read back: it is then checked at the end, against a full reading.
    state.promised.set(ack.offset, ack);
  }

  nextOffset(partition: number): bigint {
    return this.partitions[partition]!.nextOffset;
  }

  /** Promises below the position that reading has reached, which a reading from there on would never see. */
  overdue(partition: number): bigint | undefined {
    const state = this.partitions[partition]!;
    let first: bigint | undefined;
    for (const offset of state.promised.keys()) if (first === undefined || offset < first) first = offset;
    return first !== undefined && first < state.nextOffset ? first : undefined;
  }

  /** Records as read from the partition's next offset on. Throws at the first broken promise. */
  read(partition: number, records: readonly ParsedRecord[]): void {
    const state = this.partitions[partition]!;
    for (const record of records) {
      if (record.offset !== state.nextOffset) {
        throw new Error(`partition ${partition}: offset ${record.offset} follows ${state.nextOffset - 1n}`);
      }
      state.nextOffset++;
      this.checkPromise(partition, record);
      this.checkOnce(partition, record);
    }
  }

  /** Looks at records again that were read before their acknowledgement came. */
  readAgain(partition: number, records: readonly ParsedRecord[]): void {
    for (const record of records) this.checkPromise(partition, record);
  }

  /** Everything promised before a crash must have been read now. */
  nothingIsMissing(partition: number, promisedBefore: ReadonlySet<Ack>): void {
    for (const ack of this.partitions[partition]!.promised.values()) {
      if (promisedBefore.has(ack)) throw new Error(`lost: ${say(ack)}; the log ends at ${this.nextOffset(partition)}`);
    }
  }

  promises(): Set<Ack> {
    return new Set(this.partitions.flatMap(state => [...state.promised.values()]));
  }

  private checkPromise(partition: number, record: ParsedRecord): void {
    const state = this.partitions[partition]!;
    const ack = state.promised.get(record.offset);
    if (!ack) return;
    if (ack.producer !== record.key || String(ack.number) !== record.value) {
      throw new Error(`${say(ack)} was acknowledged, but the log holds ${record.key} ${record.value} there`);
    }
    state.promised.delete(record.offset);
    this.verified++;
  }

  private checkOnce(partition: number, record: ParsedRecord): void {
    if (record.key === null || !this.idempotent.has(record.key)) return;
    const state = this.partitions[partition]!;
    const expected = state.nextNumber.get(record.key) ?? partition;
    if (Number(record.value) !== expected) {
      throw new Error(
        `partition ${partition}, offset ${record.offset}: ${record.key} ${record.value} where ${expected} must be`,
      );
    }
    state.nextNumber.set(record.key, expected + this.partitions.length);
  }
}

const say = (ack: Ack): string => `${ack.producer} ${ack.number} at offset ${ack.offset} of partition ${ack.partition}`;
