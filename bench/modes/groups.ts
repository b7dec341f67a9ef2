/**
 * npm run bench -- groups [--rounds 5] [--seconds 5] [--only milena,kafka] [--shapes commits-64] [--json FILE]
 *
 * The group coordinator beside Apache Kafka's: see bench/groups.ts.
 */
import { parseArgs } from 'node:util';
import { chosen } from '../choose.ts';
import { groupContestants } from '../contestants.ts';
import { groupShapes } from '../groups/shapes.ts';
import { groupTable, measureGroups } from '../groups.ts';
import { save } from '../save.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      only: { type: 'string' },
      shapes: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const runners = chosen(groupContestants(), values.only);
  const runs = await measureGroups(runners, chosen(groupShapes, values.shapes), rounds, seconds);
  process.stdout.write(groupTable(runs));
  const groups = [...runs].map(([shape, byRunner]) => ({ shape, brokers: Object.fromEntries(byRunner) }));
  save(values.json, { rounds, seconds, groups });
}
