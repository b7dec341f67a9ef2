/** What a broker answers from: the page cache, or the disk (synced before every answer). */
export type Answers = 'cached' | 'synced';

/** A load with a name: the arguments of the generator behind `milena bench`, written out so that every broker gets the same. */
export interface Shape {
  readonly name: string;
  readonly mode: 'produce' | 'fetch' | 'ping' | 'latency';
  readonly topic: string;
  readonly partitions: number;
  /** Topics TOPIC-0, TOPIC-1 ... instead of one. */
  readonly topics?: number;
  readonly options: Readonly<Record<string, number | string>>;
  /** What is produced to the topic before this reads it. */
  readonly fill?: Readonly<Record<string, number | string>>;
  readonly on: readonly Answers[];
}

type Extra = Partial<Pick<Shape, 'on' | 'partitions'>>;

const produce = (name: string, options: Shape['options'], extra: Extra = {}): Shape => ({
  name,
  mode: 'produce',
  topic: name,
  partitions: 1,
  options: { record: 1024, batch: 65_536, acks: -1, connections: 1, 'in-flight': 5, ...options },
  on: ['cached'],
  ...extra,
});

const fetch = (name: string, options: Shape['options'], extra: Extra & Pick<Shape, 'fill'>): Shape => ({
  name,
  mode: 'fetch',
  topic: name,
  partitions: 1,
  options: { connections: 1, 'fetch-bytes': 1_048_576, ...options },
  on: ['cached'],
  ...extra,
});

/** So many bytes, whoever stores them: a rate is kept, if late, and the filling lasts a second (bench/load.ts). */
const written = (bytes: number, connections: number): NonNullable<Shape['fill']> => ({
  ...{ record: 1024, batch: 65_536, connections, 'rate-bytes': bytes },
});

const both: readonly Answers[] = ['cached', 'synced'];
const tiny = { record: 100, batch: 100 };
/** The first Kafka paper's messages. */
const paper = { record: 200 };

/** Stands for the path of the real data in an option. */
export const realData = '(real data)';

/** In the order they are run in a round. What reads follows what produces. */
export const shapes: readonly Shape[] = [
  produce('produce-1', {}, { on: both }),
  fetch('fetch-1', {}, { fill: written(512e6, 1) }),
  produce('produce-4', { connections: 4 }, { partitions: 4 }),
  fetch('fetch-4', { connections: 4 }, { partitions: 4, fill: written(1024e6, 4) }),
  produce('produce-1M', { batch: 1_000_000 }),
  produce('tiny-1', { ...tiny, 'in-flight': 32 }),
  produce('tiny-16', { ...tiny, connections: 16, 'in-flight': 8 }, { partitions: 16 }),
  {
    name: 'ping-32',
    mode: 'ping',
    topic: '',
    partitions: 0,
    options: { connections: 1, 'in-flight': 32 },
    on: ['cached'],
  },
  {
    name: 'metadata-100',
    mode: 'ping',
    topic: 'metadata-100',
    topics: 100,
    partitions: 1,
    options: { connections: 1, 'in-flight': 32, 'metadata-topics': 100 },
    on: ['cached'],
  },
  {
    name: 'e2e',
    mode: 'latency',
    topic: 'e2e',
    partitions: 1,
    options: { record: 1024, acks: -1, 'rate-records': 1000 },
    on: both,
  },
  produce('paced', { batch: 16_384, connections: 4, 'rate-bytes': 50e6 }, { on: both }),
  produce('durable-100', { batch: 16_384, 'in-flight': 100 }, { partitions: 100, on: ['synced'] }),
  fetch(
    'fetch-many',
    { 'fetch-bytes': 2048 },
    { partitions: 50, fill: { record: 900, batch: 2048, connections: 1, 'in-flight': 50 } },
  ),
  produce('paper-1', { ...paper, 'batch-records': 1, 'in-flight': 32 }),
  produce('paper-50', { ...paper, 'batch-records': 50, 'in-flight': 32 }),
  fetch('paper-fetch', { 'fetch-bytes': 204_800 }, { fill: { ...written(100e6, 1), ...paper, 'batch-records': 50 } }),
  produce('lz4', { compression: 'lz4', data: realData }),
  produce('zstd', { compression: 'zstd', data: realData }),
];

/** Throughput by batch size, and what a small load costs beside idle connections: points of a curve each. */
export const batchSizes = [200, 1_000, 4_000, 16_000, 64_000, 256_000, 900_000] as const;
export const batchSize = (bytes: number): Shape =>
  produce(`batch-${bytes}`, { record: Math.min(1024, Math.floor(bytes / 2)), batch: bytes });

export const idleCounts = [0, 100, 1_000, 5_000, 10_000] as const;
export const besideIdle = (count: number): Shape =>
  produce(`idle-${count}`, { ...tiny, 'in-flight': 32, ...(count > 0 && { idle: count }) });
