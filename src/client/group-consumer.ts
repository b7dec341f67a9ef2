import type { BlockCodec } from '../protocol/records/batch.ts';
import { assignors } from './assignors/assignors.ts';
import type { Cluster } from './cluster.ts';
import { type FetchedBatch, Fetcher } from './fetcher.ts';
import { commitOffsets, fetchOffsets } from './group-offsets.ts';
import { earliestTimestamp, latestTimestamp, listOffsets } from './list-offsets.ts';
import { Membership, type MembershipOptions } from './membership.ts';
import { PartitionMap, type TopicPartition } from './partition-map.ts';
import { passes, pause, retryMs } from './retry.ts';

export interface GroupConsumerOptions extends Partial<MembershipOptions> {
  readonly group: string;
  readonly topics: readonly string[];
  /** Where partitions begin that the group has committed nothing of, or nothing that is still there (auto.offset.reset). */
  readonly reset: 'earliest' | 'latest';
  readonly autoCommitIntervalMs?: number;
}

const defaults = {
  assignors: [assignors.range!, assignors.roundrobin!],
  instanceId: null,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  heartbeatIntervalMs: 3_000,
};
const autoCommitIntervalMs = 5_000;

/**
 * Reads topics as a member of a consumer group. What one `poll` returned counts as processed when the next one begins, and
 * is committed then from time to time, before partitions are given up, and by `close`: every record is seen at least once.
 */
export class GroupConsumer {
  readonly #cluster: Cluster;
  readonly #options: GroupConsumerOptions;
  readonly #membership: Membership;
  readonly #fetcher: Fetcher;
  /** What the group knows of our positions. */
  #committed = new PartitionMap<bigint>();
  #nextCommitMs = 0;

  constructor(cluster: Cluster, codec: BlockCodec, options: GroupConsumerOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#fetcher = new Fetcher(cluster, codec);
    this.#membership = new Membership(cluster, { ...defaults, ...options });
  }

  /** The partitions that this member reads at present, and from where. */
  get positions(): PartitionMap<bigint> {
    return this.#fetcher.positions;
  }

  /** The group's generation that `positions` belong to; -1 outside of the group. */
  get generation(): number {
    return this.#membership.generation;
  }

  /** A `poll` that waits for other members returns now; no later one joins. To be followed by `close`. */
  giveUp(): void {
    this.#membership.giveUp();
  }

  /** Joins when that is due, then reads; waits up to half a second for new records. A lost broker is waited for. */
  async poll(): Promise<readonly FetchedBatch[]> {
    try {
      await this.#cluster.revive();
      if (this.#membership.mustJoin) await this.#rejoin();
      else if (Date.now() >= this.#nextCommitMs) await this.commit();
      if (this.#membership.mustJoin || this.positions.size === 0) {
        await pause(retryMs);
        return [];
      }
      const { batches, outOfRange } = await this.#fetcher.poll();
      if (outOfRange.length > 0) await this.#reset(outOfRange);
      return batches;
    } catch (error) {
      if (!passes(error)) throw error;
      await pause(retryMs);
      return [];
    }
  }

  /** Commits all positions. When the group has moved on without this member, the next `poll` joins it again. */
  async commit(): Promise<void> {
    this.#nextCommitMs = Date.now() + (this.#options.autoCommitIntervalMs ?? autoCommitIntervalMs);
    const moved = this.positions.filter((offset, at) => this.#committed.get(at.topic, at.partition) !== offset);
    if (moved.size === 0) return;
    try {
      const connection = await this.#membership.coordinator();
      await commitOffsets(connection, this.#options.group, moved, this.#membership.committer);
      for (const { topic, partition, value } of moved) this.#committed.set(topic, partition, value);
    } catch (error) {
      this.#membership.refused(error);
    }
  }

  /** Commits and leaves the group. */
  async close(): Promise<void> {
    try {
      if (this.positions.size > 0) await this.commit();
    } finally {
      await this.#membership.leave();
      this.#forget();
    }
  }

  /** Offsets up to which the partitions that this member reads are filled at this moment. */
  ends(): Promise<PartitionMap<bigint>> {
    return listOffsets(this.#cluster, this.positions, latestTimestamp);
  }

  async #rejoin(): Promise<void> {
    if (this.positions.size > 0) await this.commit();
    this.#forget();
    const assigned = await this.#membership.join();
    if (assigned.length === 0) return;
    const wanted = new PartitionMap(assigned.map(at => ({ ...at, value: true })));
    const committed = await fetchOffsets(await this.#membership.coordinator(), this.#options.group, wanted);
    this.#committed = committed.map(({ offset }) => offset);
    for (const { topic, partition, value } of this.#committed) this.positions.set(topic, partition, value);
    await this.#reset(assigned.filter(({ topic, partition }) => !committed.has(topic, partition)));
  }

  async #reset(partitions: readonly TopicPartition[]): Promise<void> {
    const timestamp = this.#options.reset === 'earliest' ? earliestTimestamp : latestTimestamp;
    for (const { topic, partition, value } of await listOffsets(this.#cluster, partitions, timestamp)) {
      this.positions.set(topic, partition, value);
    }
  }

  #forget(): void {
    this.#committed = new PartitionMap();
    for (const { topic, partition } of [...this.positions]) this.positions.delete(topic, partition);
  }
}
