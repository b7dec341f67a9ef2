// Compaction of the partitions of one log directory: looks at how dirty they are, lets workers clean the dirtiest, has the plane
// take over what they made, and stores how far it came. One instance per directory, so that no disk waits for another.
import { dirtiestFirst } from '../../core/cleaning/choose.ts';
import type {
  CleaningPool,
  CleaningResult,
  CleaningRun,
  Clock,
  DirtQuery,
  Entropy,
  PartitionDirt,
  PartitionHandle,
} from '../../runtime/ports.ts';
import type { CleanerCheckpoint } from './checkpoint.ts';
import { CleaningStatistics } from './statistics.ts';

/** One partition with cleanup.policy compact. Times in milliseconds, the ratio from 0 to 1. */
export interface CompactedPartition {
  /** `topic-partition`. */
  readonly name: string;
  readonly handle: PartitionHandle;
  readonly minDirtyRatio: number;
  readonly minCompactionLagMs: bigint;
  readonly maxCompactionLagMs: bigint;
  readonly deleteRetentionMs: bigint;
}

/** What a cleaner asks of the data plane; error codes are Kafka's. */
export interface CleaningAsks {
  dirt(logDir: number, nowMs: bigint, partitions: readonly DirtQuery[]): Promise<readonly PartitionDirt[]>;
  planCleaning(
    partition: PartitionHandle,
    firstDirty: bigint,
    firstUncleanable: bigint,
  ): Promise<{ readonly error: number; readonly plan: Uint8Array }>;
  replaceSegments(partition: PartitionHandle, group: Uint8Array): Promise<{ readonly error: number }>;
}

export interface CleanerSettings {
  /** log.cleaner.threads: passes at a time. */
  readonly threads: number;
  /** log.cleaner.backoff.ms: rest when there was nothing to do. */
  readonly backoffMs: number;
  /** log.cleaner.dedupe.buffer.size divided by the threads. */
  readonly mapBytesMax: number;
  readonly mapLoadPercent: number;
  /** -1: no limit. */
  readonly bytesPerSecond: number;
}

export interface LogCleanerOptions {
  readonly logDir: number;
  /** Its path, for messages. */
  readonly directory: string;
  readonly settings: CleanerSettings;
  readonly asks: CleaningAsks;
  readonly pool: CleaningPool;
  readonly checkpoint: CleanerCheckpoint;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Compacted partitions of this directory that this broker leads, as of now; the same list as long as nothing has changed. */
  readonly partitions: () => readonly CompactedPartition[];
  readonly notice: (level: 'info' | 'warn' | 'error', message: string) => void;
}

/** One ask about so many takes the loop a few milliseconds. */
const partitionsPerAsk = 500;

export class LogCleaner {
  readonly statistics: CleaningStatistics;
  private readonly options: LogCleanerOptions;
  private readonly running = new Map<string, CleaningRun>();
  /** Whose last pass came to nothing, and the monotonic millisecond before which another would be in vain too. */
  private readonly resting = new Map<string, number>();
  private cancelRest: (() => void) | undefined;
  private round: Promise<void> = Promise.resolve();
  private closing = false;

  constructor(options: LogCleanerOptions) {
    this.options = options;
    const { settings, clock } = options;
    this.statistics = new CleaningStatistics(settings.threads, settings.mapBytesMax, () => clock.monotonicMs());
  }

  async start(): Promise<void> {
    if (!(await this.options.checkpoint.load())) {
      this.options.notice(
        'warn',
        'the cleaner-offset-checkpoint cannot be read: compacted logs are cleaned from their start',
      );
    }
    this.rest();
  }

  /** The partition is going away: what runs on it ends. */
  forget(name: string): void {
    this.running.get(name)?.cancel();
    this.running.delete(name);
    this.resting.delete(name);
    this.statistics.forget(name);
    void this.kept(this.options.checkpoint.forget(name));
  }

  /** Configurations have changed: a pass over what is not compacted any more ends, as in Kafka. */
  configured(): void {
    if (this.running.size === 0) return;
    const compacted = new Set(this.options.partitions().map(({ name }) => name));
    for (const [name, run] of this.running) {
      if (!compacted.has(name)) run.cancel();
    }
  }

  /** Cancels what runs and resolves when nothing does. */
  async close(): Promise<void> {
    this.closing = true;
    this.cancelRest?.();
    for (const run of this.running.values()) run.cancel();
    await this.round.catch(() => {}); // has been reported
    await this.options.pool.close();
  }

  /** Looks once and cleans what is due; resolves when that is done. */
  look(): Promise<void> {
    this.round = this.lookOnce();
    return this.round;
  }

  private rest(): void {
    if (this.closing) return;
    this.cancelRest = this.options.clock.after(this.options.settings.backoffMs, () => {
      void this.look().then(
        () => this.rest(),
        cause => this.end(cause),
      );
    });
  }

  /** Something is wrong with the cleaner itself: producers and consumers go on without it. */
  private end(cause: unknown): void {
    this.statistics.cleanerEnded();
    const why = cause instanceof Error ? cause.message : String(cause);
    this.options.notice(
      'error',
      `the cleaner of ${this.options.directory} has ended, nothing is compacted any more: ${why}`,
    );
  }

  private async lookOnce(): Promise<void> {
    for (let busy = true; busy && !this.closing; ) {
      const partitions = this.options.partitions();
      const weighedMs = this.options.clock.monotonicMs();
      const dirt = await this.weigh(partitions);
      if (this.closing) return;
      const weighed = partitions.map((partition, i) => ({ ...partition, dirt: dirt[i]! }));
      this.statistics.looked(weighed);
      // What is damaged is weighed for the metrics, and not cleaned before a restart.
      const due = dirtiestFirst(
        weighed.filter(({ name }) => !this.statistics.isUncleanable(name) && !this.isResting(name)),
      );
      // What did not get on rests, so that this comes to an end.
      busy = due.length > 0;
      const { backoffMs, threads } = this.options.settings;
      // Weighing ten thousand before each pass would take longer than many a pass.
      const isFresh = () =>
        !this.closing &&
        this.options.clock.monotonicMs() - weighedMs < backoffMs &&
        this.options.partitions() === partitions;
      const work = async () => {
        do {
          const next = due.shift();
          if (next === undefined) return;
          await this.cleanOrRest(next, next.dirt);
        } while (isFresh());
      };
      await Promise.all(Array.from({ length: threads }, work));
    }
  }

  /** Asks in slices: between two of them the loop serves others. */
  private async weigh(partitions: readonly CompactedPartition[]): Promise<PartitionDirt[]> {
    const { asks, logDir, clock, checkpoint } = this.options;
    const nowMs = clock.wallMs();
    const dirt: PartitionDirt[] = [];
    for (let at = 0; at < partitions.length && !this.closing; at += partitionsPerAsk) {
      const queries = partitions
        .slice(at, at + partitionsPerAsk)
        .map(({ name, handle, minCompactionLagMs, maxCompactionLagMs }) => ({
          partition: handle,
          cleanEnd: checkpoint.get(name) ?? -1n,
          minCompactionLagMs,
          maxCompactionLagMs,
        }));
      dirt.push(...(await asks.dirt(logDir, nowMs, queries)));
    }
    return dirt;
  }

  private isResting(name: string): boolean {
    const until = this.resting.get(name);
    if (until === undefined || until > this.options.clock.monotonicMs()) return until !== undefined;
    this.resting.delete(name);
    return false;
  }

  /** A partition that does not get on is left alone for log.cleaner.backoff.ms, however busy the others keep the cleaner. */
  private async cleanOrRest(partition: CompactedPartition, dirt: PartitionDirt): Promise<void> {
    if (await this.clean(partition, dirt)) return;
    const { clock, settings } = this.options;
    this.resting.set(partition.name, clock.monotonicMs() + Math.max(settings.backoffMs, 1));
  }

  /** True when the pass has moved the end of the clean part: another look is worth it. */
  private async clean(partition: CompactedPartition, dirt: PartitionDirt): Promise<boolean> {
    const { asks, pool, settings, entropy, clock, checkpoint } = this.options;
    const { name, handle } = partition;
    const planned = await asks.planCleaning(handle, dirt.firstDirty, dirt.firstUncleanable);
    if (planned.error !== 0 || this.closing) return false;
    const replaced: Promise<{ readonly error: number }>[] = [];
    const beganMs = clock.monotonicMs();
    const run = pool.clean(
      planned.plan,
      {
        nowMs: clock.wallMs(),
        deleteRetentionMs: partition.deleteRetentionMs,
        mapBytesMax: settings.mapBytesMax,
        mapLoadPercent: settings.mapLoadPercent,
        bytesPerSecond: settings.bytesPerSecond,
        secret: entropy.uuid(),
      },
      group => replaced.push(asks.replaceSegments(handle, group)),
    );
    this.running.set(name, run);
    const result = await run.result;
    const refused = (await Promise.all(replaced)).some(({ error }) => error !== 0);
    if (this.running.get(name) !== run) return false; // deleted meanwhile
    this.running.delete(name);
    this.statistics.passed({ seconds: (clock.monotonicMs() - beganMs) / 1_000, result });
    this.report(name, result, dirt.cleanableBytes);
    if (result.status !== 'done' || refused || result.cleanEnd <= dirt.firstDirty) return false;
    await this.kept(checkpoint.store(name, result.cleanEnd));
    return true;
  }

  /** A checkpoint that cannot be written costs a pass after the next start, not the broker. */
  private kept(write: Promise<void>): Promise<void> {
    return write.catch(cause => {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.options.notice('error', `the cleaner-offset-checkpoint was not written: ${why}`);
    });
  }

  private report(name: string, result: CleaningResult, cleanableBytes: bigint): void {
    const { notice } = this.options;
    switch (result.status) {
      case 'corrupt':
        this.statistics.markUncleanable(name, cleanableBytes);
        notice('error', `partition ${name} is damaged and is not cleaned any more: ${result.message}`);
        return;
      case 'failed':
        notice('error', `cleaning partition ${name} failed: ${result.message}`);
        return;
      case 'cancelled':
      case 'done':
        return;
    }
  }
}
