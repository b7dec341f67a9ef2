/** franz-go: our own small program (test/clients/go) with the library's defaults: idempotent, acks=all. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../support/child.ts';
import { CODECS } from '../support/codecs.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { startBroker } from './support/broker.ts';
import { createTopic } from './support/create-topic.ts';
import { compareExchange, inputLines, parseRead, stream } from './support/exchange.ts';
import { buildFranzGo } from './support/install.ts';

let broker: ProcessPeer;
let program: string;
beforeAll(async () => {
  program = await buildFranzGo();
  broker = await startBroker();
});
afterAll(() => broker?.stop());

for (const codec of CODECS) {
  test(`franz-go, ${codec}: every event comes back in order`, async () => {
    const topic = `franz-${codec}`;
    await createTopic(broker, topic);
    await must(program, ['produce', broker.bootstrap, topic, codec], { input: inputLines(stream.events) });
    const { stdout } = await must(program, ['consume', broker.bootstrap, topic, String(stream.events.length)]);
    const { expected, actual } = compareExchange(topic, stream.events, parseRead(stdout));
    expect(actual).toEqual(expected);
  });
}

test('franz-go administers a topic from creation to deletion', async () => {
  const { stdout } = await must(program, ['admin', broker.bootstrap, 'franz-admin']);
  expect(stdout.split('\n')).toEqual([
    'created franz-admin partitions=2',
    'ends 10 over 3 partitions',
    'starts 10',
    'retention.ms=-1',
    'deleted true',
    '',
  ]);
});
