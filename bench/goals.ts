/** The goals of issue 6 for the shapes, held against a run. A row without what it compares is left out. */
import type { Figures } from './load.ts';
import type { Runs } from './rounds.ts';
import { median } from './statistics.ts';

interface Row {
  readonly what: string;
  readonly goal: string;
  readonly reached: number;
  readonly met: boolean;
}

/** The median of a figure of `broker` in `shape`; undefined when it took no part. */
type Get = (shape: string, broker: string, pick: (figures: Figures) => number) => number | undefined;

const throughput = (f: Figures): number => f.requestsPerSecond;
const cpuPerGb = (f: Figures): number => f.cpuSecondsPerGb;
const cpuPerPlainGb = (f: Figures): number => f.cpuSecondsPerPlainGb;
const cpuPerRequest = (f: Figures): number => f.cpuMicrosPerRequest;
const p99 = (f: Figures): number => f.p99Ms;
const p999 = (f: Figures): number => f.p999Ms;

const startBeyondNodeMs = 150;
const idleMbMax = 90;
const afterMbMax = 250;

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a / b;

function* rows(get: Get, { vitals, syncBatchMs, nodeStartMs }: Runs): Generator<Row | undefined> {
  const least = (what: string, value: number | undefined, goal: number): Row | undefined =>
    value === undefined ? undefined : { what, goal: `>= ${goal}`, reached: value, met: value >= goal };
  const most = (what: string, value: number | undefined, goal: number): Row | undefined =>
    value === undefined ? undefined : { what, goal: `<= ${goal}`, reached: value, met: value <= goal };
  const of = (shape: string, pick: (f: Figures) => number, other: string, mine = 'milena') =>
    ratio(get(shape, mine, pick), get(shape, other, pick));

  for (const shape of ['produce-1', 'produce-4', 'produce-1M'])
    yield least(`${shape}, of the limit`, of(shape, throughput, 'limit'), 0.85);
  yield most('produce-1, CPU-s per GB, of the limit', of('produce-1', cpuPerGb, 'limit'), 1.2);
  yield least(
    'produce-1 durable, of the yardstick with sync',
    of('produce-1', throughput, 'yardstick-sync', 'milena-durable'),
    1.5,
  );
  yield least(
    'produce-1 durable, of the limit with sync',
    of('produce-1', throughput, 'limit-sync', 'milena-durable'),
    0.85,
  );
  yield least('produce-1 durable, of Kafka without', of('produce-1', throughput, 'kafka', 'milena-durable'), 1);
  const durable100 = get('durable-100', 'milena-durable', f => f.p50Ms);
  const batch = syncBatchMs.length > 0 ? median(syncBatchMs) : undefined;
  yield most('durable-100, p50, of an io_uring batch of 100 fdatasyncs', ratio(durable100, batch), 1.5);
  for (const shape of ['tiny-1', 'tiny-16']) yield least(`${shape}, of the limit`, of(shape, throughput, 'limit'), 0.6);
  for (const shape of ['fetch-1', 'fetch-4']) {
    yield least(`${shape}, of the limit`, of(shape, throughput, 'limit'), 0.95);
    yield most(`${shape}, CPU-s per GB, of the limit`, of(shape, cpuPerGb, 'limit'), 1.1);
  }
  yield most('fetch-many, CPU per answer, of 50 x (send + sendfile)', of('fetch-many', cpuPerRequest, 'limit'), 0.5);
  for (const shape of ['lz4', 'zstd'])
    yield least(
      `${shape} produce, bytes per CPU-second, of Kafka`,
      ratio(get(shape, 'kafka', cpuPerPlainGb), get(shape, 'milena', cpuPerPlainGb)),
      3,
    );
  for (const shape of ['ping-32', 'metadata-100'])
    yield least(`${shape}, of Kafka`, of(shape, throughput, 'kafka'), 20);
  for (const shape of ['e2e', 'paced']) {
    yield most(`${shape}, p99, of the limit`, of(shape, p99, 'limit'), 2);
    yield most(`${shape}, p99.9, of the limit`, of(shape, p999, 'limit'), 2);
  }
  const mine = vitals.get('milena') ?? [];
  if (mine.length === 0) return;
  yield most(
    'start to first answer beyond Node itself, ms',
    median(mine.map(v => v.startMs)) - median(nodeStartMs),
    startBeyondNodeMs,
  );
  yield most('resident idle, MB', median(mine.map(v => v.idleMb)), idleMbMax);
  yield most('resident after the shapes, MB', median(mine.map(v => v.afterMb)), afterMbMax);
}

export function goalTable(runs: Runs): string {
  const get: Get = (shape, broker, pick) => {
    const figures = runs.shapes.get(shape)?.get(broker) ?? [];
    return figures.length === 0 ? undefined : median(figures.map(pick));
  };
  const lines = ['| goal | reached | wanted | |', '|---|---|---|---|'];
  for (const row of rows(get, runs)) {
    if (row !== undefined && Number.isFinite(row.reached))
      lines.push(
        `| ${row.what} | ${Number(row.reached.toPrecision(3))} | ${row.goal} | ${row.met ? 'met' : '**missed**'} |`,
      );
  }
  return `${lines.join('\n')}\n`;
}
