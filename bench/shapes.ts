/** A load with a name: what `milena bench` would be asked for, written out so that every broker gets the same. */
export interface Shape {
  readonly name: string;
  readonly mode: 'produce' | 'fetch';
  /** Shapes that fetch read what the shape of this name produced, in the same round. */
  readonly topic: string;
  readonly partitions: number;
  readonly options: Readonly<Record<string, number>>;
}

const produce = (name: string, partitions: number, options: Record<string, number>): Shape => ({
  name,
  mode: 'produce',
  topic: name,
  partitions,
  options: { record: 1024, batch: 65_536, acks: -1, connections: 1, 'in-flight': 5, ...options },
});

const fetch = (name: string, topic: string, partitions: number, connections: number): Shape => ({
  name,
  mode: 'fetch',
  topic,
  partitions,
  options: { connections, 'fetch-bytes': 1_048_576 },
});

/** In the order they are run in a round. */
export const shapes: readonly Shape[] = [
  produce('produce-1', 1, {}),
  fetch('fetch-1', 'produce-1', 1, 1),
  produce('produce-4', 4, { connections: 4 }),
  fetch('fetch-4', 'produce-4', 4, 4),
  produce('produce-1M', 1, { batch: 1_000_000 }),
  produce('tiny-1', 1, { record: 100, batch: 100, 'in-flight': 32 }),
  produce('tiny-16', 16, { record: 100, batch: 100, connections: 16, 'in-flight': 8 }),
  produce('paced', 1, { batch: 16_384, connections: 4, 'rate-bytes': 50e6 }),
];
