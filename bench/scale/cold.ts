import { readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../../test/support/child.ts';
import { createTopic, runGenerator, untilWritable } from '../load.ts';
import { expectRoom, refillPageCache } from '../page-cache.ts';
import { processors, stolenSince } from '../process.ts';
import { median } from '../statistics.ts';
import type { Goal, ScaleBroker } from './brokers.ts';

const coldTopic = 'cold';
const pacedTopic = 'paced';
const fillSeconds = 1;
const pieceBytes = 1 << 20;
const paced = ['--record', '1024', '--batch', '16384', '--acks', '-1', '--connections', '4', '--rate-bytes', '50e6'];
const filling = ['--record', '1024', '--batch', '1000000', '--acks', '-1', '--connections', '1', '--in-flight', '5'];

interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** What the machine's host gave to others meanwhile: reading from a virtual disk takes its processors, too. */
  readonly stolenShare: number;
}

export interface ColdFigures {
  readonly broker: string;
  readonly gigabytes: number;
  readonly alone: readonly Latencies[];
  /** While the consumer reads what is not in the page cache. */
  readonly beside: readonly Latencies[];
  /** While a program that is no consumer reads the same files: what the machine itself makes of it. */
  readonly besideReader: readonly Latencies[];
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
  const besideReader: Latencies[] = [];
  const consumedMbPerSecond: number[] = [];
  try {
    for (const topic of [coldTopic, pacedTopic]) {
      await createTopic(peer.port, topic, 1);
      await untilWritable(peer.port, topic, 0);
    }
    const log = join(dataDir, `${coldTopic}-0`);
    const pacedLog = join(dataDir, `${pacedTopic}-0`);
    while (bytesIn(log) < plan.gigabytes * 1e9) {
      expectRoom(plan.folder);
      await load('produce', coldTopic, fillSeconds, filling);
    }
    for (let round = 0; round < plan.rounds; round++) {
      const settle = async (): Promise<void> => {
        for (const each of [log, pacedLog]) await dropFromPageCache(each);
        refillPageCache();
      };
      const producing = async (): Promise<Latencies> => {
        const before = processors();
        const { latencyMs } = await load('produce', pacedTopic, plan.seconds, paced);
        return { ...latencies(latencyMs), stolenShare: stolenSince(before) };
      };
      await settle();
      const byItself = await producing();
      alone.push(byItself);
      await settle();
      const [besideConsumer, consuming] = await Promise.all([
        producing(),
        load('fetch', coldTopic, plan.seconds, ['--connections', '1', '--fetch-bytes', '1048576']),
      ]);
      beside.push(besideConsumer);
      consumedMbPerSecond.push(consuming.bytesPerSecond / 1e6);
      await settle();
      const [beyond] = await Promise.all([producing(), readAt(consuming.bytesPerSecond, log, plan.seconds)]);
      besideReader.push(beyond);
      if (consuming.bytes > bytesIn(log))
        plan.say('the consumer has read everything: less --seconds or more --gigabytes');
      plan.say(
        `${broker.name} p99 ${byItself.p99Ms} ms alone, ${besideConsumer.p99Ms} ms beside ${(consuming.bytesPerSecond / 1e6).toFixed(0)} MB/s, ${beyond.p99Ms} ms beside a plain reader`,
      );
    }
  } finally {
    await peer.kill();
  }
  return { broker: broker.name, gigabytes: plan.gigabytes, alone, beside, besideReader, consumedMbPerSecond };
}

const latencies = (ms: Readonly<Record<'p50' | 'p99' | 'p999' | 'max', number>>): Omit<Latencies, 'stolenShare'> => ({
  p50Ms: ms.p50,
  p99Ms: ms.p99,
  p999Ms: ms.p999,
  maxMs: ms.max,
});

/** The limit server's log is one file. */
const segmentsOf = (log: string): string[] =>
  statSync(log).isFile()
    ? [log]
    : readdirSync(log)
        .filter(name => name.endsWith('.log'))
        .map(name => join(log, name));

const bytesIn = (log: string): number => segmentsOf(log).reduce((sum, file) => sum + statSync(file).size, 0);

/** Written back first: dirty pages stay. */
async function dropFromPageCache(log: string): Promise<void> {
  for (const file of segmentsOf(log))
    await must('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
}

/** Reads the segments in order, as fast as the consumer did. */
async function readAt(bytesPerSecond: number, log: string, seconds: number): Promise<void> {
  const piece = Buffer.allocUnsafe(pieceBytes);
  const beganMs = performance.now();
  let bytes = 0;
  for (const path of segmentsOf(log).sort()) {
    const file = await open(path);
    for (let got = piece.length; got > 0; ) {
      const elapsedMs = performance.now() - beganMs;
      if (elapsedMs > seconds * 1000) break;
      const aheadMs = (bytes / bytesPerSecond) * 1000 - elapsedMs;
      if (aheadMs > 0) await new Promise(resolve => setTimeout(resolve, aheadMs));
      got = (await file.read(piece)).bytesRead;
      bytes += got;
    }
    await file.close();
  }
}

const p99Of = (runs: readonly Latencies[]): number => median(runs.map(run => run.p99Ms));
/** The median of pairs that were measured right after each other: what the machine's host does changes from one to the next. */
const growth = ({ alone }: ColdFigures, after: readonly Latencies[]): number =>
  median(after.map(({ p99Ms }, round) => p99Ms / alone[round]!.p99Ms));

export const coldColumns = [
  'broker',
  'GB cold',
  'paced p99 alone, ms',
  'beside, ms',
  'beside a plain reader, ms',
  'growth',
  'stolen alone, %',
  'beside, %',
  'p99.9 alone',
  'beside',
  'consumed, MB/s',
];

export const coldRow = (f: ColdFigures): (string | number)[] => [
  f.broker,
  f.gigabytes,
  p99Of(f.alone).toFixed(2),
  p99Of(f.beside).toFixed(2),
  p99Of(f.besideReader).toFixed(2),
  growth(f, f.beside).toFixed(2),
  (median(f.alone.map(run => run.stolenShare)) * 100).toFixed(1),
  (median(f.beside.map(run => run.stolenShare)) * 100).toFixed(1),
  median(f.alone.map(run => run.p999Ms)).toFixed(2),
  median(f.beside.map(run => run.p999Ms)).toFixed(2),
  median(f.consumedMbPerSecond).toFixed(0),
];

const growthMax = 1.2;

export const coldGoals = (f: ColdFigures): Goal[] => [
  { what: 'produce p99 beside a cold consumer, of that alone', reached: growth(f, f.beside), most: growthMax },
  {
    what: 'produce p99 beside a cold consumer, of that beside a plain reader',
    reached: growth(f, f.beside) / growth(f, f.besideReader),
    most: growthMax,
  },
];
