/**
 * Apache Kafka's LogCompactionTester against a broker whose cleaner works all the time: what its consumer reads is the last value of each key its producer sent.
 * Between the two the tool is held until everything below the active segment is clean, so that it cannot read a log that was not cleaned yet.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { javaCommand, TOOLS } from '../../peers/support/kafka.ts';
import { Child } from '../../support/child.ts';
import { cleanEnd, untilCleaned } from '../../support/cleaned.ts';
import type { ProcessPeer } from '../../support/peer.ts';
import { startBroker } from '../support/broker.ts';

const TEST_DEADLINE_MS = 300_000;
const MESSAGES = 400_000;
/** Values of a key; what the tool may read is at most about this part of what it wrote, plus the active segment. */
const DUPLICATES = 20;
/** Time to stop the tool in while it sleeps. */
const SLEEP_SECONDS = 2;

let broker: ProcessPeer;
beforeAll(async () => {
  broker = await startBroker({
    config: {
      'log.segment.bytes': '1048576',
      'log.cleaner.min.cleanable.ratio': '0.01',
      'log.cleaner.backoff.ms': '50',
      'log.cleaner.delete.retention.ms': '100',
    },
  });
});
afterAll(() => broker?.stop());

const runs = [
  { codec: 'none', topics: 1, deletes: 0 },
  { codec: 'lz4', topics: 2, deletes: 20 },
  { codec: 'zstd', topics: 2, deletes: 20 },
];

for (const { codec, topics, deletes } of runs) {
  test(
    `LogCompactionTester, ${codec}, ${topics} topics, ${deletes} % deletes`,
    async () => {
      const { command, args } = await javaCommand(TOOLS.logCompactionTester, [
        ...['--bootstrap-server', broker.bootstrap, '--messages', String(MESSAGES), '--duplicates', String(DUPLICATES)],
        ...['--compression-type', codec, '--topics', String(topics), '--percent-deletes', String(deletes)],
        ...['--sleep', String(SLEEP_SECONDS)],
      ]);
      const tool = new Child(command, args);
      try {
        await tool.untilOutput(/Sleeping for/, TEST_DEADLINE_MS);
        tool.process.kill('SIGSTOP');
        const names = /\.\.to topics (\S+)/
          .exec(tool.output)![1]!
          .split(',')
          .map(topic => `${topic}-0`);
        await untilCleaned(broker.dataDir, names);
        for (const name of names) expect(await cleanEnd(broker.dataDir, name)).toBeGreaterThan(0n);
        tool.process.kill('SIGCONT');
        const { code } = await tool.exited;
        expect(tool.output).toContain('Data verification is completed');
        expect(code).toBe(0);
      } finally {
        tool.process.kill('SIGCONT');
        await tool.end('SIGKILL', TEST_DEADLINE_MS);
      }
      const [, produced = 0, consumed = 0] = /(\d+) rows of data produced, (\d+) rows/.exec(tool.output)!.map(Number);
      console.log(`${codec}: ${produced} rows produced, ${consumed} consumed`);
      expect(produced).toBe(MESSAGES * topics);
      expect(consumed).toBeLessThan(produced / 2);
    },
    TEST_DEADLINE_MS,
  );
}
