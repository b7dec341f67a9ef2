/**
 * npm run bench -- cores [--reactors 1,2,4] [--shapes produce-4,fetch-4] [--rounds 5] [--seconds 1.5] [--fill] [--json FILE]
 *
 * How throughput grows with reactors: one Milena for each number of them, in alternation. The generator needs processors of its own, so that
 * the last ones bring less than the first.
 */
import { parseArgs } from 'node:util';
import { chosen } from '../choose.ts';
import { withReactors } from '../contestants.ts';
import { fillPageCache, warnUnlessFull } from '../page-cache.ts';
import { runRounds } from '../rounds.ts';
import { save } from '../save.ts';
import { shapes } from '../shapes.ts';
import { median } from '../statistics.ts';
import { asJson, shapeTable } from '../table.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      reactors: { type: 'string', default: '1,2,4' },
      shapes: { type: 'string', default: 'produce-4,fetch-4' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1.5' },
      fill: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  if (values.fill) fillPageCache(say);
  warnUnlessFull(say);
  const contestants = withReactors(values.reactors.split(',').map(Number));
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const wanted = chosen(shapes, values.shapes);
  const runs = await runRounds({ contestants, shapes: wanted, rounds, seconds, data: '', say });
  process.stdout.write(shapeTable(runs));
  for (const [shape, byBroker] of runs.shapes) {
    const of = (name: string): number => median(byBroker.get(name)!.map(figures => figures.plainMbPerSecond));
    const growth = contestants.map(({ name }) => `${name} ${(of(name) / of(contestants[0]!.name)).toFixed(2)}`);
    process.stdout.write(`${shape}, of the first: ${growth.join(', ')}\n`);
  }
  save(values.json, { rounds, seconds, ...asJson(runs) });
}
