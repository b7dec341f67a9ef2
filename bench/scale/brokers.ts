import { readdirSync } from 'node:fs';
import { startKafka } from '../../test/peers/support/kafka.ts';
import { startMilena } from '../../test/peers/support/milena.ts';
import { untilAnswering } from '../../test/support/until-answering.ts';
import { program, type Running } from '../contestants.ts';

export interface ScalePeer extends Running {
  /** SIGKILL. The data stays. */
  kill(): Promise<void>;
}

export type ScalePart = 'partitions' | 'connections' | 'cold';

/** A broker that is stopped, killed and started again on its directory. */
export interface ScaleBroker {
  readonly name: string;
  /** What it does not take part in. */
  readonly skips?: readonly ScalePart[];
  start(dataDir: string): Promise<ScalePeer>;
}

/** Topics that have been measured give back their room at once. */
const deletingSoon = { 'log.segment.delete.delay.ms': '0' };

const startDeadlineMs = 10_000;

/** The limit server, which is called as in bench/limit, keeps nothing and knows few partitions: only what it sends and appends is compared. */
export const scaleBrokers = (limit: string): readonly ScaleBroker[] => [
  {
    name: 'milena',
    start: dataDir => startMilena({ dataDir, config: { ...deletingSoon, 'milena.write.caching': 'true' } }),
  },
  { name: 'kafka', start: dataDir => startKafka({ dataDir, heap: '2g', config: deletingSoon }) },
  {
    name: 'limit',
    skips: ['partitions', 'connections'],
    start: async dataDir => {
      const running = await program('limit', limit, []).start(dataDir);
      await untilAnswering(running.port, startDeadlineMs);
      return { ...running, kill: running.stop };
    },
  },
];

export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** `name`s of `a`, `b`, ... as rows of Markdown; the first row names the columns. */
export function markdown(rows: readonly (readonly (string | number)[])[]): string {
  const [head, ...rest] = rows;
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(head!), `|${head!.map(() => '---|').join('')}`, ...rest.map(line)].join('\n')}\n`;
}

/** A goal held against what was reached. */
export interface Goal {
  readonly what: string;
  readonly reached: number;
  readonly most: number;
}

export const goalTable = (goals: readonly Goal[]): string =>
  markdown([
    ['goal', 'reached', 'wanted', ''],
    ...goals.map(({ what, reached, most }) => [
      what,
      Number(reached.toPrecision(3)),
      `<= ${most}`,
      reached <= most ? 'met' : '**missed**',
    ]),
  ]);
