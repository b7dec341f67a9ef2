/**
 * npm run bench -- [--rounds 5] [--seconds 5] [--only milena,kafka] [--shapes produce-1,tiny-16] [--fill]
 *                  [--yardstick PROGRAM] [--compare REV] [--json FILE]
 *
 * Milena, the limit server (bench/limit) and Apache Kafka in alternation, with the shapes of bench/shapes.ts; prints medians, spread and
 * what became of the goals. `--yardstick` takes another limit server, called as ours is. `--compare` adds Milena as it was at a revision,
 * built in a worktree of its own, and leaves the others out unless they are named. Quote ratios, not figures.
 */
import { parseArgs } from 'node:util';
import { chosen } from '../choose.ts';
import { contestants, regular } from '../contestants.ts';
import { goalTable } from '../goals.ts';
import { fillPageCache, warnUnlessFull } from '../page-cache.ts';
import { limitServer, syncBatch } from '../programs.ts';
import { realDataFile } from '../real-data.ts';
import { runRounds } from '../rounds.ts';
import { save } from '../save.ts';
import { shapes } from '../shapes.ts';
import { asJson, shapeTable, vitalsTable } from '../table.ts';
import { revision } from '../worktree.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      only: { type: 'string' },
      shapes: { type: 'string' },
      yardstick: { type: 'string' },
      compare: { type: 'string' },
      fill: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const other = values.compare === undefined ? undefined : await revision(values.compare, say);
  const field = contestants({ limit: await limitServer(), yardstick: values.yardstick, other });
  const names = other ? ['milena', other.name, 'milena-durable', `${other.name}-durable`] : regular;
  const usual = field.filter(({ name }) => names.includes(name) || (values.yardstick && name.startsWith('yardstick')));
  const runners = values.only ? chosen(field, values.only) : usual;
  const wanted = chosen(shapes, values.shapes);
  const durable = wanted.find(shape => shape.name === 'durable-100');
  if (values.fill) fillPageCache(say);
  warnUnlessFull(say);
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const runs = await runRounds({
    contestants: runners,
    shapes: wanted,
    rounds,
    seconds,
    data: await realDataFile(),
    ...(durable && {
      syncBatch: { program: await syncBatch(), files: durable.partitions, bytes: Number(durable.options.batch) },
    }),
    say,
  });
  process.stdout.write(`${shapeTable(runs)}\n${vitalsTable(runs)}\n${goalTable(runs)}`);
  save(values.json, { rounds, seconds, ...asJson(runs) });
}
