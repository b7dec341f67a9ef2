/**
 * What a consumer group owes its users, checked from outside: from what member processes say of themselves and what a watcher reads of the committed positions.
 *  - no partition belongs to two members of one generation;
 *  - the generation a process sees never falls;
 *  - committed positions never go backwards and are never forgotten;
 *  - every record is consumed at least once, and nothing is consumed that was not produced.
 * Nothing here waits or knows a client: lines in, broken promises out.
 */

export type Claim = {
  readonly process: string;
  readonly generation: number;
  readonly memberId: string;
  /** All that the member owns in this generation, not only what is new. */
  readonly partitions: readonly number[];
};

/** More of the same says nothing more. */
const VIOLATIONS_MAX = 30;

export class GroupHistory {
  private readonly broken: string[] = [];
  /** generation -> partition -> member */
  private readonly owners = new Map<number, Map<number, string>>();
  private readonly generationOf = new Map<string, number>();
  private readonly positions = new Map<number, bigint>();
  /** partition -> offset -> number of the event */
  private readonly produced = new Map<number, Map<number, number>>();
  private readonly consumed = new Map<number, Map<number, number>>();
  private readonly endOf = new Map<number, bigint>();
  private producedCount = 0;
  private unread = 0;
  private consumedCount = 0;
  private again = 0;

  get violations(): readonly string[] {
    return this.broken;
  }

  /** Different records consumed so far. */
  get distinct(): number {
    return this.consumedCount;
  }

  /** Records that were produced and that nobody has consumed yet. */
  get pending(): number {
    return this.unread;
  }

  /** Records consumed more than once: legal, and the price of a rebalance. */
  get duplicates(): number {
    return this.again;
  }

  get generations(): number {
    return this.owners.size;
  }

  get latestGeneration(): number {
    return Math.max(-1, ...this.owners.keys());
  }

  claim({ process, generation, memberId, partitions }: Claim): void {
    const before = this.generationOf.get(process) ?? -1;
    if (generation < before) this.note(`${process} went from generation ${before} back to ${generation}`);
    this.generationOf.set(process, generation);
    const owners = this.owners.get(generation) ?? new Map<number, string>();
    this.owners.set(generation, owners);
    for (const partition of partitions) {
      const owner = owners.get(partition);
      if (owner !== undefined && owner !== memberId) {
        this.note(`generation ${generation}: partition ${partition} belongs to ${owner} and to ${memberId}`);
      }
      owners.set(partition, memberId);
    }
  }

  /** Partitions that someone owns in a generation. */
  owned(generation: number): number {
    return this.owners.get(generation)?.size ?? 0;
  }

  /** What the group has committed of a partition; -1 for nothing. In the order in which it was read. */
  committed(partition: number, position: bigint): void {
    const before = this.positions.get(partition) ?? -1n;
    if (position < before) this.note(`partition ${partition}: committed ${before}, later ${position}`);
    this.positions.set(partition, position);
  }

  position(partition: number): bigint {
    return this.positions.get(partition) ?? -1n;
  }

  produce(partition: number, offset: number, event: number): void {
    this.producedCount++;
    of(this.produced, partition).set(offset, event);
    if (!this.consumed.get(partition)?.has(offset)) this.unread++;
    const end = BigInt(offset + 1);
    if (end > (this.endOf.get(partition) ?? 0n)) this.endOf.set(partition, end);
  }

  /** May come before produce(): a consumer can be faster than the producer's answer. */
  consume(process: string, partition: number, offset: number, event: number): void {
    const records = of(this.consumed, partition);
    const before = records.get(offset);
    if (before === undefined) {
      this.consumedCount++;
      if (this.produced.get(partition)?.has(offset)) this.unread--;
    } else if (before === event) this.again++;
    else this.note(`${process}: partition ${partition} offset ${offset} is event ${event}, and was event ${before}`);
    records.set(offset, event);
  }

  /** Partitions whose committed position is not their end, in words. */
  behind(): string[] {
    return [...this.endOf]
      .filter(([partition, end]) => this.position(partition) !== end)
      .map(([partition, end]) => `partition ${partition}: committed ${this.position(partition)} of ${end}`);
  }

  /** Records that nobody consumed yet, in words. */
  missing(): string[] {
    const missing: string[] = [];
    for (const [partition, records] of this.produced) {
      const seen = this.consumed.get(partition);
      const offsets = [...records.keys()].filter(offset => !seen?.has(offset));
      if (offsets.length > 0) missing.push(`partition ${partition}: ${offsets.length} records, first ${offsets[0]}`);
    }
    return missing;
  }

  /** The end of a run: all broken promises, the ones about completeness included. */
  finish(): string[] {
    const foreign: string[] = [];
    for (const [partition, records] of this.consumed) {
      const right = this.produced.get(partition);
      for (const [offset, event] of records) {
        if (right?.get(offset) === event) continue;
        foreign.push(
          `partition ${partition} offset ${offset}: consumed event ${event}, produced ${right?.get(offset)}`,
        );
      }
    }
    const unread = this.missing().map(what => `never consumed: ${what}`);
    const open = this.behind().map(what => `never committed: ${what}`);
    return [...this.broken, ...foreign.slice(0, VIOLATIONS_MAX), ...unread, ...open];
  }

  summary(): string {
    return `${this.consumedCount} of ${this.producedCount} records consumed, ${this.again} again, ${this.generations} generations`;
  }

  private note(what: string): void {
    if (this.broken.length < VIOLATIONS_MAX) this.broken.push(what);
  }
}

function of(map: Map<number, Map<number, number>>, partition: number): Map<number, number> {
  const known = map.get(partition);
  if (known) return known;
  const fresh = new Map<number, number>();
  map.set(partition, fresh);
  return fresh;
}
