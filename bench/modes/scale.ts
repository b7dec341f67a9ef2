/**
 * npm run bench -- scale [--parts partitions,connections,cold] [--partitions 1000,10000,100000] [--kafka-partitions-max 10000] [--idle 10000]
 *   [--gigabytes 10] [--rounds 5] [--seconds 2] [--cold-seconds 8] [--only milena,kafka,limit] [--json FILE]
 *
 * What does not disturb, however much there is of it: partitions that nobody uses, connections that say nothing, a consumer that reads what lies
 * on the disk only. Data is removed at the very end: ext4 passes over inodes that were freed within the last minutes, one by one, and a broker
 * that makes half a million files right after as many were removed waits for that.
 */
import { parseArgs } from 'node:util';
import { scratchDir } from '../../test/support/paths.ts';
import { chosen } from '../choose.ts';
import { warnUnlessFull } from '../page-cache.ts';
import { limitServer } from '../programs.ts';
import { loadAverage, save } from '../save.ts';
import { type Goal, goalTable, markdown, type ScalePart, scaleBrokers } from '../scale/brokers.ts';
import { coldColumns, coldGoals, coldRow, measureCold } from '../scale/cold.ts';
import { connectionColumns, connectionGoals, connectionRow, measureConnections } from '../scale/connections.ts';
import { measurePartitions, partitionColumns, partitionGoals, partitionRow } from '../scale/partitions.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      parts: { type: 'string', default: 'partitions,connections,cold' },
      partitions: { type: 'string', default: '1000,10000,100000' },
      'kafka-partitions-max': { type: 'string', default: '10000' },
      idle: { type: 'string', default: '10000' },
      gigabytes: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      'cold-seconds': { type: 'string', default: '8' },
      only: { type: 'string', default: 'milena,kafka,limit' },
      json: { type: 'string' },
    },
  });
  const brokers = chosen(scaleBrokers(await limitServer()), values.only);
  const takingPart = (part: ScalePart) => brokers.filter(({ skips = [] }) => !skips.includes(part));
  const folder = scratchDir('bench-scale');
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const kafkaMax = Number(values['kafka-partitions-max']);
  const results: Record<string, object[]> = {};
  const goals: Goal[] = [];
  const loadAverages: number[] = [];
  warnUnlessFull(say);

  /** One part of the run: a row for each broker. */
  async function part<Figures extends { readonly broker: string }>(
    name: string,
    columns: readonly string[],
    measured: AsyncIterable<Figures>,
    row: (figures: Figures) => (string | number)[],
    goalsOf: (figures: Figures) => Goal[],
  ): Promise<void> {
    const all: Figures[] = [];
    for await (const figures of measured) {
      all.push(figures);
      loadAverages.push(loadAverage());
      if (figures.broker === 'milena') goals.push(...goalsOf(figures));
      say(row(figures).join('  '));
    }
    results[name] = all;
    process.stdout.write(`${markdown([columns, ...all.map(row)])}\n`);
  }

  async function* partitions() {
    for (const count of values.partitions.split(',').map(Number)) {
      for (const broker of takingPart('partitions').filter(({ name }) => name !== 'kafka' || count <= kafkaMax))
        yield await measurePartitions(broker, {
          count,
          // Code that is compiled while it runs would be measured there, not partitions.
          rounds: broker.name === 'kafka' ? 0 : rounds,
          seconds,
          folder,
          say,
        });
    }
  }
  async function* connections() {
    for (const broker of takingPart('connections'))
      yield await measureConnections(broker, { idle: Number(values.idle), rounds, seconds, folder, say });
  }
  async function* cold() {
    const plan = { gigabytes: Number(values.gigabytes), rounds, seconds: Number(values['cold-seconds']), folder, say };
    for (const broker of takingPart('cold')) yield await measureCold(broker, plan);
  }

  for (const name of values.parts.split(',')) {
    if (name === 'partitions') await part(name, partitionColumns, partitions(), partitionRow, partitionGoals);
    else if (name === 'connections') await part(name, connectionColumns, connections(), connectionRow, connectionGoals);
    else if (name === 'cold') await part(name, coldColumns, cold(), coldRow, coldGoals);
    else throw new Error(`--parts: there is no ${name}`);
  }
  process.stdout.write(goalTable(goals));
  save(values.json, { rounds, seconds, loadAverages, goals, ...results });
}
