/**
 * npm run bench -- compaction [--rounds 3] [--seconds 5] [--repeats 10] [--turns 3] [--load-partitions 4] [--only milena,kafka] [--json FILE]
 *
 * The log cleaner beside Apache Kafka's, one thread each, on copies of one directory (bench/compaction/data.ts). Each round
 * every contestant cleans a topic a codec, after a first one for warming up; CPU is the whole process's, from the moment the
 * topic becomes due until the checkpoint says that it is clean. Then producers send 50 MB/s in batches of 16 KB on four
 * connections for `seconds`: alone, beside a process that only counts, and with the cleaner at work on other topics, `turns` times in
 * alternation. The table's line is of the turns in which the machine's host left it alone (bench/calm.ts).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { loadavg, setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../../test/peers/support/kafka.ts';
import { startMilena } from '../../test/peers/support/milena.ts';
import { scratchDir } from '../../test/support/paths.ts';
import type { ProcessPeer } from '../../test/support/peer.ts';
import { calmest, isCalm } from '../calm.ts';
import { chosen } from '../choose.ts';
import { type CleaningFigures, makeDue, measureCleaning, untilClean } from '../compaction/cleaning.ts';
import { loadTopic, measuredCodecs, warmUpTopic, writeData } from '../compaction/data.ts';
import { removeFolder } from '../contestants.ts';
import { type Figures, measure } from '../load.ts';
import { refillPageCache } from '../page-cache.ts';
import { save } from '../save.ts';
import { shapes } from '../shapes.ts';
import { median } from '../statistics.ts';

const cleaner = { 'log.cleaner.threads': '1', 'log.cleaner.backoff.ms': '20' };
const caching = { 'milena.write.caching': 'true' };

interface Cleaning {
  readonly name: string;
  start(dataDir: string): Promise<ProcessPeer>;
}

const contestants: readonly Cleaning[] = [
  { name: 'milena', start: dataDir => startMilena({ dataDir, config: { ...cleaner, ...caching } }) },
  { name: 'milena-durable', start: dataDir => startMilena({ dataDir, config: cleaner }) },
  { name: 'kafka', start: dataDir => startKafka({ dataDir, config: cleaner, heap: '2g' }) },
];

type Felt = Pick<Figures, 'p50Ms' | 'p99Ms' | 'p999Ms' | 'maxMs' | 'mbPerSecond' | 'cpuSecondsPerGb' | 'stolenShare'>;

interface Paced {
  readonly without: Felt;
  /** Beside a process that only counts, at a cleaner's priority: what a processor less makes of it. */
  readonly counting: Felt;
  readonly during: Felt;
  /** How long the cleaner was at work, from before the warm-up of `during`. */
  readonly cleaningSeconds: number;
}

interface Round {
  readonly round: number;
  readonly load: number;
  readonly cleaning: Readonly<Record<string, CleaningFigures>>;
  readonly paced: readonly Paced[];
}

/** nice(2), as cleaning workers have it. */
const cleaningPriority = 10;
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
  const counter = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  try {
    await once(counter, 'spawn');
    setPriority(counter.pid!, cleaningPriority);
    return await work();
  } finally {
    counter.kill('SIGKILL');
  }
}

async function paced(broker: ProcessPeer, turn: number, { seconds, loadPartitions }: Sizes): Promise<Paced> {
  const shape = shapes.find(({ name }) => name === 'paced')!;
  const site = { tag: String(turn), seconds };
  const without = felt(await calmest(() => measure(broker, { ...shape, topic: 'paced-without' }, site)));
  const counting = await besideCounting(() =>
    calmest(() => measure(broker, { ...shape, topic: 'paced-counting' }, site)),
  );
  const began = performance.now();
  await makeDue(broker, loadTopic(turn));
  const cleaned = untilClean(broker, loadTopic(turn), loadPartitions, betweenLooksMs).then(
    () => (performance.now() - began) / 1000,
  );
  const during = felt(await measure(broker, { ...shape, topic: 'paced-during' }, site));
  return { without, counting: felt(counting), during, cleaningSeconds: await cleaned };
}

async function one(broker: ProcessPeer, round: number, sizes: Sizes): Promise<Round> {
  const load = loadavg()[0]!;
  await measureCleaning(broker, warmUpTopic);
  const cleaning: Record<string, CleaningFigures> = {};
  for (const codec of measuredCodecs) cleaning[codec] = await measureCleaning(broker, codec);
  const turns: Paced[] = [];
  for (let turn = 0; turn < sizes.turns; turn++) turns.push(await paced(broker, turn, sizes));
  return { round, load, cleaning, paced: turns };
}

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
      const broker = await runner.start(dataDir);
      const figures = await one(broker, round, sizes);
      await broker.stop();
      removeFolder(dataDir);
      refillPageCache();
      runs.get(runner.name)!.push(figures);
      process.stderr.write(`round ${round} ${runner.name} ${JSON.stringify(figures, rounded)}\n`);
    }
  }
  process.stdout.write(`${cleaningTable(runs)}\n${pacedTable(runs)}`);
  const { source, records, uncompressedBytes } = written;
  save(values.json, { ...sizes, source, records, uncompressedBytes, runs: Object.fromEntries(runs) });
  removeFolder(folder);
}

type Runs = ReadonlyMap<string, readonly Round[]>;

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(3)) : value;

function cleaningTable(runs: Runs): string {
  const lines = ['| codec | broker | MB | MB after | MB/s | MB per CPU-second |', '|---|---|---|---|---|---|'];
  for (const codec of measuredCodecs) {
    for (const [name, rounds] of runs) {
      const of = (pick: (one: CleaningFigures) => number) => median(rounds.map(one => pick(one.cleaning[codec]!)));
      const cells = [
        of(one => one.megabytes).toFixed(0),
        of(one => one.megabytesAfter).toFixed(0),
        of(one => one.megabytes / one.seconds).toFixed(0),
        of(one => one.megabytes / one.cpuSeconds).toFixed(0),
      ];
      lines.push(`| ${[codec, name, ...cells].join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

function pacedTable(runs: Runs): string {
  const lines = [
    '| broker | p50 ms | - counting | - cleaning | p99 ms | - counting | - cleaning | growth beside cleaning | - beyond counting | CPU-s/GB | - cleaning | cleaned for, s | calm turns |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const [name, rounds] of runs) {
    const turns = rounds.flatMap(one => one.paced);
    const calm = turns.filter(one => isCalm(one.without) && isCalm(one.counting) && isCalm(one.during));
    const of = (pick: (one: Paced) => number) => median((calm.length > 0 ? calm : turns).map(pick));
    const cells = [
      of(one => one.without.p50Ms).toFixed(2),
      of(one => one.counting.p50Ms).toFixed(2),
      of(one => one.during.p50Ms).toFixed(2),
      of(one => one.without.p99Ms).toFixed(2),
      of(one => one.counting.p99Ms).toFixed(2),
      of(one => one.during.p99Ms).toFixed(2),
      percent(of(one => one.during.p99Ms / one.without.p99Ms - 1)),
      percent(of(one => one.during.p99Ms / one.counting.p99Ms - 1)),
      of(one => one.without.cpuSecondsPerGb).toFixed(2),
      of(one => one.during.cpuSecondsPerGb).toFixed(2),
      of(one => one.cleaningSeconds).toFixed(1),
      `${calm.length} of ${turns.length}`,
    ];
    lines.push(`| ${[name, ...cells].join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}
