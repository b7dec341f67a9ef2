import { readdirSync } from 'node:fs';
import { startKafka } from '../../test/peers/support/kafka.ts';
import { startMilena } from '../../test/peers/support/milena.ts';
import type { ProcessPeer } from '../../test/support/peer.ts';

/** A broker that is stopped, killed and started again on its directory. */
export interface ScaleBroker {
  readonly name: string;
  start(dataDir: string): Promise<ProcessPeer>;
}

/** Topics that have been measured give back their room at once. */
const deletingSoon = { 'log.segment.delete.delay.ms': '0' };

export const scaleBrokers: readonly ScaleBroker[] = [
  {
    name: 'milena',
    start: dataDir => startMilena({ dataDir, config: { ...deletingSoon, 'milena.write.caching': 'true' } }),
  },
  { name: 'kafka', start: dataDir => startKafka({ dataDir, heap: '2g', config: deletingSoon }) },
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
