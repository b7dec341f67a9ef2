/**
 * npm run bench -- compaction [--rounds 3] [--seconds 5] [--repeats 10] [--turns 3] [--load-partitions 4] [--only milena,limit,kafka] [--json FILE]
 *
 * The log cleaner beside Apache Kafka's, one thread each, on copies of one directory (bench/compaction/data.ts). Each round
 * every contestant cleans a topic a codec, after a first one for warming up; CPU is the whole process's, from the moment the
 * topic becomes due until the checkpoint says that it is clean. Then producers send 50 MB/s in batches of 16 KB on four
 * connections for `seconds`: alone, beside a process that only counts, and with the cleaner at work on other topics, `turns` times in
 * alternation. The limit server knows no cleaner: while it takes the load, a Milena beside it cleans, so that it shows what the work of
 * cleaning makes of the machine. The table's line is of the turns in which the machine's host left it alone (bench/calm.ts); another
 * table has all windows, by what it took.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../../test/peers/support/kafka.ts';
import { startMilena } from '../../test/peers/support/milena.ts';
import type { Codec } from '../../test/support/codecs.ts';
import { scratchDir } from '../../test/support/paths.ts';
import type { ProcessPeer } from '../../test/support/peer.ts';
import { calmest } from '../calm.ts';
import { chosen } from '../choose.ts';
import { type CleaningFigures, makeDue, measureCleaning, untilClean } from '../compaction/cleaning.ts';
import { loadTopic, measuredCodecs, warmUpTopic, writeData } from '../compaction/data.ts';
import { cleaningTable, type Felt, type Paced, pacedTable, type Round, stolenTable } from '../compaction/tables.ts';
import { program, type Running, removeFolder } from '../contestants.ts';
import { type Figures, measure } from '../load.ts';
import { refillPageCache } from '../page-cache.ts';
import { counting, limitServer } from '../programs.ts';
import { save } from '../save.ts';
import { shapes } from '../shapes.ts';

const cleaner = { 'log.cleaner.threads': '1', 'log.cleaner.backoff.ms': '20' };
const caching = { 'milena.write.caching': 'true' };

interface Cleaning {
  readonly name: string;
  start(dataDir: string): Promise<Pair>;
}

/** Who cleans, and who takes the load meanwhile: the same, unless that one has no cleaner. */
interface Pair {
  readonly cleans: ProcessPeer;
  readonly serves: Running;
}

async function both(starting: Promise<ProcessPeer>): Promise<Pair> {
  const broker = await starting;
  return { cleans: broker, serves: broker };
}

const cleaningMilena = (dataDir: string): Promise<ProcessPeer> =>
  startMilena({ dataDir, config: { ...cleaner, ...caching } });

const contestants: readonly Cleaning[] = [
  { name: 'milena', start: dataDir => both(cleaningMilena(dataDir)) },
  { name: 'milena-durable', start: dataDir => both(startMilena({ dataDir, config: cleaner })) },
  {
    name: 'limit',
    start: async dataDir => ({
      cleans: await cleaningMilena(dataDir),
      serves: await program('limit', await limitServer(), []).start(`${dataDir}-served`),
    }),
  },
  { name: 'kafka', start: dataDir => both(startKafka({ dataDir, config: cleaner, heap: '2g' })) },
];

/** Looks at the cleaner's checkpoint cost the processors something, too. */
const betweenLooksMs = 50;

interface Sizes {
  readonly seconds: number;
  readonly turns: number;
  readonly loadPartitions: number;
}

const felt = ({ p50Ms, p99Ms, p999Ms, maxMs, mbPerSecond, cpuSecondsPerGb, stolenShare }: Figures): Felt => ({
  ...{ p50Ms, p99Ms, p999Ms, maxMs, mbPerSecond, cpuSecondsPerGb, stolenShare },
});

/** While another process takes what it gets of one processor. */
async function besideCounting<T>(work: () => Promise<T>): Promise<T> {
  const counter = spawn(await counting(), { stdio: 'ignore' });
  try {
    await once(counter, 'spawn');
    return await work();
  } finally {
    counter.kill('SIGKILL');
  }
}

async function paced({ cleans, serves }: Pair, turn: number, { seconds, loadPartitions }: Sizes): Promise<Paced> {
  const shape = shapes.find(({ name }) => name === 'paced')!;
  const site = { tag: String(turn), seconds };
  const without = felt(await calmest(() => measure(serves, { ...shape, topic: 'paced-without' }, site)));
  const beside = await besideCounting(() =>
    calmest(() => measure(serves, { ...shape, topic: 'paced-counting' }, site)),
  );
  const began = performance.now();
  await makeDue(cleans, loadTopic(turn));
  const cleaned = untilClean(cleans, loadTopic(turn), loadPartitions, betweenLooksMs).then(
    () => (performance.now() - began) / 1000,
  );
  const during = felt(await measure(serves, { ...shape, topic: 'paced-during' }, site));
  return { without, counting: felt(beside), during, cleaningSeconds: await cleaned };
}

async function one(pair: Pair, round: number, sizes: Sizes): Promise<Round> {
  const load = loadavg()[0]!;
  await measureCleaning(pair.cleans, warmUpTopic);
  const cleaning: Partial<Record<Codec, CleaningFigures>> = {};
  if (pair.cleans === pair.serves)
    for (const codec of measuredCodecs) cleaning[codec] = await measureCleaning(pair.cleans, codec);
  const turns: Paced[] = [];
  for (let turn = 0; turn < sizes.turns; turn++) turns.push(await paced(pair, turn, sizes));
  return { round, load, cleaning, paced: turns };
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(3)) : value;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      repeats: { type: 'string', default: '10' },
      turns: { type: 'string', default: '3' },
      'load-partitions': { type: 'string', default: '4' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const sizes: Sizes = {
    seconds: Number(values.seconds),
    turns: Number(values.turns),
    loadPartitions: Number(values['load-partitions']),
  };
  const folder = scratchDir('bench-compaction');
  const written = await writeData(join(folder, 'written'), {
    repeats: Number(values.repeats),
    loadTopics: sizes.turns,
    loadPartitions: sizes.loadPartitions,
  });
  const runners = chosen(contestants, values.only);
  const runs = new Map(runners.map(({ name }) => [name, [] as Round[]]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const runner of runners) {
      const dataDir = join(folder, `${runner.name}-${round}`);
      cpSync(join(written.folder, 'data'), dataDir, { recursive: true });
      const pair = await runner.start(dataDir);
      const figures = await one(pair, round, sizes);
      for (const running of new Set([pair.serves, pair.cleans])) await running.stop();
      for (const made of [dataDir, `${dataDir}-served`]) removeFolder(made);
      refillPageCache();
      runs.get(runner.name)!.push(figures);
      process.stderr.write(`round ${round} ${runner.name} ${JSON.stringify(figures, rounded)}\n`);
    }
  }
  process.stdout.write(`${cleaningTable(runs)}\n${pacedTable(runs)}\n${stolenTable(runs)}`);
  const { source, records, uncompressedBytes } = written;
  save(values.json, { ...sizes, source, records, uncompressedBytes, runs: Object.fromEntries(runs) });
  removeFolder(folder);
}
