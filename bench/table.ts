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

/** As saved: maps become objects and lists. */
export const asJson = ({ shapes, vitals, ...rest }: Runs): object => ({
  ...rest,
  vitals: Object.fromEntries(vitals),
  runs: [...shapes].map(([shape, byBroker]) => ({ shape, brokers: Object.fromEntries(byBroker) })),
});

/** A saved run, as it was. */
export interface SavedRun {
  readonly at: string;
  readonly runs: readonly { readonly shape: string; readonly brokers: Readonly<Record<string, Figures[]>> }[];
}
