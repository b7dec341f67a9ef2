/** What cleaning takes, and what producers feel of it, as Markdown. */
import type { Codec } from '../../test/support/codecs.ts';
import { isCalm } from '../calm.ts';
import type { Figures } from '../load.ts';
import { median } from '../statistics.ts';
import type { CleaningFigures } from './cleaning.ts';
import { measuredCodecs } from './data.ts';

export type Felt = Pick<
  Figures,
  'p50Ms' | 'p99Ms' | 'p999Ms' | 'maxMs' | 'mbPerSecond' | 'cpuSecondsPerGb' | 'stolenShare'
>;

export interface Paced {
  readonly without: Felt;
  /** Beside a process that only counts, with a cleaner's priority and slices: what a processor less makes of it. */
  readonly counting: Felt;
  readonly during: Felt;
  /** How long the cleaner was at work, from before the warm-up of `during`. */
  readonly cleaningSeconds: number;
}

export interface Round {
  readonly round: number;
  readonly load: number;
  /** By codec; nothing for a server that does not clean. */
  readonly cleaning: Readonly<Partial<Record<Codec, CleaningFigures>>>;
  readonly paced: readonly Paced[];
}

export type Runs = ReadonlyMap<string, readonly Round[]>;

export function cleaningTable(runs: Runs): string {
  const lines = ['| codec | broker | MB | MB after | MB/s | MB per CPU-second |', '|---|---|---|---|---|---|'];
  for (const codec of measuredCodecs) {
    for (const [name, rounds] of runs) {
      if (rounds.some(one => one.cleaning[codec] === undefined)) continue;
      const of = (pick: (one: CleaningFigures) => number) => median(rounds.map(one => pick(one.cleaning[codec]!)));
      const cells = [
        of(one => one.megabytes).toFixed(0),
        of(one => one.megabytesAfter).toFixed(0),
        of(one => one.megabytes / one.seconds).toFixed(0),
        of(one => one.megabytes / one.cpuSeconds).toFixed(0),
      ];
      lines.push(`| ${[codec, name, ...cells].join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`;

export function pacedTable(runs: Runs): string {
  const lines = [
    '| broker | p50 ms | - counting | - cleaning | p99 ms | - counting | - cleaning | growth beside cleaning | - beyond counting | CPU-s/GB | - cleaning | cleaned for, s | calm turns |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const [name, rounds] of runs) {
    const turns = rounds.flatMap(one => one.paced);
    const calm = turns.filter(one => isCalm(one.without) && isCalm(one.counting) && isCalm(one.during));
    const of = (pick: (one: Paced) => number) => median((calm.length > 0 ? calm : turns).map(pick));
    const cells = [
      of(one => one.without.p50Ms).toFixed(2),
      of(one => one.counting.p50Ms).toFixed(2),
      of(one => one.during.p50Ms).toFixed(2),
      of(one => one.without.p99Ms).toFixed(2),
      of(one => one.counting.p99Ms).toFixed(2),
      of(one => one.during.p99Ms).toFixed(2),
      percent(of(one => one.during.p99Ms / one.without.p99Ms - 1)),
      percent(of(one => one.during.p99Ms / one.counting.p99Ms - 1)),
      of(one => one.without.cpuSecondsPerGb).toFixed(2),
      of(one => one.during.cpuSecondsPerGb).toFixed(2),
      of(one => one.cleaningSeconds).toFixed(1),
      `${calm.length} of ${turns.length}`,
    ];
    lines.push(`| ${[name, ...cells].join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** Bounds of what was stolen of all processors' time in a window: within one, windows are alike for whoever is measured. */
const bounds = [0, 0.015, 0.05, 0.15, 1] as const;
const windows = ['without', 'counting', 'during'] as const;

/** The same windows by what the machine's host took meanwhile; a host that is asked for more processors takes more, too. */
export function stolenTable(runs: Runs): string {
  const bands = bounds.slice(1).map((high, at) => ({ low: bounds[at]!, high }));
  const heads = bands.map(({ low, high }) => `${percent(low, 1)} to ${percent(high, 1)}`);
  const lines = [`| p99 ms, windows; stolen: | ${heads.join(' | ')} |`, `|---|${bands.map(() => '---|').join('')}`];
  for (const [name, rounds] of runs) {
    for (const window of windows) {
      const felt = rounds.flatMap(one => one.paced.map(turn => turn[window]));
      const cells = bands.map(({ low, high }) => {
        const within = felt.filter(({ stolenShare }) => stolenShare >= low && stolenShare < high);
        return within.length === 0 ? '' : `${median(within.map(one => one.p99Ms)).toFixed(2)}, ${within.length}`;
      });
      lines.push(`| ${[`${name}, ${window}`, ...cells].join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
