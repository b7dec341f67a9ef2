// What is known about the cleaning of one log directory, as Kafka's metrics of its log cleaner say it. Written by LogCleaner, read by
// whoever asks for metrics; main thread.
import type { Metrics } from '../../base/metrics.ts';
import { dirtyRatio, type Weight } from '../../core/cleaning/choose.ts';
import type { CleaningResult } from '../../runtime/ports.ts';

/** Of the table of latest offsets, native/log/latest_offsets.h. */
const bytesPerKey = 24;
const msPerSecond = 1_000;

export interface Pass {
  readonly seconds: number;
  readonly result: CleaningResult;
}

export class CleaningStatistics {
  private readonly threads: number;
  private readonly mapBytesMax: number;
  private readonly monotonicMs: () => number;
  /** The last ones, at most as many as there are threads. */
  private passes: Pass[] = [];
  private readonly uncleanable = new Map<string, bigint>();
  private maxDirty = 0;
  private maxOverdueMs = 0n;
  private lastLookMs: number;
  private ended = false;

  constructor(threads: number, mapBytesMax: number, monotonicMs: () => number) {
    this.threads = threads;
    this.mapBytesMax = mapBytesMax;
    this.monotonicMs = monotonicMs;
    this.lastLookMs = monotonicMs();
  }

  /** Every compacted partition of the directory was weighed. */
  looked(weights: readonly { readonly name: string; readonly dirt: Weight }[]): void {
    this.lastLookMs = this.monotonicMs();
    this.maxDirty = 0;
    this.maxOverdueMs = 0n;
    for (const { name, dirt } of weights) {
      if (dirt.error !== 0) continue;
      if (this.uncleanable.has(name)) {
        this.uncleanable.set(name, dirt.cleanableBytes);
        continue;
      }
      this.maxDirty = Math.max(this.maxDirty, dirtyRatio(dirt));
      if (dirt.overdueMs > this.maxOverdueMs) this.maxOverdueMs = dirt.overdueMs;
    }
  }

  passed(pass: Pass): void {
    this.passes = [...this.passes, pass].slice(-this.threads);
  }

  /** A partition is not cleaned any more. */
  markUncleanable(name: string, cleanableBytes: bigint): void {
    this.uncleanable.set(name, cleanableBytes);
  }

  isUncleanable(name: string): boolean {
    return this.uncleanable.has(name);
  }

  forget(name: string): void {
    this.uncleanable.delete(name);
  }

  /** Nothing is cleaned any more before the next start. */
  cleanerEnded(): void {
    this.ended = true;
  }

  get uncleanableNames(): readonly string[] {
    return [...this.uncleanable.keys()];
  }

  register(metrics: Metrics, logDirectory: string): void {
    const tags = { logDirectory };
    const gauge = (type: string, name: string, read: () => number) =>
      metrics.gauge(`kafka.log:type=${type},name=${name}`, tags, read);
    const largest = (of: (pass: Pass) => number) => Math.max(0, ...this.passes.map(of));
    const sum = (of: (result: CleaningResult) => bigint) =>
      Number(this.passes.reduce((all, { result }) => all + of(result), 0n));
    const percentOfMap = ({ result }: Pass) => (Number(result.keys) * bytesPerKey * 100) / this.mapBytesMax;

    gauge('LogCleanerManager', 'uncleanable-partitions-count', () => this.uncleanable.size);
    gauge('LogCleanerManager', 'uncleanable-bytes', () => [...this.uncleanable.values()].reduce(addBytes, 0));
    gauge('LogCleanerManager', 'max-dirty-percent', () => Math.floor(this.maxDirty * 100));
    gauge('LogCleanerManager', 'time-since-last-run-ms', () => Math.floor(this.monotonicMs() - this.lastLookMs));
    gauge('LogCleaner', 'max-buffer-utilization-percent', () => Math.floor(largest(percentOfMap)));
    gauge('LogCleaner', 'cleaner-recopy-percent', () => {
      const before = sum(result => result.bytesBefore);
      return before === 0 ? 0 : Math.floor((sum(result => result.bytesAfter) * 100) / before);
    });
    gauge('LogCleaner', 'max-clean-time-secs', () => Math.floor(largest(({ seconds }) => seconds)));
    gauge('LogCleaner', 'max-compaction-delay-secs', () => Math.floor(Number(this.maxOverdueMs) / msPerSecond));
    gauge('LogCleaner', 'DeadThreadCount', () => (this.ended ? this.threads : 0));
  }
}

const addBytes = (sum: number, bytes: bigint): number => sum + Number(bytes);
