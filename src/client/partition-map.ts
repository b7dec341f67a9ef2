/** What is known of partitions of several topics: a map by topic and partition. Topics in order of first mention. */
export class PartitionMap<T> {
  readonly #topics = new Map<string, Map<number, T>>();

  constructor(entries: Iterable<PartitionEntry<T>> = []) {
    for (const { topic, partition, value } of entries) this.set(topic, partition, value);
  }

  get size(): number {
    let size = 0;
    for (const partitions of this.#topics.values()) size += partitions.size;
    return size;
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  get(topic: string, partition: number): T | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  has(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.has(partition) ?? false;
  }

  set(topic: string, partition: number, value: T): void {
    const partitions = this.#topics.get(topic);
    if (partitions) partitions.set(partition, value);
    else this.#topics.set(topic, new Map([[partition, value]]));
  }

  delete(topic: string, partition: number): void {
    const partitions = this.#topics.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) this.#topics.delete(topic);
  }

  /** Topic by topic, as requests list them. */
  byTopic(): { readonly topic: string; readonly partitions: readonly { partition: number; value: T }[] }[] {
    return [...this.#topics].map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions].map(([partition, value]) => ({ partition, value })),
    }));
  }

  map<U>(change: (value: T, at: TopicPartition) => U): PartitionMap<U> {
    return new PartitionMap([...this].map(entry => ({ ...entry, value: change(entry.value, entry) })));
  }

  filter(keep: (value: T, at: TopicPartition) => boolean): PartitionMap<T> {
    return new PartitionMap([...this].filter(entry => keep(entry.value, entry)));
  }

  *[Symbol.iterator](): Generator<PartitionEntry<T>> {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, value] of partitions) yield { topic, partition, value };
    }
  }
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionEntry<T> extends TopicPartition {
  readonly value: T;
}

/** By topic, then by partition: the order in which people look for them. */
export const inOrder = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;

export const spell = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
