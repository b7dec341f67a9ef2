import { expect, test } from 'vitest';
import type { CleaningResult, CleaningRun, PartitionDirt } from '../../../../src/runtime/ports.ts';
import { CleanerCheckpoint } from '../../../../src/storage/cleaning/checkpoint.ts';
import { type CompactedPartition, LogCleaner } from '../../../../src/storage/cleaning/log-cleaner.ts';
import { MemoryFiles } from '../../../support/memory-files.ts';

const result: CleaningResult = {
  status: 'done',
  message: '',
  cleanEnd: 10n,
  mapFull: false,
  keys: 1n,
  bytesRead: 1n,
  bytesBefore: 1n,
  bytesAfter: 1n,
  recordsRemoved: 0n,
};

/** Of a log of ten records, dirty above what the checkpoint says. */
const partitionOf = (name: string, index: number): CompactedPartition => ({
  name,
  handle: { index, generation: 1 },
  minDirtyRatio: 0.5,
  ...{ minCompactionLagMs: 0n, maxCompactionLagMs: 1n, deleteRetentionMs: 0n },
});

/** `answers`: to one pass after the other, the last one to all that follow; a cancelled pass says so. */
async function cleanerOf(
  files: MemoryFiles,
  answers: CleaningResult | 'none' | readonly CleaningResult[],
  compacted: () => readonly CompactedPartition[] = () => [partitionOf('t-0', 1)],
) {
  const results = [answers].flat();
  let nowMs = 0;
  const notices: string[] = [];
  const checkpoint = new CleanerCheckpoint(files, '/data');
  await checkpoint.load();
  let passes = 0;
  let cancelled = 0;
  let begin = () => {};
  const begun = new Promise<void>(resolve => {
    begin = resolve;
  });
  let afterRest = () => {};
  const cleaner = new LogCleaner({
    logDir: 0,
    directory: '/data',
    settings: { threads: 1, backoffMs: 1, mapBytesMax: 1000, mapLoadPercent: 90, bytesPerSecond: -1 },
    asks: {
      dirt: (_logDir, _nowMs, partitions) =>
        Promise.resolve(
          partitions.map(({ cleanEnd }): PartitionDirt => {
            const firstDirty = cleanEnd < 0n ? 0n : cleanEnd;
            const cleanableBytes = 10n - firstDirty;
            return {
              ...{ error: 0, firstDirty, firstUncleanable: 10n, logEndOffset: 10n },
              ...{ cleanBytes: firstDirty, cleanableBytes, overdueMs: 0n },
            };
          }),
        ),
      planCleaning: () => Promise.resolve({ error: 0, plan: new Uint8Array() }),
      replaceSegments: () => Promise.resolve({ error: 0 }),
    },
    pool: {
      clean(): CleaningRun {
        const answer = results[Math.min(passes++, results.length - 1)]!;
        begin();
        let end: (result: CleaningResult) => void = () => {};
        const ended = new Promise<CleaningResult>(resolve => {
          end = resolve;
        });
        if (answer !== 'none') end(answer);
        const cancel = () => {
          cancelled++;
          end({ ...result, status: 'cancelled' });
        };
        return { result: ended, cancel };
      },
      close: () => Promise.resolve(),
    },
    checkpoint,
    clock: {
      wallMs: () => 0n,
      monotonicMs: () => nowMs,
      after: (_ms, run) => {
        afterRest = run;
        return () => {};
      },
    },
    entropy: { uuid: () => new Uint8Array(16), below: () => 0 },
    partitions: compacted,
    notice: (level, message) => notices.push(`${level}: ${message}`),
  });
  return {
    cleaner,
    checkpoint,
    notices,
    passes: () => passes,
    cancelled: () => cancelled,
    begun,
    rested: () => afterRest(),
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('cleans until nothing is due, and stores how far it came', async () => {
  const { cleaner, checkpoint, passes, notices } = await cleanerOf(new MemoryFiles(), result);
  await cleaner.look();
  expect(passes()).toBe(1);
  expect(checkpoint.get('t-0')).toBe(10n);
  expect(notices).toEqual([]);
});

test('a topic that comes again under its name is dirty from its start', async () => {
  const { cleaner, checkpoint, passes } = await cleanerOf(new MemoryFiles(), result);
  await cleaner.look();
  cleaner.forget('t-0');
  expect(checkpoint.get('t-0')).toBeUndefined();
  await cleaner.look();
  expect(passes()).toBe(2);
});

test('a damaged log is named once and left alone', async () => {
  const damaged = { ...result, status: 'corrupt', message: 'at byte 7' } as const;
  const { cleaner, passes, notices } = await cleanerOf(new MemoryFiles(), damaged);
  await cleaner.look();
  await cleaner.look();
  expect(passes()).toBe(1);
  expect(cleaner.statistics.uncleanableNames).toEqual(['t-0']);
  expect(notices).toEqual(['error: partition t-0 is damaged and is not cleaned any more: at byte 7']);
});

test('a pass that fails is not repeated while others keep the cleaner busy', async () => {
  const failed = { ...result, status: 'failed', message: 'EIO' } as const;
  const step = (cleanEnd: bigint): CleaningResult => ({ ...result, cleanEnd });
  const { cleaner, passes, notices, wait } = await cleanerOf(
    new MemoryFiles(),
    [failed, step(2n), step(5n), failed],
    () => [partitionOf('bad-0', 1), partitionOf('good-0', 2)],
  );
  await cleaner.look();
  expect(passes()).toBe(3);
  expect(notices).toEqual(['error: cleaning partition bad-0 failed: EIO']);
  await cleaner.look();
  expect(passes()).toBe(3);
  wait(1); // log.cleaner.backoff.ms
  await cleaner.look();
  expect(passes()).toBe(4);
});

test('a pass over what is not compacted any more is cancelled', async () => {
  let compacted = [partitionOf('t-0', 1)];
  const { cleaner, checkpoint, cancelled, begun } = await cleanerOf(new MemoryFiles(), 'none', () => compacted);
  const looked = cleaner.look();
  await begun;
  cleaner.configured();
  expect(cancelled()).toBe(0);
  compacted = [];
  cleaner.configured();
  await looked;
  expect(cancelled()).toBe(1);
  expect(checkpoint.get('t-0')).toBeUndefined();
});

test('a full disk costs the checkpoint, not the broker', async () => {
  const files = new MemoryFiles();
  files.writeAtomically = () => Promise.reject(new Error('ENOSPC: no space left on device'));
  const { cleaner, passes, notices } = await cleanerOf(files, result);
  await cleaner.look();
  expect(passes()).toBe(1);
  expect(notices).toEqual(['error: the cleaner-offset-checkpoint was not written: ENOSPC: no space left on device']);
});

test('a cleaner that fails itself ends with words, and can be closed', async () => {
  const { cleaner, notices, rested } = await cleanerOf(new MemoryFiles(), result, () => {
    throw new Error('no such thing');
  });
  await cleaner.start();
  rested();
  await cleaner.close();
  expect(notices).toEqual(['error: the cleaner of /data has ended, nothing is compacted any more: no such thing']);
});
