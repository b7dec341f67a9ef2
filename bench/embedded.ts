/**
 * How soon a test of somebody's program can begin: from Broker.start in a fresh process to the first message that a kafkajs
 * consumer group has consumed. Shows, never asserts.
 *
 *   npm run build && node --import ./test/support/ts.mjs bench/embedded.ts [--rounds 10]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installKafkaJs } from '../test/clients/support/install.ts';
import { must } from '../test/support/child.ts';
import { REPO_ROOT, scratchDir } from '../test/support/paths.ts';
import { median } from './statistics.ts';

interface Round {
  /** Broker.start has resolved. */
  readonly startedMs: number;
  /** A topic has been created. */
  readonly createdMs: number;
  /** The first message is acknowledged. */
  readonly sentMs: number;
  /** The group has handed it to the program. */
  readonly consumedMs: number;
  /** broker.stop alone. */
  readonly stopMs: number;
  /** Handles that would keep the process alive. */
  readonly left: number;
}

const roundDeadlineMs = 60_000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
const home = await installKafkaJs();
const rounds: Round[] = [];
for (let i = 0; i < Number(values.rounds); i++) {
  const args = [join(REPO_ROOT, 'bench', 'embedded-round.mjs'), home, join(scratchDir('embedded'), 'data')];
  const { stdout } = await must(process.execPath, args, { cwd: REPO_ROOT, deadlineMs: roundDeadlineMs });
  rounds.push(JSON.parse(stdout) as Round);
}

const rows: readonly (readonly [string, keyof Round])[] = [
  ['broker started', 'startedMs'],
  ['topic created', 'createdMs'],
  ['first message acknowledged', 'sentMs'],
  ['first message consumed by the group', 'consumedMs'],
  ['broker stopped (alone)', 'stopMs'],
  ['handles left', 'left'],
];
const lines = rows.map(([what, key]) => {
  const all = rounds.map(round => round[key]);
  return `| ${what} | ${median(all)} | ${Math.min(...all)} | ${Math.max(...all)} |`;
});
process.stdout.write(
  [
    `${rounds.length} rounds, ms since Broker.start`,
    '',
    '| | median | min | max |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n'),
);
