import type { Figures } from './load.ts';
import type { Runs } from './rounds.ts';
import { median, spread } from './statistics.ts';

/** Medians over the rounds, and how far apart these were: one row for each shape and broker. */
export function shapeTable({ shapes }: Runs): string {
  const lines = [
    '| shape | broker | MB/s | records/s | requests/s | CPU-s/GB | CPU-s per million requests | p50 ms | p99 ms | p99.9 ms | max ms | RSS MB | spread |',
    `|${'---|'.repeat(13)}`,
  ];
  for (const [shape, byBroker] of shapes) {
    for (const [broker, runs] of byBroker) {
      if (runs.length === 0) continue;
      const of = (pick: (figures: Figures) => number, digits: number) => median(runs.map(pick)).toFixed(digits);
      const cells = [
        shape,
        broker,
        of(f => f.plainMbPerSecond, 0),
        of(f => f.recordsPerSecond, 0),
        of(f => f.requestsPerSecond, 0),
        of(f => f.cpuSecondsPerPlainGb, 2),
        of(f => f.cpuMicrosPerRequest, 1),
        of(f => f.p50Ms, 2),
        of(f => f.p99Ms, 2),
        of(f => f.p999Ms, 2),
        of(f => f.maxMs, 1),
        of(f => f.residentMb, 0),
        `${(spread(runs.map(f => f.requestsPerSecond)) * 100).toFixed(0)} %`,
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function vitalsTable({ vitals }: Runs): string {
  const lines = [
    '| broker | start to first answer, ms | RSS idle, MB | RSS after the shapes, MB |',
    '|---|---|---|---|',
  ];
  for (const [broker, seen] of vitals) {
    if (seen.length === 0) continue;
    const of = (pick: (one: (typeof seen)[number]) => number) => median(seen.map(pick)).toFixed(0);
    lines.push(`| ${broker} | ${of(v => v.startMs)} | ${of(v => v.idleMb)} | ${of(v => v.afterMb)} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** As saved: maps become objects and lists. Curves are kept where latency is what a shape is about. */
export const asJson = ({ shapes, vitals, ...rest }: Runs): object => ({
  ...rest,
  vitals: Object.fromEntries(vitals),
  runs: [...shapes].map(([shape, byBroker]) => ({
    shape,
    brokers: Object.fromEntries(
      [...byBroker].map(([name, runs]) => [
        name,
        isLatency.test(shape) ? runs : runs.map(figures => ({ ...figures, curve: [] })),
      ]),
    ),
  })),
});

const isLatency = /^(e2e|paced)/;

/** A saved run, as it was. */
export interface SavedRun {
  readonly at: string;
  readonly runs: readonly { readonly shape: string; readonly brokers: Readonly<Record<string, Figures[]>> }[];
}

/** What a reader wants first: one figure a shape, by broker, and Milena's as a share of the limit's and of Kafka's. */
export function summaryTable({ runs }: SavedRun): string {
  const brokers = ['milena', 'limit', 'kafka', 'milena-durable', 'limit-sync'] as const;
  const lines = [
    `| shape | ${brokers.join(' | ')} | milena / limit | milena / Kafka | CPU: milena / limit | CPU: milena / Kafka |`,
  ];
  lines.push(`|${'---|'.repeat(brokers.length + 5)}`);
  for (const { shape, brokers: measured } of runs) {
    const of = (broker: string, pick: (figures: Figures) => number): number | undefined =>
      measured[broker]?.length ? median(measured[broker].map(pick)) : undefined;
    const share = (pick: (figures: Figures) => number, other: string): string => {
      const [mine, theirs] = [of('milena', pick), of(other, pick)];
      return mine === undefined || theirs === undefined ? '' : String(Number((mine / theirs).toPrecision(2)));
    };
    const { unit, pick } = figureOf(shape);
    const cells = [
      `${shape}, ${unit}`,
      ...brokers.map(broker => shown(of(broker, pick))),
      ...['limit', 'kafka'].map(other => share(pick, other)),
      ...['limit', 'kafka'].map(other => share(f => f.cpuMicrosPerRequest, other)),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** What a shape is about: a rate that is fixed says nothing. */
function figureOf(shape: string): { readonly unit: string; readonly pick: (figures: Figures) => number } {
  if (isLatency.test(shape)) return { unit: 'p99 ms', pick: f => f.p99Ms };
  if (shape.startsWith('durable-')) return { unit: 'p50 ms', pick: f => f.p50Ms };
  if (/^(tiny|ping|metadata|fetch-many)/.test(shape)) return { unit: 'requests/s', pick: f => f.requestsPerSecond };
  if (shape.startsWith('paper')) return { unit: 'records/s', pick: f => f.recordsPerSecond };
  return { unit: 'MB/s', pick: f => f.plainMbPerSecond };
}

const shown = (value: number | undefined): string =>
  value === undefined
    ? ''
    : value >= 100
      ? Math.round(value).toLocaleString('en')
      : String(Number(value.toPrecision(3)));
