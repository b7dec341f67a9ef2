/**
 * Requests of a connection take effect in the order they arrive: on one raw connection, pairs of Produce and ListOffsets(latest) are pipelined, all of them before the
 * first answer is read, and every answer shows exactly the produces before it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { LATEST, listOffset, type Offset, offsetListed, offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

const PAIRS = 10_000;
const TEST_DEADLINE_MS = 300_000;

const topics = [
  { name: 'plain' },
  { name: 'log-append-time', config: { 'message.timestamp.type': 'LogAppendTime' } },
  { name: 'zstd', config: { 'compression.type': 'zstd' } },
  { name: 'cached', config: { 'write.caching': 'true' } },
  { name: 'cached-append-time', config: { 'write.caching': 'true', 'message.timestamp.type': 'LogAppendTime' } },
  { name: 'cached-zstd', config: { 'write.caching': 'true', 'compression.type': 'zstd' } },
  { name: 'durable-acks-1' },
];

/** As the system sizes them, and as Kafka's own server.properties does: then 20,000 tiny segments are far more than they hold. */
const BUFFERS = [
  { buffers: 'automatic', config: {} },
  { buffers: '100 KB', config: { 'socket.send.buffer.bytes': '102400', 'socket.receive.buffer.bytes': '102400' } },
];

/** All pairs at once; returns what each ListOffsets saw. */
async function pipeline(milena: Embedded, topic: string, acks: number): Promise<bigint[]> {
  const client = await milena.connect();
  const one = batch({ records: [{}] });
  for (let i = 0; i < PAIRS; i++) {
    client.send(produce(topic, one, { version: PRODUCE_VERSION, acks, correlationId: 2 * i }));
    client.send(listOffset(topic, 0, LATEST, 2 * i + 1));
  }
  const seen: bigint[] = [];
  for (let i = 0; i < PAIRS; i++) {
    const produced = offsetProduced(await client.receive());
    expect(produced).toEqual({ correlationId: 2 * i, errorCode: 0, offset: BigInt(i) } satisfies Offset);
    const listed = offsetListed(await client.receive());
    expect(listed).toMatchObject({ correlationId: 2 * i + 1, errorCode: 0 });
    seen.push(listed.offset);
  }
  await client.close();
  return seen;
}

const exact = Array.from({ length: PAIRS }, (_, i) => BigInt(i + 1));

describe.each(BUFFERS)('socket buffers $buffers', ({ config }) => {
  let milena: Embedded;
  beforeAll(async () => {
    milena = await startEmbedded(config);
    const client = await milena.connect();
    await createTopics(client, topics);
    await client.close();
  }, TEST_DEADLINE_MS);
  afterAll(() => milena?.broker.stop());

  test.each(['plain', 'log-append-time', 'zstd'])(
    '%s, acks=all: the i-th answer is i + 1',
    async topic => {
      expect(await pipeline(milena, topic, -1)).toEqual(exact);
    },
    TEST_DEADLINE_MS,
  );

  test.each(['cached', 'cached-append-time', 'cached-zstd'])(
    '%s, acks=1: the i-th answer is i + 1',
    async topic => {
      expect(await pipeline(milena, topic, 1)).toEqual(exact);
    },
    TEST_DEADLINE_MS,
  );

  test(
    'durable, acks=1: never decreasing and never more than i + 1',
    async () => {
      const seen = await pipeline(milena, 'durable-acks-1', 1);
      for (const [i, offset] of seen.entries()) {
        expect(offset).toBeLessThanOrEqual(BigInt(i + 1));
        expect(offset).toBeGreaterThanOrEqual(seen[i - 1] ?? 0n);
      }
    },
    TEST_DEADLINE_MS,
  );
});
