/** A data directory changes hands after clean stops: Milena, then Apache Kafka, then Milena again. Everything written by either is read by the other. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchLog } from '../answers/fetch-log.ts';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { newProducerId, offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { CODECS } from '../support/codecs.ts';
import { scratchDir } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { RawClient } from '../support/raw-client.ts';
import { mustKafkaTool, startKafka, TOOLS } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const BATCHES = 20;
const RECORDS = 3;
const TOPICS = [
  { name: 'plain', partitions: 2 },
  { name: 'rolled', config: { 'segment.bytes': '1048576' } },
  { name: 'compacted', config: { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': '86400000' } },
];

/** The same batches to every topic, by an idempotent producer that goes on where the last owner's stopped. */
async function write(peer: ProcessPeer, producerId: bigint, round: number): Promise<void> {
  const client = await RawClient.open(peer.port);
  for (const topic of TOPICS) {
    for (let i = 0; i < BATCHES; i++) {
      const sequence = { producerId, producerEpoch: 0, baseSequence: (round * BATCHES + i) * RECORDS };
      const value = 'x'.repeat(50_000);
      const records = [{ value }, { key: 'second', value: `round ${round}` }, { key: 'third' }];
      const frame = produce(topic.name, batch({ codec: CODECS[i % CODECS.length]!, records, ...sequence }), {
        version: PRODUCE_VERSION,
      });
      const { errorCode, offset } = offsetProduced(await client.call(frame));
      expect({ topic: topic.name, errorCode, offset }).toEqual({
        topic: topic.name,
        errorCode: 0,
        offset: BigInt((round * BATCHES + i) * RECORDS),
      });
    }
  }
  await client.close();
}

const logs = (peer: ProcessPeer): Promise<Buffer[]> =>
  Promise.all(TOPICS.map(topic => fetchLog(peer.port, topic.name, 0)));

test('Milena, Apache Kafka, Milena on one directory', async () => {
  const dataDir = join(scratchDir('takeover'), 'data');
  const first = await startMilena({ dataDir });
  const client = await RawClient.open(first.port);
  await createTopics(client, TOPICS);
  const producerId = await newProducerId(client);
  await client.close();
  await write(first, producerId, 0);
  const written = await logs(first);
  await first.stop();

  const kafka = await startKafka({ dataDir });
  try {
    expect((await logs(kafka)).map((log, i) => log.equals(written[i]!))).toEqual(TOPICS.map(() => true));
    const described = await mustKafkaTool(TOOLS.topics, ['--bootstrap-server', kafka.bootstrap, '--describe']);
    expect(described.stdout).toMatch(/Topic: rolled.*segment\.bytes=1048576/);
    await write(kafka, producerId, 1);
    const more = await logs(kafka);
    await kafka.stop();

    const again = await startMilena({ dataDir });
    expect((await logs(again)).map((log, i) => log.equals(more[i]!))).toEqual(TOPICS.map(() => true));
    await write(again, producerId, 2);
    await again.stop();
  } finally {
    await kafka.kill();
  }
});
