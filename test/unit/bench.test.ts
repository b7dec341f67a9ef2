/** What the bench makes of its figures; the figures themselves are shown, never asserted. */
import { expect, test } from 'vitest';
import { calmest } from '../../bench/calm.ts';
import { goalTable } from '../../bench/goals.ts';
import type { Figures } from '../../bench/load.ts';
import type { Runs } from '../../bench/rounds.ts';
import { takesPart } from '../../bench/rounds.ts';
import { shapes } from '../../bench/shapes.ts';
import { chart, short } from '../../bench/svg.ts';
import { shapeTable, summaryTable, vitalsTable } from '../../bench/table.ts';

const figures = (requestsPerSecond: number, more: Partial<Figures> = {}): Figures => ({
  mbPerSecond: requestsPerSecond / 1000,
  plainMbPerSecond: requestsPerSecond / 500,
  recordsPerSecond: requestsPerSecond,
  requestsPerSecond,
  cpuSecondsPerGb: 1,
  cpuSecondsPerPlainGb: 2,
  cpuMicrosPerRequest: 3,
  stolenShare: 0,
  freeShare: 0,
  readMb: 0,
  p50Ms: 0.1,
  p99Ms: 1,
  p999Ms: 2,
  maxMs: 3,
  residentMb: 100,
  clientCpuSeconds: 0.5,
  curve: [[1, 3]],
  ...more,
});

const runsOf = (byShape: Record<string, Record<string, Figures[]>>): Runs => ({
  shapes: new Map(Object.entries(byShape).map(([shape, brokers]) => [shape, new Map(Object.entries(brokers))])),
  vitals: new Map([['milena', [{ startMs: 300, idleMb: 60, afterMb: 300 }]]]),
  syncBatchMs: [10],
  loadAverages: [1],
  nodeStartMs: [40],
});

test('goals are held against medians; what was not run is left out', () => {
  const runs = runsOf({
    'produce-1': { milena: [90, 80, 10].map(n => figures(n)), limit: [100, 100, 100].map(n => figures(n)) },
    'tiny-1': { milena: [figures(61)], limit: [figures(100)] },
    'durable-100': { 'milena-durable': [figures(5, { p50Ms: 14 })] },
    zstd: { milena: [figures(1)], kafka: [figures(1, { cpuSecondsPerPlainGb: 7 })] },
  });
  const rows = goalTable(runs).split('\n');
  expect(rows).toContain('| produce-1, of the limit | 0.8 | >= 0.85 | **missed** |');
  expect(rows).toContain('| tiny-1, of the limit | 0.61 | >= 0.6 | met |');
  expect(rows).toContain('| durable-100, p50, of an io_uring batch of 100 fdatasyncs | 1.4 | <= 1.5 | met |');
  expect(rows).toContain('| zstd produce, bytes per CPU-second, of Kafka | 3.5 | >= 3 | met |');
  expect(rows).toContain('| start to first answer beyond Node itself, ms | 260 | <= 150 | **missed** |');
  expect(rows.join()).not.toContain('tiny-16');
});

test('tables have a row for each shape and broker, with medians and spread', () => {
  const runs = runsOf({ 'tiny-1': { milena: [figures(100), figures(200), figures(300)] } });
  const [header, rule, row] = shapeTable(runs).split('\n');
  expect(row!.split('|').length).toBe(header!.split('|').length);
  expect(rule!.split('|').length).toBe(header!.split('|').length);
  expect(row).toMatch(/^\| tiny-1 \| milena \| 0 \| 200 \| 200 \|.*\| 100 % \|$/);
  expect(vitalsTable(runs)).toContain('| milena | 300 | 60 | 300 |');
});

test('the summary shows what a shape is about, and shares of it', () => {
  const brokers = { milena: [figures(90)], limit: [figures(100, { cpuMicrosPerRequest: 2 })], kafka: [figures(3)] };
  const [, , tiny] = summaryTable({ at: '', runs: [{ shape: 'tiny-1', brokers }] }).split('\n');
  expect(tiny).toBe('| tiny-1, requests/s | 90 | 100 | 3 |  |  | 0.9 | 30 | 1.5 | 1 |');
});

test('a broker takes part in the shapes it is built for', () => {
  const shape = shapes.find(({ name }) => name === 'durable-100')!;
  const start = () => Promise.reject(new Error('not started'));
  expect(takesPart({ name: 'durable', answers: 'synced', start }, shape)).toBe(true);
  expect(takesPart({ name: 'cached', start }, shape)).toBe(false);
  expect(takesPart({ name: 'durable', answers: 'synced', skips: ['durable-100'], start }, shape)).toBe(false);
});

test('what reads comes after what produces its topic', () => {
  shapes.forEach((shape, i) => {
    const produced = shapes.slice(0, i).some(before => before.mode === 'produce' && before.topic === shape.topic);
    expect(shape.mode !== 'fetch' || shape.fill !== undefined || produced, shape.name).toBe(true);
  });
});

test('a chart is well-formed and stays within its frame', () => {
  const drawn = chart({
    title: 'a < b & c',
    x: { label: 'x', scale: 'log' },
    y: { label: 'y', scale: 'linear' },
    series: [
      {
        name: 'one',
        points: [
          [1, 0],
          [50, 730],
          [900, 20],
        ],
      },
    ],
  });
  expect(drawn).toContain('a &lt; b &amp; c');
  expect(drawn.match(/<text/g)!.length).toBe(drawn.match(/<\/text>/g)!.length);
  const points = /points="([^"]+)"/
    .exec(drawn)![1]!
    .split(' ')
    .map(pair => pair.split(',').map(Number));
  for (const [x, y] of points) {
    expect(x).toBeGreaterThanOrEqual(70);
    expect(x).toBeLessThanOrEqual(570);
    expect(y).toBeGreaterThanOrEqual(40);
    expect(y).toBeLessThanOrEqual(345);
  }
});

test.each([
  [0.001, '0.001'],
  [10, '10'],
  [1_000, '1 k'],
  [2_500_000, '2.5 M'],
])('%d is written %s', (value, text) => {
  expect(short(value)).toBe(text);
});

test('a window that the host stole from is measured again, and what counts is how much was stolen', async () => {
  const measured = async (...shares: number[]) => {
    let windows = 0;
    const best = await calmest(async () => figures(++windows, { stolenShare: shares[windows - 1]! }), shares.length);
    return [best.requestsPerSecond, windows];
  };
  expect(await measured(0, 0)).toEqual([1, 1]);
  expect(await measured(0.2, 0.001, 0)).toEqual([2, 2]);
  expect(await measured(0.2, 0.1, 0.3)).toEqual([2, 3]);
});
