/** kafkajs: its producer (read back by kcat; its consumer is in group-churn.test.ts) and its admin client. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../support/child.ts';
import { REPO_ROOT } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { startBroker } from './support/broker.ts';
import { createTopic } from './support/create-topic.ts';
import { compareExchange, inputLines, parseRead, stream } from './support/exchange.ts';
import { installKafkaJs, installKcat } from './support/install.ts';

const PROGRAM = join(REPO_ROOT, 'test', 'clients', 'node', 'events.cjs');

let broker: ProcessPeer;
let home: string;
beforeAll(async () => {
  home = await installKafkaJs();
  await installKcat();
  broker = await startBroker();
});
afterAll(() => broker?.stop());

for (const settings of [['none'], ['gzip'], ['gzip', 'idempotent']]) {
  test(`kafkajs, ${settings.join(', ')}: every event comes back in order`, async () => {
    const topic = `kafkajs-${settings.join('-')}`;
    await createTopic(broker, topic);
    const produce = [PROGRAM, home, 'produce', broker.bootstrap, topic, ...settings];
    await must(process.execPath, produce, { input: inputLines(stream.events) });
    const consume = ['-C', '-b', broker.bootstrap, '-t', topic, '-o', 'beginning', '-e', '-q'];
    const { stdout } = await must('kcat', [...consume, '-f', '%p\t%k\t%s\n']);
    const { expected, actual } = compareExchange(topic, stream.events, parseRead(stdout));
    expect(actual).toEqual(expected);
  });
}

test('kafkajs administers a topic from creation to deletion', async () => {
  const { stdout } = await must(process.execPath, [PROGRAM, home, 'admin', broker.bootstrap, 'kafkajs-admin']);
  expect(JSON.parse(stdout)).toEqual({
    created: true,
    again: false,
    ends: ['1', '1', '1'],
    starts: ['1', '0', '0'],
    retention: '-1',
    partitions: 3,
    brokers: 1,
    deleted: true,
  });
});
