/**
 * npm run bench -- groups [--rounds 3] [--seconds 10] [--only milena,kafka] [--shapes commits-64] [--json FILE]
 *
 * The group coordinator beside Apache Kafka's, one broker at a time, in alternation: how long members take to be assigned,
 * what heartbeats and commits cost, and both while the broker stops for 200 ms of every second as if it collected garbage
 * (Milena's JavaScript thread spins, Kafka's process is stopped). The load is this process: raw sockets, ready-made frames.
 */
import { join } from 'node:path';
import { scratchDir } from '../test/support/paths.ts';
import { untilAnswering } from '../test/support/until-answering.ts';
import { type Contestant, removeFolder } from './contestants.ts';
import { type GroupFigures, type GroupShape, untilCoordinated } from './groups/shapes.ts';
import { median } from './statistics.ts';

const startDeadlineMs = 120_000;

/** Runs of each shape by contestant. */
export type GroupRuns = ReadonlyMap<string, ReadonlyMap<string, readonly GroupFigures[]>>;

export async function measureGroups(
  runners: readonly Contestant[],
  shapes: readonly GroupShape[],
  rounds: number,
  seconds: number,
): Promise<GroupRuns> {
  const runs = new Map(shapes.map(({ name }) => [name, new Map(runners.map(r => [r.name, [] as GroupFigures[]]))]));
  const folder = scratchDir('bench-groups');
  for (let round = 1; round <= rounds; round++) {
    for (const runner of runners) {
      const broker = await runner.start(join(folder, `${runner.name}-${round}`));
      await untilAnswering(broker.port, startDeadlineMs);
      await untilCoordinated(broker.port, startDeadlineMs);
      for (const shape of shapes) {
        const figures = await shape.run(broker, round, seconds);
        runs.get(shape.name)!.get(runner.name)!.push(figures);
        process.stderr.write(`round ${round} ${runner.name} ${shape.name} ${JSON.stringify(figures, rounded)}\n`);
      }
      await broker.stop();
    }
  }
  removeFolder(folder);
  return runs;
}

/** Medians, a table for each shape: they have figures of their own. */
export function groupTable(runs: GroupRuns): string {
  const lines: string[] = [];
  for (const [shape, byRunner] of runs) {
    const columns = Object.keys([...byRunner.values()][0]?.[0] ?? {});
    lines.push(`| ${[shape, ...columns].join(' | ')} |`, `|${'---|'.repeat(columns.length + 1)}`);
    for (const [runner, figures] of byRunner) {
      const medians = columns.map(column => rounded(column, median(figures.map(one => one[column]!))));
      lines.push(`| ${[runner, ...medians].join(' | ')} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(3)) : value;
