/**
 * npm run bench -- --micro [--json FILE]
 * npm run bench -- [--rounds 5] [--seconds 5] [--only milena,kafka] [--shapes produce-1,tiny-16] [--limit PROGRAM] [--json FILE] [--groups]
 *
 * With --groups the group coordinator is measured instead: what `groups.ts` says, beside Apache Kafka.
 *
 * Runs the shapes on each contestant in turn, round after round, so that whatever the machine does meanwhile hits all of
 * them alike; prints medians and spread. Fill the page cache first (one file of 80 % of RAM), or the virtual machine is
 * measured; data is removed at the very end for the same reason. Quote ratios, not figures.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { scratchDir } from '../test/support/paths.ts';
import { untilAnswering } from '../test/support/until-answering.ts';
import { contestants, groupContestants, regular, removeFolder } from './contestants.ts';
import { groupShapes } from './groups/shapes.ts';
import { groupTable, measureGroups } from './groups.ts';
import { type Figures, measure } from './load.ts';
import { shapes } from './shapes.ts';
import { median, spread } from './statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    shapes: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'string' },
    groups: { type: 'boolean', default: false },
    micro: { type: 'boolean', default: false },
  },
});

const chosen = <T extends { name: string }>(all: readonly T[], list: string | undefined): readonly T[] =>
  list === undefined ? all : list.split(',').map(name => all.find(one => one.name === name) ?? unknown(name, all));

function unknown(name: string, all: readonly { name: string }[]): never {
  process.stderr.write(`bench: no ${name}; there are ${all.map(one => one.name).join(', ')}\n`);
  process.exit(2);
}

const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const startDeadlineMs = 120_000;

type Results = Map<string, Map<string, Figures[]>>;

async function groups(): Promise<void> {
  const runners = chosen(groupContestants(), values.only);
  const runs = await measureGroups(runners, chosen(groupShapes, values.shapes), rounds, seconds);
  process.stdout.write(groupTable(runs));
  const shapesOf = [...runs].map(([shape, byRunner]) => ({ shape, brokers: Object.fromEntries(byRunner) }));
  if (values.json) save(values.json, { rounds, seconds, groups: shapesOf });
}

async function main(): Promise<void> {
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
        results
          .get(shape.name)!
          .get(runner.name)!
          .push(await measure(broker, shape, round, seconds));
        process.stderr.write(`round ${round} ${runner.name} ${shape.name}\n`);
      }
      await broker.stop();
    }
  }
  process.stdout.write(markdown(results));
  const runs = [...results].map(([shape, byRunner]) => ({ shape, brokers: Object.fromEntries(byRunner) }));
  if (values.json) save(values.json, { rounds, seconds, runs });
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

function save(file: string, figures: object): void {
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, ...figures }, null, 2)}\n`);
}

async function micro(): Promise<void> {
  // Loaded only here: the macro shapes need no tinybench.
  const { microTable, runMicro } = await import('./micro.ts');
  const figures = await runMicro();
  process.stdout.write(microTable(figures));
  if (values.json) save(values.json, { micro: figures });
}

if (values.micro) await micro();
else if (values.groups) await groups();
else await main();
