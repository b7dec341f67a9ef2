/** kcat (and the librdkafka it is built on), producer and consumer, with its own defaults. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../support/child.ts';
import { CODECS } from '../support/codecs.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { startBroker } from './support/broker.ts';
import { createTopic } from './support/create-topic.ts';
import { compareExchange, inputLines, parseRead, stream } from './support/exchange.ts';
import { installKcat } from './support/install.ts';

let broker: ProcessPeer;
beforeAll(async () => {
  await installKcat();
  broker = await startBroker();
});
afterAll(() => broker?.stop());

const settings = [...CODECS.map(codec => ({ codec, idempotent: false })), { codec: 'lz4' as const, idempotent: true }];

for (const { codec, idempotent } of settings) {
  test(`kcat, ${codec}${idempotent ? ', idempotent' : ''}: every event comes back in order`, async () => {
    const topic = `kcat-${codec}${idempotent ? '-idempotent' : ''}`;
    await createTopic(broker, topic);
    const idempotence = idempotent ? ['-X', 'enable.idempotence=true'] : [];
    // TAB as the key's delimiter; librdkafka's own partitioner and batching.
    const produce = ['-P', '-b', broker.bootstrap, '-t', topic, '-z', codec, '-K', '\t', ...idempotence];
    await must('kcat', produce, { input: inputLines(stream.events) });
    const consume = ['-C', '-b', broker.bootstrap, '-t', topic, '-o', 'beginning', '-e', '-q'];
    const { stdout } = await must('kcat', [...consume, '-f', '%p\t%k\t%s\n']);
    const { expected, actual } = compareExchange(topic, stream.events, parseRead(stdout));
    expect(actual).toEqual(expected);
  });
}

test('kcat lists the cluster as it is', async () => {
  await createTopic(broker, 'kcat-listed');
  const { stdout } = await must('kcat', ['-L', '-J', '-b', broker.bootstrap]);
  const listed: unknown = JSON.parse(stdout);
  expect(listed).toMatchObject({ brokers: [{ name: broker.bootstrap }] });
  expect(stdout).toContain('"kcat-listed"');
});

test('kcat finds an offset by timestamp', async () => {
  await createTopic(broker, 'kcat-times', 1);
  await must('kcat', ['-P', '-b', broker.bootstrap, '-t', 'kcat-times', '-p', '0'], { input: 'one\ntwo\nthree\n' });
  const { stdout } = await must('kcat', ['-Q', '-b', broker.bootstrap, '-t', 'kcat-times:0:1']);
  expect(stdout).toContain('kcat-times [0] offset 0');
});
