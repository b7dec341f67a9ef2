/**
 * npm run bench -- plots [--shapes FILE] [--sweeps FILE] [--into docs/plots]
 *
 * Draws the curves of saved runs: latency by percentile (of the shapes), throughput by batch size and cost by connections (of the sweeps).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Figures } from '../load.ts';
import { load } from '../save.ts';
import { batchSizes, idleCounts } from '../shapes.ts';
import { median } from '../statistics.ts';
import { type Axis, type Chart, chart, type Series, short } from '../svg.ts';
import type { SavedRun } from '../table.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      shapes: { type: 'string' },
      sweeps: { type: 'string' },
      into: { type: 'string', default: 'docs/plots' },
    },
  });
  const drawn = [
    ...(values.shapes === undefined ? [] : latencies(load<SavedRun>(values.shapes))),
    ...(values.sweeps === undefined ? [] : sweeps(load<SavedRun>(values.sweeps))),
  ];
  mkdirSync(values.into, { recursive: true });
  for (const [name, what] of drawn) {
    if (what.series.every(one => one.points.length === 0)) continue;
    writeFileSync(join(values.into, `${name}.svg`), chart(what));
    process.stdout.write(`${join(values.into, `${name}.svg`)}\n`);
  }
}

type Named = readonly [file: string, Chart];

/** Each nine of the percentile takes as much room as the one before. */
const nines = (share: number): number => 1 / Math.max(1 - share, leastShareBeyond);
const leastShareBeyond = 1e-4;
const percentiles: Axis = {
  label: 'percentile',
  scale: 'log',
  ticks: [0, 0.9, 0.99, 0.999, 0.9999].map(share => [nines(share), `${Number((share * 100).toFixed(2))} %`]),
};

const latencies = (saved: SavedRun): readonly Named[] =>
  [
    ['paced', 'latency-paced', '50 MB/s in batches of 16 KB on 4 connections, acks=all: latency from when due'],
    ['e2e', 'latency-e2e', '1,000 records/s of 1 KB: from when due until a consumer has it'],
  ].map(([shape, file, title]) => {
    const brokers = Object.entries(saved.runs.find(one => one.shape === shape)?.brokers ?? {});
    const series = brokers.map(([name, runs]) => ({ name, points: curveOf(runs) }));
    return [file!, { title: title!, x: percentiles, y: { label: 'ms', scale: 'log' }, series }];
  });

/** The medians of the rounds' curves, as far as the axis goes. */
function curveOf(runs: readonly Figures[]): Series['points'] {
  const shares = runs[0]?.curve.map(([share]) => share).filter(share => share <= 1 - leastShareBeyond) ?? [];
  return shares.map((share, i) => [nines(share), median(runs.map(({ curve }) => curve[i]![1]))]);
}

function sweeps(saved: SavedRun): readonly Named[] {
  const brokers = [...new Set(saved.runs.flatMap(({ brokers }) => Object.keys(brokers)))];
  const along = (xs: readonly number[], shapeOf: (x: number) => string, pick: (f: Figures) => number): Series[] =>
    brokers
      .map(name => ({
        name,
        points: xs.flatMap(x => {
          const runs = saved.runs.find(({ shape }) => shape === shapeOf(x))?.brokers[name] ?? [];
          return runs.length === 0 ? [] : [[x, median(runs.map(pick))] as const];
        }),
      }))
      .filter(({ points }) => points.length > 0);
  const bytes: Axis = { label: 'bytes of a batch', scale: 'log' };
  const idle: Axis = {
    label: 'idle connections',
    scale: 'linear',
    ticks: idleCounts.filter(count => count !== idleCounts[1]).map(count => [count, short(count)]),
  };
  const batch = (x: number): string => `batch-${x}`;
  const beside = (x: number): string => `idle-${x}`;
  return [
    [
      'throughput-by-batch',
      {
        title: 'One producer, five requests under way',
        x: bytes,
        y: { label: 'MB/s', scale: 'log' },
        series: along(batchSizes, batch, f => f.mbPerSecond),
      },
    ],
    [
      'memory-by-connections',
      {
        title: 'Memory of the broker beside idle connections',
        x: idle,
        y: { label: 'resident MB', scale: 'log' },
        series: along(idleCounts, beside, f => f.residentMb),
      },
    ],
    [
      'cost-by-connections',
      {
        title: 'A record of 100 bytes a request, beside idle connections',
        x: idle,
        y: { label: 'CPU us per request', scale: 'log' },
        series: along(idleCounts, beside, f => f.cpuMicrosPerRequest),
      },
    ],
  ];
}
