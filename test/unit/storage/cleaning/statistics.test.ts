import { expect, test } from 'vitest';
import { Metrics } from '../../../../src/base/metrics.ts';
import type { CleaningResult } from '../../../../src/runtime/ports.ts';
import { CleaningStatistics } from '../../../../src/storage/cleaning/statistics.ts';

const result: CleaningResult = {
  status: 'done',
  message: '',
  cleanEnd: 10n,
  mapFull: false,
  keys: 10n,
  bytesRead: 300n,
  bytesBefore: 200n,
  bytesAfter: 50n,
  recordsRemoved: 0n,
};
const weight = { error: 0, cleanBytes: 0n, cleanableBytes: 0n, overdueMs: 0n };

function registered(threads = 2) {
  const clock = { ms: 100 };
  const statistics = new CleaningStatistics(threads, 2_400, () => clock.ms);
  const metrics = new Metrics();
  statistics.register(metrics, '/disk');
  const read = () => Object.fromEntries(metrics.read().map(({ name, value }) => [name.split('name=')[1], value]));
  return { statistics, clock, read, metrics };
}

test('nothing has happened: all is 0, and every metric names its directory', () => {
  const { read, metrics } = registered();
  expect(metrics.read().map(({ name, type, tags }) => [name, type, tags.logDirectory])).toEqual([
    ['kafka.log:type=LogCleanerManager,name=uncleanable-partitions-count', 'gauge', '/disk'],
    ['kafka.log:type=LogCleanerManager,name=uncleanable-bytes', 'gauge', '/disk'],
    ['kafka.log:type=LogCleanerManager,name=max-dirty-percent', 'gauge', '/disk'],
    ['kafka.log:type=LogCleanerManager,name=time-since-last-run-ms', 'gauge', '/disk'],
    ['kafka.log:type=LogCleaner,name=max-buffer-utilization-percent', 'gauge', '/disk'],
    ['kafka.log:type=LogCleaner,name=cleaner-recopy-percent', 'gauge', '/disk'],
    ['kafka.log:type=LogCleaner,name=max-clean-time-secs', 'gauge', '/disk'],
    ['kafka.log:type=LogCleaner,name=max-compaction-delay-secs', 'gauge', '/disk'],
    ['kafka.log:type=LogCleaner,name=DeadThreadCount', 'gauge', '/disk'],
  ]);
  expect(Object.values(read())).toEqual(Array(9).fill(0));
});

test('a look says how dirty the dirtiest is, leaves damaged ones out and weighs them by themselves', () => {
  const { statistics, clock, read } = registered();
  statistics.markUncleanable('b-0', 5n);
  expect(read()).toMatchObject({ 'uncleanable-partitions-count': 1, 'uncleanable-bytes': 5 });
  clock.ms = 150;
  statistics.looked([
    { name: 'a-0', dirt: { ...weight, cleanBytes: 30n, cleanableBytes: 10n, overdueMs: 4_500n } },
    { name: 'b-0', dirt: { ...weight, cleanableBytes: 70n, overdueMs: 9_000n } },
    { name: 'c-0', dirt: { ...weight, error: 56, cleanableBytes: 99n } },
  ]);
  clock.ms = 170;
  expect(read()).toMatchObject({
    'max-dirty-percent': 25,
    'max-compaction-delay-secs': 4,
    'uncleanable-bytes': 70,
    'time-since-last-run-ms': 20,
  });
  statistics.forget('b-0');
  expect(read()).toMatchObject({ 'uncleanable-partitions-count': 0, 'uncleanable-bytes': 0 });
});

test('of the passes, the last of each thread count', () => {
  const { statistics, read } = registered();
  statistics.passed({ seconds: 90, result: { ...result, keys: 100n } });
  statistics.passed({ seconds: 7.5, result });
  statistics.passed({ seconds: 2, result: { ...result, keys: 50n, bytesAfter: 150n } });
  expect(read()).toMatchObject({
    'max-clean-time-secs': 7,
    'max-buffer-utilization-percent': 50,
    'cleaner-recopy-percent': 50,
  });
});

test('a cleaner that has ended counts all its threads as dead', () => {
  const { statistics, read } = registered();
  statistics.cleanerEnded();
  expect(read()).toMatchObject({ DeadThreadCount: 2 });
});
