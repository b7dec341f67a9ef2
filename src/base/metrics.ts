// What can be read of a running broker as numbers. Nothing is counted here: whoever owns a number registers how to read it, and it is
// read when somebody asks. Names and tags are those of Apache Kafka's MBeans, so that its dashboards find them.

export interface Metric {
  /** As Kafka names the MBean without its tags: `kafka.log:type=LogCleaner,name=max-clean-time-secs`. */
  readonly name: string;
  /** A counter only grows while the broker runs; a gauge goes both ways. */
  readonly type: 'gauge' | 'counter';
  readonly tags: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Source extends Omit<Metric, 'value'> {
  readonly read: () => number;
}

/** One a node; main thread. */
export class Metrics {
  private readonly sources = new Map<string, Source>();

  gauge(name: string, tags: Metric['tags'], read: () => number): void {
    this.add({ name, type: 'gauge', tags, read });
  }

  counter(name: string, tags: Metric['tags'], read: () => number): void {
    this.add({ name, type: 'counter', tags, read });
  }

  /** Everything as of now, in the order it was registered. */
  read(): Metric[] {
    return [...this.sources.values()].map(({ name, type, tags, read }) => ({ name, type, tags, value: read() }));
  }

  private add(source: Source): void {
    const tags = Object.entries(source.tags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tag, value]) => `,${tag}=${value}`);
    const key = `${source.name}${tags.join('')}`;
    if (this.sources.has(key)) throw new Error(`the metric ${key} is registered already`);
    this.sources.set(key, source);
  }
}
