// Compaction of a node: one cleaner per log directory, with its own workers, and what they must know of topics and settings.
import type { Metrics } from './base/metrics.ts';
import type { BrokerConfig } from './core/config/broker-config.ts';
import { effective } from './core/config/topic-config.ts';
import { type MetadataImage, topicConfigs } from './core/metadata/image.ts';
import { WorkerCleaningPool } from './dataplane/cleaning-pool.ts';
import { diskFiles } from './disk-files.ts';
import { systemClock, systemEntropy } from './host.ts';
import type { Log } from './server/log.ts';
import type { Partitions } from './server/partitions.ts';
import type { PlaneAsks } from './server/plane-asks.ts';
import { CleanerCheckpoint } from './storage/cleaning/checkpoint.ts';
import { type CleanerSettings, type CompactedPartition, LogCleaner } from './storage/cleaning/log-cleaner.ts';

export interface NodeCleanerOptions {
  readonly nodeId: number;
  /** As the broker was started: threads, memory and the rest between two looks do not change while it runs. */
  readonly config: BrokerConfig;
  /** With what was changed since: the defaults of topic configurations. */
  configAt(image: MetadataImage): BrokerConfig;
  readonly directories: readonly string[];
  readonly asks: PlaneAsks;
  readonly partitions: Partitions;
  readonly log: Log;
  readonly metrics: Metrics;
  image(): MetadataImage;
}

export class NodeCleaner {
  private readonly options: NodeCleanerOptions;
  private readonly cleaners: readonly LogCleaner[];
  private seen:
    | { readonly image: MetadataImage; readonly byLogDir: Map<number, readonly CompactedPartition[]> }
    | undefined;

  constructor(options: NodeCleanerOptions) {
    this.options = options;
    const { config, directories, asks, log } = options;
    const settings = cleanerSettings(config);
    const enabled = config.boolean('log.cleaner.enable') && settings.threads > 0;
    this.cleaners = !enabled
      ? []
      : directories.map(
          (directory, logDir) =>
            new LogCleaner({
              logDir,
              directory,
              settings,
              asks,
              pool: new WorkerCleaningPool(settings.threads),
              checkpoint: new CleanerCheckpoint(diskFiles, directory),
              clock: systemClock,
              entropy: systemEntropy,
              partitions: () => this.compacted(logDir),
              notice: (level, message) => log[level](message),
            }),
        );
    for (const [logDir, cleaner] of this.cleaners.entries()) {
      cleaner.statistics.register(options.metrics, directories[logDir]!);
    }
  }

  async start(): Promise<void> {
    await Promise.all(this.cleaners.map(cleaner => cleaner.start()));
  }

  /** A topic is deleted: nothing may work on its files any more. */
  topicDeleted(topic: string, partitions: number): void {
    for (let index = 0; index < partitions; index++) {
      for (const cleaner of this.cleaners) cleaner.forget(`${topic}-${index}`);
    }
  }

  /** Configurations of topics, or their defaults, have changed. */
  configured(): void {
    for (const cleaner of this.cleaners) cleaner.configured();
  }

  async close(): Promise<void> {
    await Promise.all(this.cleaners.map(cleaner => cleaner.close()));
  }

  /** Made anew when the metadata has changed: looking at ten thousand topics' configurations takes longer than asking how dirty they are. */
  private compacted(logDir: number): readonly CompactedPartition[] {
    const image = this.options.image();
    if (this.seen?.image !== image) this.seen = { image, byLogDir: new Map() };
    const { byLogDir } = this.seen;
    const known = byLogDir.get(logDir) ?? this.compactedOf(image, logDir);
    byLogDir.set(logDir, known);
    return known;
  }

  private compactedOf(now: MetadataImage, logDir: number): CompactedPartition[] {
    const { nodeId, partitions, configAt } = this.options;
    const config = configAt(now);
    const found: CompactedPartition[] = [];
    for (const topic of now.topicsById.values()) {
      const overrides = topicConfigs(now, topic.name);
      const of = (name: string) => effective(name, overrides, config).value;
      if (!(of('cleanup.policy') as readonly string[]).includes('compact')) continue;
      for (const partition of topic.partitions) {
        const handle = partitions.handleOf(topic, partition.index);
        if (partition.leader !== nodeId || handle === undefined) continue;
        if (partitions.logDirOf(topic, partition) !== logDir) continue;
        found.push({
          name: `${topic.name}-${partition.index}`,
          handle,
          minDirtyRatio: of('min.cleanable.dirty.ratio') as number,
          minCompactionLagMs: of('min.compaction.lag.ms') as bigint,
          maxCompactionLagMs: of('max.compaction.lag.ms') as bigint,
          deleteRetentionMs: of('delete.retention.ms') as bigint,
        });
      }
    }
    return found;
  }
}

/** More than this a second is no limit. */
const bytesPerSecondMax = Number.MAX_SAFE_INTEGER;

export function cleanerSettings(config: BrokerConfig): CleanerSettings {
  const threads = config.int('log.cleaner.threads');
  const bytesPerSecond = config.double('log.cleaner.io.max.bytes.per.second');
  return {
    threads,
    backoffMs: Number(config.long('log.cleaner.backoff.ms')),
    mapBytesMax: Math.floor(Number(config.long('log.cleaner.dedupe.buffer.size')) / Math.max(threads, 1)),
    mapLoadPercent: Math.min(100, Math.max(1, Math.round(config.double('log.cleaner.io.buffer.load.factor') * 100))),
    bytesPerSecond: bytesPerSecond > bytesPerSecondMax ? -1 : Math.max(1, Math.floor(bytesPerSecond)),
  };
}
