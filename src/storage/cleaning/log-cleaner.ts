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
  readonly settings: CleanerSettings;
  readonly asks: CleaningAsks;
  readonly pool: CleaningPool;
  readonly checkpoint: CleanerCheckpoint;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Compacted partitions of this directory that this broker leads, as of now. */
  readonly partitions: () => readonly CompactedPartition[];
  readonly notice: (level: 'info' | 'warn' | 'error', message: string) => void;
}

export class LogCleaner {
  private readonly options: LogCleanerOptions;
  private readonly running = new Map<string, CleaningRun>();
  /** Damaged: not looked at again before a restart. */
  private readonly uncleanable = new Set<string>();
  private cancelRest: (() => void) | undefined;
  private round: Promise<void> = Promise.resolve();
  private closing = false;

  constructor(options: LogCleanerOptions) {
    this.options = options;
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

  /** Of the partitions that are marked uncleanable. */
  get uncleanableNames(): readonly string[] {
    return [...this.uncleanable];
  }

  /** The partition is going away: what runs on it ends. */
  forget(name: string): void {
    this.running.get(name)?.cancel();
    this.running.delete(name);
    this.uncleanable.delete(name);
    void this.kept(this.options.checkpoint.forget(name));
  }

  /** Cancels what runs and resolves when nothing does. */
  async close(): Promise<void> {
    this.closing = true;
    this.cancelRest?.();
    for (const run of this.running.values()) run.cancel();
    await this.round;
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
      void this.look().then(() => this.rest());
    });
  }

  private async lookOnce(): Promise<void> {
    const { asks, logDir, clock, checkpoint, settings } = this.options;
    for (let cleaned = true; cleaned && !this.closing; ) {
      const partitions = this.options.partitions().filter(({ name }) => !this.uncleanable.has(name));
      const nowMs = clock.wallMs();
      const queries = partitions.map(({ name, handle, minCompactionLagMs, maxCompactionLagMs }) => ({
        partition: handle,
        cleanEnd: checkpoint.get(name) ?? -1n,
        minCompactionLagMs,
        maxCompactionLagMs,
      }));
      const dirt = await asks.dirt(logDir, nowMs, queries);
      const due = dirtiestFirst(
        partitions.map((partition, i) => ({ partition, dirt: dirt[i]!, minDirtyRatio: partition.minDirtyRatio })),
      );
      const passes = due.slice(0, settings.threads).map(({ partition, dirt }) => this.clean(partition, dirt));
      cleaned = (await Promise.all(passes)).some(progress => progress);
    }
  }

  /** True when the pass has moved the end of the clean part: another look is worth it. */
  private async clean(partition: CompactedPartition, dirt: PartitionDirt): Promise<boolean> {
    const { asks, pool, settings, entropy, clock, checkpoint } = this.options;
    const { name, handle } = partition;
    const planned = await asks.planCleaning(handle, dirt.firstDirty, dirt.firstUncleanable);
    if (planned.error !== 0 || this.closing) return false;
    const replaced: Promise<{ readonly error: number }>[] = [];
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
    this.report(name, result);
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

  private report(name: string, result: CleaningResult): void {
    const { notice } = this.options;
    switch (result.status) {
      case 'corrupt':
        this.uncleanable.add(name);
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
