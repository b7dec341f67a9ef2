import { join } from 'node:path';
import { must } from '../test/support/child.ts';
import { scratchDir } from '../test/support/paths.ts';
import { untilAnswering } from '../test/support/until-answering.ts';
import { type Contestant, removeFolder } from './contestants.ts';
import { type Figures, measure } from './load.ts';
import { expectRoom, refillPageCache } from './page-cache.ts';
import { ageMs, residentMb } from './process.ts';
import { loadAverage } from './save.ts';
import type { Shape } from './shapes.ts';

const startDeadlineMs = 120_000;

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
 * Each contestant in turn, round after round, so that whatever the machine does meanwhile hits all of them alike. A broker's data goes
 * when its turn is over, and the memory that this frees is filled again.
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
  };
  const folder = scratchDir('bench');
  for (let round = 1; round <= plan.rounds; round++) {
    runs.loadAverages.push(loadAverage());
    for (const contestant of contestants) {
      const mine = shapes.filter(shape => takesPart(contestant, shape));
      if (mine.length === 0) continue;
      try {
        await takeTurn(plan, contestant, mine, join(folder, `${contestant.name}-${round}`), round, runs);
      } catch (error) {
        // A long run is not lost because one turn was.
        plan.say(`round ${round} ${contestant.name} failed: ${String(error)}`);
      }
    }
    if (plan.syncBatch) await measureSyncs(plan, plan.syncBatch, join(folder, `sync-batch-${round}`), runs);
  }
  removeFolder(folder);
  return runs;
}

async function takeTurn(
  { data, seconds, say }: Plan,
  contestant: Contestant,
  shapes: readonly Shape[],
  folder: string,
  round: number,
  runs: Runs,
): Promise<void> {
  expectRoom(join(folder, '..'));
  const broker = await contestant.start(folder);
  try {
    await untilAnswering(broker.port, startDeadlineMs);
    const startMs = ageMs(broker.pid);
    const idleMb = residentMb(broker.pid);
    const { warmUpSeconds } = contestant;
    if (warmUpSeconds) await measure(broker, shapes[0]!, { tag: 'warm-up', seconds: warmUpSeconds, data });
    for (const shape of shapes) {
      const figures = await measure(broker, shape, { tag: String(round), seconds, data });
      runs.shapes.get(shape.name)!.get(contestant.name)!.push(figures);
      say(`round ${round} ${contestant.name} ${shape.name}: ${glimpse(figures)}`);
    }
    runs.vitals.get(contestant.name)!.push({ startMs, idleMb, afterMb: residentMb(broker.pid) });
  } finally {
    await broker.stop();
    removeFolder(folder);
  }
  refillPageCache();
}

const glimpse = ({ plainMbPerSecond, requestsPerSecond, p50Ms, p99Ms }: Figures): string =>
  `${plainMbPerSecond.toFixed(0)} MB/s, ${requestsPerSecond.toFixed(0)} requests/s, p50 ${p50Ms} p99 ${p99Ms} ms`;

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
