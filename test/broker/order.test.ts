/**
 * Requests of a connection take effect in the order they arrive: on one raw connection, pairs of Produce and ListOffsets(latest) are pipelined, and every answer shows
 * exactly the produces before it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { LATEST, listOffset, type Offset, offsetListed, offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

const PAIRS = 10_000;
/**
 * Far more than any client has in flight. Without a limit 20,000 tiny segments each way overfill the sockets' receive buffers on a loaded machine; Linux then prunes
 * them, ignores acknowledgements behind a closed window, and the connection crawls from one retransmission timeout to the next.
 */
const PAIRS_IN_FLIGHT = 256;
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

let milena: Embedded;
beforeAll(async () => {
  milena = await startEmbedded();
  const client = await milena.connect();
  await createTopics(client, topics);
  await client.close();
}, TEST_DEADLINE_MS);
afterAll(() => milena?.broker.stop());

/** All pairs, many at a time; returns what each ListOffsets saw. */
async function pipeline(topic: string, acks: number): Promise<bigint[]> {
  const client = await milena.connect();
  const one = batch({ records: [{}] });
  const seen: bigint[] = [];
  for (let sent = 0; seen.length < PAIRS; ) {
    for (; sent < PAIRS && sent - seen.length < PAIRS_IN_FLIGHT; sent++) {
      client.send(produce(topic, one, { version: PRODUCE_VERSION, acks, correlationId: 2 * sent }));
      client.send(listOffset(topic, 0, LATEST, 2 * sent + 1));
    }
    const i = seen.length;
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

test.each(['plain', 'log-append-time', 'zstd'])(
  '%s, acks=all: the i-th answer is i + 1',
  async topic => {
    expect(await pipeline(topic, -1)).toEqual(exact);
  },
  TEST_DEADLINE_MS,
);

test.each(['cached', 'cached-append-time', 'cached-zstd'])(
  '%s, acks=1: the i-th answer is i + 1',
  async topic => {
    expect(await pipeline(topic, 1)).toEqual(exact);
  },
  TEST_DEADLINE_MS,
);

test(
  'durable, acks=1: never decreasing and never more than i + 1',
  async () => {
    const seen = await pipeline('durable-acks-1', 1);
    for (const [i, offset] of seen.entries()) {
      expect(offset).toBeLessThanOrEqual(BigInt(i + 1));
      expect(offset).toBeGreaterThanOrEqual(seen[i - 1] ?? 0n);
    }
  },
  TEST_DEADLINE_MS,
);
