import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../test/support/child.ts';
import { scratchDir } from '../test/support/paths.ts';
import { untilAnswering } from '../test/support/until-answering.ts';
import { calmest } from './calm.ts';
import { type Contestant, type Running, removeFolder } from './contestants.ts';
import { untilGivenBack } from './given-back.ts';
import { type Figures, measure, measureWindow, prepare, removeTopics } from './load.ts';
import { expectRoom, refillPageCache } from './page-cache.ts';
import { ageMs, residentMb } from './process.ts';
import { loadAverage } from './save.ts';
import type { Shape } from './shapes.ts';

const startDeadlineMs = 120_000;
const warmUp = 'warm-up';
const messageCharsMax = 2_000;
/** A round has many windows already. */
const windowsMax = 2;

/** What is seen of a broker besides its shapes, in one round. */
export interface Vitals {
  /** From the start of its process to its first answer, on an empty directory. */
  readonly startMs: number;
  readonly idleMb: number;
  readonly afterMb: number;
}

/** Runs by shape and contestant, one for each round. */
export interface Runs {
  readonly shapes: ReadonlyMap<string, ReadonlyMap<string, Figures[]>>;
  readonly vitals: ReadonlyMap<string, Vitals[]>;
  /** p50 of a batch of fdatasyncs on the same directory, in ms; empty where there is no io_uring. */
  readonly syncBatchMs: number[];
  /** The load average at the beginning of each round. */
  readonly loadAverages: number[];
  /** What Node itself needed to begin and to end, in the same moment. */
  readonly nodeStartMs: number[];
}

export interface Plan {
  readonly contestants: readonly Contestant[];
  readonly shapes: readonly Shape[];
  readonly rounds: number;
  readonly seconds: number;
  /** The path of what is compressed. */
  readonly data: string;
  /** The program that syncs many files at once, and how many of which size; left out when nobody asks. */
  readonly syncBatch?: { readonly program: string; readonly files: number; readonly bytes: number };
  readonly say: (text: string) => void;
}

export const takesPart = ({ answers = 'cached', skips = [] }: Contestant, shape: Shape): boolean =>
  shape.on.includes(answers) && !skips.includes(shape.name);

/**
 * Round after round, and in it shape after shape: all brokers stand beside each other, and one at a time is loaded, in another order
 * each round. So whatever the machine does meanwhile hits all of them alike. What a shape has written goes when it is over, and
 * the memory that this frees is filled again.
 */
export async function runRounds(plan: Plan): Promise<Runs> {
  const { contestants, shapes } = plan;
  const runs: Runs = {
    shapes: new Map(
      shapes.map(shape => [
        shape.name,
        new Map(contestants.filter(one => takesPart(one, shape)).map(one => [one.name, [] as Figures[]])),
      ]),
    ),
    vitals: new Map(contestants.map(one => [one.name, [] as Vitals[]])),
    syncBatchMs: [],
    loadAverages: [],
    nodeStartMs: [],
  };
  const folder = scratchDir('bench');
  for (let round = 1; round <= plan.rounds; round++) {
    runs.loadAverages.push(loadAverage());
    runs.nodeStartMs.push(await nodeStart());
    const first = (round - 1) % contestants.length;
    const order = [...contestants.slice(first), ...contestants.slice(0, first)];
    await runRound(plan, order, round, join(folder, String(round)), runs);
    removeFolder(join(folder, String(round)));
  }
  removeFolder(folder);
  return runs;
}

/**
 * What others have written and the disk has not takes from what a broker may write before the kernel makes it wait; and what has left
 * the page cache since the last window is paid for by whoever writes next.
 */
async function level(): Promise<void> {
  await must('sync', []);
  refillPageCache();
}

async function nodeStart(): Promise<number> {
  const beganMs = performance.now();
  await must(process.execPath, ['-e', '0']);
  return performance.now() - beganMs;
}

interface Started {
  readonly contestant: Contestant;
  readonly broker: Running;
  readonly startMs: number;
  readonly idleMb: number;
  /** Unknown until it was to delete a topic for the first time. */
  deletes?: boolean;
}

async function runRound(
  plan: Plan,
  order: readonly Contestant[],
  round: number,
  folder: string,
  runs: Runs,
): Promise<void> {
  const { shapes, say } = plan;
  const all: Started[] = [];
  try {
    for (const contestant of order) {
      if (shapes.some(shape => takesPart(contestant, shape))) all.push(await started(plan, contestant, folder));
    }
    refillPageCache();
    for (const shape of shapes) {
      expectRoom(tmpdir());
      const loaded = all.filter(({ contestant }) => takesPart(contestant, shape));
      for (const { contestant, broker } of loaded) {
        const site = { ...plan, tag: String(round) };
        await prepare(broker, shape, site);
        const figures = await calmest(async () => {
          await level();
          return measureWindow(broker, shape, site);
        }, windowsMax);
        runs.shapes.get(shape.name)!.get(contestant.name)!.push(figures);
        say(`round ${round} ${shape.name} ${contestant.name}: ${glimpse(figures)}`);
      }
      for (const { broker } of loaded) await removeTopics(broker, shape, String(round));
      if (shape.partitions > 0) await untilAllIsGivenBack(loaded, folder, `${shape.topic}-${round}`, say);
      refillPageCache();
    }
    for (const { contestant, broker, startMs, idleMb } of all)
      runs.vitals.get(contestant.name)!.push({ startMs, idleMb, afterMb: residentMb(broker.pid) });
  } catch (error) {
    // A long run is not lost because one round was.
    say(`round ${round} failed: ${error instanceof Error ? error.message.slice(0, messageCharsMax) : String(error)}`);
  } finally {
    for (const { broker } of all) await broker.stop();
  }
  if (plan.syncBatch) await measureSyncs(plan, plan.syncBatch, join(folder, 'sync-batch'), runs);
}

/** Nothing is expected twice of a server that does not know how to delete. */
async function untilAllIsGivenBack(
  loaded: readonly Started[],
  folder: string,
  topic: string,
  say: (text: string) => void,
): Promise<void> {
  for (const one of loaded) {
    if (one.deletes === false) continue;
    one.deletes = await untilGivenBack(join(folder, one.contestant.name), topic);
    if (!one.deletes) say(`${one.contestant.name} still holds ${topic}, which was deleted`);
  }
}

async function started(plan: Plan, contestant: Contestant, folder: string): Promise<Started> {
  const broker = await contestant.start(join(folder, contestant.name));
  await untilAnswering(broker.port, startDeadlineMs);
  const seen = { contestant, broker, startMs: ageMs(broker.pid), idleMb: residentMb(broker.pid) };
  const shape = plan.shapes.find(one => takesPart(contestant, one))!;
  if (contestant.warmUpSeconds) {
    await measure(broker, shape, { ...plan, tag: warmUp, seconds: contestant.warmUpSeconds });
    await removeTopics(broker, shape, warmUp);
  }
  return seen;
}

const glimpse = (seen: Figures): string =>
  [
    `${seen.plainMbPerSecond.toFixed(0)} MB/s`,
    `${seen.requestsPerSecond.toFixed(0)} requests/s`,
    `p50 ${seen.p50Ms} p99 ${seen.p99Ms} ms`,
    `${percent(seen.stolenShare)} stolen`,
    `${percent(seen.freeShare)} free`,
    `${seen.readMb.toFixed(0)} MB from the disk`,
  ].join(', ');

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

async function measureSyncs(
  { seconds, say }: Plan,
  { program, files, bytes }: NonNullable<Plan['syncBatch']>,
  folder: string,
  runs: Runs,
): Promise<void> {
  try {
    const { stdout } = await must(program, [folder, String(files), String(bytes), String(seconds)]);
    runs.syncBatchMs.push((JSON.parse(stdout) as { p50Ms: number }).p50Ms);
  } catch (error) {
    say(String(error));
  }
  removeFolder(folder);
}
