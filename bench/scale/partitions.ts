import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTopic, measure, removeTopics, untilWritable } from '../load.ts';
import { cpuSeconds, residentMb } from '../process.ts';
import { shapes } from '../shapes.ts';
import { median } from '../statistics.ts';
import { type Goal, openDescriptors, type ScaleBroker, type ScalePeer } from './brokers.ts';

/** Partitions of one topic: the batches in which they are created. */
const partitionsEach = 1_000;
const topicNamed = (index: number): string => `many-${index}`;
const onDiskDeadlineMs = 300_000;
const lookAgainMs = 200;
const produce1 = shapes.find(({ name }) => name === 'produce-1')!;

export interface PartitionFigures {
  readonly broker: string;
  readonly partitions: number;
  /** Until the last CreateTopics was answered, until a record was taken by the last partition, until all have their directories. */
  readonly answeredSeconds: number;
  readonly usableSeconds: number;
  readonly onDiskSeconds: number;
  readonly stopSeconds: number;
  /** From the start of the process until the last partition takes a record. */
  readonly cleanRestartSeconds: number;
  readonly killedRestartSeconds: number;
  readonly restartCpuSeconds: number;
  /** Beyond the same broker without partitions, after the clean restart. */
  readonly kilobytesEach: number;
  readonly descriptorsMore: number;
  readonly residentMb: number;
  /** produce-1 of the broker with partitions, of that without: one number a round. */
  readonly produceShares: readonly number[];
}

interface Plan {
  readonly count: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly folder: string;
  readonly say: (text: string) => void;
}

/** Makes them, stops and starts the broker, kills and starts it, and holds it against one that has none. */
export async function measurePartitions(broker: ScaleBroker, plan: Plan): Promise<PartitionFigures> {
  const { count, folder } = plan;
  const topics = Math.ceil(count / partitionsEach);
  const each = Math.min(count, partitionsEach);
  const dataDir = join(folder, `${broker.name}-${count}`);
  const few = await broker.start(join(folder, `${broker.name}-${count}-none`));
  let many = await broker.start(dataDir);
  try {
    const emptyMb = residentMb(many.pid);
    const emptyDescriptors = openDescriptors(many.pid);
    const last = { topic: topicNamed(topics - 1), partition: each - 1 };
    const made = since(performance.now());
    for (let i = 0; i < topics; i++) await createTopic(many.port, topicNamed(i), each);
    const answeredSeconds = made();
    await untilWritable(many.port, last.topic, last.partition);
    const usableSeconds = made();
    await untilOnDisk(dataDir, topics * each, `${last.topic}-${last.partition}`);
    const onDiskSeconds = made();
    const stopping = since(performance.now());
    await many.stop();
    const stopSeconds = stopping();

    const again = async (): Promise<number> => {
      const starting = since(performance.now());
      many = await broker.start(dataDir);
      await untilWritable(many.port, last.topic, last.partition);
      return starting();
    };
    const cleanRestartSeconds = await again();
    const restartCpuSeconds = cpuSeconds(many.pid);
    const mb = residentMb(many.pid);
    const descriptorsMore = openDescriptors(many.pid) - emptyDescriptors;
    const produceShares = await shares(few, many, plan);
    await many.kill();
    const killedRestartSeconds = await again();
    return {
      broker: broker.name,
      partitions: topics * each,
      answeredSeconds,
      usableSeconds,
      onDiskSeconds,
      stopSeconds,
      cleanRestartSeconds,
      killedRestartSeconds,
      restartCpuSeconds,
      kilobytesEach: ((mb - emptyMb) * 1024) / (topics * each),
      descriptorsMore,
      residentMb: mb,
      produceShares,
    };
  } finally {
    await Promise.all([few.kill(), many.kill()]);
  }
}

const since = (beganMs: number) => (): number => (performance.now() - beganMs) / 1000;

async function untilOnDisk(dataDir: string, count: number, last: string): Promise<void> {
  const giveUpMs = performance.now() + onDiskDeadlineMs;
  while (!existsSync(join(dataDir, last)) || readdirSync(dataDir).length < count) {
    if (performance.now() > giveUpMs) throw new Error(`${dataDir} has not got its ${count} partitions`);
    await new Promise(resolve => setTimeout(resolve, lookAgainMs));
  }
}

/** One after the other, in turns that swap who begins. */
async function shares(few: ScalePeer, many: ScalePeer, plan: Plan): Promise<number[]> {
  const found: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    const speed = new Map<ScalePeer, number>();
    for (const peer of round % 2 === 0 ? [few, many] : [many, few]) {
      const figures = await measure(peer, produce1, { tag: `share-${round}`, seconds: plan.seconds });
      speed.set(peer, figures.mbPerSecond);
      await removeTopics(peer, produce1, `share-${round}`);
    }
    plan.say(`produce-1: ${speed.get(few)!.toFixed(0)} MB/s without, ${speed.get(many)!.toFixed(0)} with`);
    found.push(speed.get(many)! / speed.get(few)!);
  }
  return found;
}

export const partitionColumns = [
  'broker',
  'partitions',
  'created, s',
  'usable, s',
  'on disk, s',
  'stopped, s',
  'restarted, s',
  'after kill -9, s',
  'KB each',
  'descriptors more',
  'MB in all',
  'produce-1, of none',
] as const;

export const partitionRow = (f: PartitionFigures): (string | number)[] => [
  f.broker,
  f.partitions,
  ...[
    f.answeredSeconds,
    f.usableSeconds,
    f.onDiskSeconds,
    f.stopSeconds,
    f.cleanRestartSeconds,
    f.killedRestartSeconds,
  ].map(seconds => seconds.toFixed(1)),
  f.kilobytesEach.toFixed(1),
  f.descriptorsMore,
  f.residentMb.toFixed(0),
  f.produceShares.length > 0 ? median(f.produceShares).toFixed(2) : '',
];

/** Native and JavaScript together: the system does not tell them apart. */
const kilobytesEachMax = 8 + 4;
/** One or two belong to other work. */
const descriptorsEachMax = 0.001;
const slowerMax = 0.05;

export function partitionGoals(f: PartitionFigures): Goal[] {
  const of = (what: string): string => `${f.partitions} partitions: ${what}`;
  const memory: Goal[] = [
    { what: of('KB each'), reached: f.kilobytesEach, most: kilobytesEachMax },
    { what: of('descriptors each'), reached: Math.max(0, f.descriptorsMore) / f.partitions, most: descriptorsEachMax },
  ];
  if (f.partitions === 10_000) {
    return [
      { what: of('usable, s'), reached: f.usableSeconds, most: 3 },
      { what: of('restarted cleanly, s'), reached: f.cleanRestartSeconds, most: 3 },
      { what: of('restarted after kill -9, s'), reached: f.killedRestartSeconds, most: 5 },
      ...memory,
    ];
  }
  if (f.partitions !== 100_000) return [];
  return [
    { what: of('restarted cleanly, s'), reached: f.cleanRestartSeconds, most: 30 },
    ...(f.produceShares.length > 0
      ? [{ what: of('produce-1 slower by'), reached: 1 - median(f.produceShares), most: slowerMax }]
      : []),
    ...memory,
  ];
}
