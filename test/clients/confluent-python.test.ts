/** confluent-kafka-python: producer with its defaults and once idempotent; consumer by assign(). */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../support/child.ts';
import { CODECS } from '../support/codecs.ts';
import { REPO_ROOT } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { startBroker } from './support/broker.ts';
import { createTopic } from './support/create-topic.ts';
import { compareExchange, inputLines, parseRead, stream } from './support/exchange.ts';
import { installConfluentKafka } from './support/install.ts';

const PROGRAM = join(REPO_ROOT, 'test', 'clients', 'python', 'events.py');

let broker: ProcessPeer;
let python: string;
beforeAll(async () => {
  python = await installConfluentKafka();
  broker = await startBroker();
});
afterAll(() => broker?.stop());

const runs = [
  ...CODECS.map(codec => ({ codec, settings: [] as string[] })),
  { codec: 'zstd', settings: ['enable.idempotence=true'] },
];

for (const { codec, settings } of runs) {
  test(`confluent-kafka-python, ${[codec, ...settings].join(', ')}: every event comes back in order`, async () => {
    const topic = `python-${codec}-${settings.length}`;
    await createTopic(broker, topic);
    const produce = [PROGRAM, 'produce', broker.bootstrap, topic, codec, ...settings];
    await must(python, produce, { input: inputLines(stream.events) });
    const { stdout } = await must(python, [PROGRAM, 'consume', broker.bootstrap, topic]);
    const { expected, actual } = compareExchange(topic, stream.events, parseRead(stdout));
    expect(actual).toEqual(expected);
  });
}
