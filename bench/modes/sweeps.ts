/**
 * npm run bench -- sweeps [--rounds 3] [--seconds 3] [--only milena,kafka,limit] [--fill] [--json FILE]
 *
 * Points of two curves for each broker: throughput by the size of a batch, and what a small load costs beside idle connections. The limit
 * server has a thread for each connection and takes no part in the second.
 */
import { parseArgs } from 'node:util';
import { chosen } from '../choose.ts';
import { contestants } from '../contestants.ts';
import { fillPageCache, warnUnlessFull } from '../page-cache.ts';
import { limitServer } from '../programs.ts';
import { runRounds } from '../rounds.ts';
import { save } from '../save.ts';
import { batchSize, batchSizes, besideIdle, idleCounts } from '../shapes.ts';
import { asJson, shapeTable } from '../table.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      only: { type: 'string', default: 'milena,kafka,limit' },
      fill: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const idle = idleCounts.map(besideIdle);
  const field = contestants({ limit: await limitServer(), yardstick: undefined, other: undefined });
  const runners = chosen(field, values.only).map(one =>
    one.name.startsWith('limit') ? { ...one, skips: idle.map(({ name }) => name) } : one,
  );
  if (values.fill) fillPageCache(say);
  warnUnlessFull(say);
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const shapes = [...batchSizes.map(batchSize), ...idle];
  const runs = await runRounds({ contestants: runners, shapes, rounds, seconds, data: '', say });
  process.stdout.write(shapeTable(runs));
  save(values.json, { rounds, seconds, ...asJson(runs) });
}
