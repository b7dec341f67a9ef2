import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../test/support/child.ts';
import { createTopic, runGenerator, untilWritable } from '../load.ts';
import { expectRoom } from '../page-cache.ts';
import { median } from '../statistics.ts';
import type { Goal, ScaleBroker } from './brokers.ts';

const coldTopic = 'cold';
const pacedTopic = 'paced';
const fillSeconds = 1;
const paced = ['--record', '1024', '--batch', '16384', '--acks', '-1', '--connections', '4', '--rate-bytes', '50e6'];
const filling = ['--record', '1024', '--batch', '1000000', '--acks', '-1', '--connections', '1', '--in-flight', '5'];

interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface ColdFigures {
  readonly broker: string;
  readonly gigabytes: number;
  readonly alone: readonly Latencies[];
  /** While the consumer reads what is not in the page cache. */
  readonly beside: readonly Latencies[];
  readonly consumedMbPerSecond: readonly number[];
}

interface Plan {
  readonly gigabytes: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly folder: string;
  readonly say: (text: string) => void;
}

/** Producing at 50 MB/s, alone and beside a consumer that drains a log which the page cache does not hold, in turns. */
export async function measureCold(broker: ScaleBroker, plan: Plan): Promise<ColdFigures> {
  const dataDir = join(plan.folder, `${broker.name}-cold`);
  const peer = await broker.start(dataDir);
  const load = (mode: 'produce' | 'fetch', topic: string, seconds: number, options: readonly string[]) =>
    runGenerator(peer.port, mode, topic, seconds, options);
  const alone: Latencies[] = [];
  const beside: Latencies[] = [];
  const consumedMbPerSecond: number[] = [];
  try {
    for (const topic of [coldTopic, pacedTopic]) {
      await createTopic(peer.port, topic, 1);
      await untilWritable(peer.port, topic, 0);
    }
    const log = join(dataDir, `${coldTopic}-0`);
    while (bytesIn(log) < plan.gigabytes * 1e9) {
      expectRoom(plan.folder);
      await load('produce', coldTopic, fillSeconds, filling);
    }
    for (let round = 0; round < plan.rounds; round++) {
      const byItself = await load('produce', pacedTopic, plan.seconds, paced);
      alone.push(latencies(byItself.latencyMs));
      await dropFromPageCache(log);
      const [producing, consuming] = await Promise.all([
        load('produce', pacedTopic, plan.seconds, paced),
        load('fetch', coldTopic, plan.seconds, ['--connections', '1', '--fetch-bytes', '1048576']),
      ]);
      beside.push(latencies(producing.latencyMs));
      consumedMbPerSecond.push(consuming.bytesPerSecond / 1e6);
      if (consuming.bytes > bytesIn(log))
        plan.say('the consumer has read everything: less --seconds or more --gigabytes');
      plan.say(
        `${broker.name} p99 ${byItself.latencyMs.p99} ms alone, ${producing.latencyMs.p99} ms beside ${(consuming.bytesPerSecond / 1e6).toFixed(0)} MB/s`,
      );
    }
  } finally {
    await peer.kill();
  }
  return { broker: broker.name, gigabytes: plan.gigabytes, alone, beside, consumedMbPerSecond };
}

const latencies = (ms: Readonly<Record<'p50' | 'p99' | 'p999' | 'max', number>>): Latencies => ({
  p50Ms: ms.p50,
  p99Ms: ms.p99,
  p999Ms: ms.p999,
  maxMs: ms.max,
});

const segmentsOf = (log: string): string[] =>
  readdirSync(log)
    .filter(name => name.endsWith('.log'))
    .map(name => join(log, name));

const bytesIn = (log: string): number => segmentsOf(log).reduce((sum, file) => sum + statSync(file).size, 0);

/** Written back first: dirty pages stay. */
async function dropFromPageCache(log: string): Promise<void> {
  for (const file of segmentsOf(log))
    await must('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
}

const growth = (f: ColdFigures): number => median(f.beside.map((run, i) => run.p99Ms / f.alone[i]!.p99Ms));

export const coldColumns = [
  'broker',
  'GB cold',
  'paced p99 alone, ms',
  'beside, ms',
  'median growth',
  'p99.9 alone',
  'beside',
  'consumed, MB/s',
];

export const coldRow = (f: ColdFigures): (string | number)[] => [
  f.broker,
  f.gigabytes,
  median(f.alone.map(run => run.p99Ms)).toFixed(2),
  median(f.beside.map(run => run.p99Ms)).toFixed(2),
  growth(f).toFixed(2),
  median(f.alone.map(run => run.p999Ms)).toFixed(2),
  median(f.beside.map(run => run.p999Ms)).toFixed(2),
  median(f.consumedMbPerSecond).toFixed(0),
];

const growthMax = 1.2;

export const coldGoals = (f: ColdFigures): Goal[] => [
  { what: 'produce p99 beside a cold consumer, of that alone', reached: growth(f), most: growthMax },
];
