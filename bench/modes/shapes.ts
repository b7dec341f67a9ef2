/**
 * npm run bench -- [--rounds 5] [--seconds 5] [--only milena,kafka] [--shapes produce-1,tiny-16] [--limit PROGRAM] [--json FILE]
 *
 * Runs the shapes on each contestant in turn, round after round, so that whatever the machine does meanwhile hits all of
 * them alike; prints medians and spread. Fill the page cache first (one file of 80 % of RAM), or the virtual machine is
 * measured; data is removed at the very end for the same reason. Quote ratios, not figures.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { scratchDir } from '../../test/support/paths.ts';
import { untilAnswering } from '../../test/support/until-answering.ts';
import { chosen } from '../choose.ts';
import { contestants, regular, removeFolder } from '../contestants.ts';
import { type Figures, measure } from '../load.ts';
import { save } from '../save.ts';
import { shapes } from '../shapes.ts';
import { median, spread } from '../statistics.ts';

const startDeadlineMs = 120_000;

type Results = Map<string, Map<string, Figures[]>>;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      only: { type: 'string' },
      shapes: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const known = contestants(values.limit);
  const runners = values.only ? chosen(known, values.only) : known.filter(({ name }) => regular.includes(name));
  const wanted = chosen(shapes, values.shapes);
  const results: Results = new Map(wanted.map(shape => [shape.name, new Map(runners.map(r => [r.name, []]))]));
  const folder = scratchDir('bench');
  for (let round = 1; round <= rounds; round++) {
    for (const runner of runners) {
      const broker = await runner.start(join(folder, `${runner.name}-${round}`));
      await untilAnswering(broker.port, startDeadlineMs);
      for (const shape of wanted) {
        const figures = await measure(broker, shape, round, seconds);
        results.get(shape.name)!.get(runner.name)!.push(figures);
        process.stderr.write(`round ${round} ${runner.name} ${shape.name}\n`);
      }
      await broker.stop();
    }
  }
  process.stdout.write(markdown(results));
  const runs = [...results].map(([shape, byRunner]) => ({ shape, brokers: Object.fromEntries(byRunner) }));
  save(values.json, { rounds, seconds, runs });
  removeFolder(folder);
}

function markdown(results: Results): string {
  const lines = [
    '| shape | broker | MB/s | requests/s | CPU-s/GB | CPU us/request | p50 ms | p99 ms | p99.9 ms | max ms | spread |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const [shape, byRunner] of results) {
    for (const [runner, runs] of byRunner) {
      const of = (pick: (figures: Figures) => number, digits: number) => median(runs.map(pick)).toFixed(digits);
      const cells = [
        shape,
        runner,
        of(f => f.mbPerSecond, 0),
        of(f => f.requestsPerSecond, 0),
        of(f => f.cpuSecondsPerGb, 2),
        of(f => f.cpuMicrosPerRequest, 1),
        of(f => f.p50Ms, 2),
        of(f => f.p99Ms, 2),
        of(f => f.p999Ms, 2),
        of(f => f.maxMs, 1),
        `${(spread(runs.map(f => f.mbPerSecond)) * 100).toFixed(0)} %`,
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
