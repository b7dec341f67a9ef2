/** Idempotent producers with five requests in flight on 64 connections: nothing is out of order, nothing is lost, nothing twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchLog } from '../answers/fetch-log.ts';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { newProducerId, offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { parseBatches } from '../support/parse-batches.ts';

const CONNECTIONS = 64;
const BATCHES_EACH = 150;
const RECORDS = 3;
const IN_FLIGHT = 5;
const PARTITIONS = 4;
const TEST_DEADLINE_MS = 300_000;

let milena: Embedded;
beforeAll(async () => {
  milena = await startEmbedded();
  const client = await milena.connect();
  await createTopics(client, [{ name: 'many', partitions: PARTITIONS }]);
  await client.close();
}, TEST_DEADLINE_MS);
afterAll(() => milena?.broker.stop());

/** One producer: every tenth batch is sent twice, as a client that missed the answer does. Returns the answers' error codes. */
async function produceAll(partition: number): Promise<{ producerId: bigint; errors: number[]; offsets: bigint[] }> {
  const client = await milena.connect();
  const producerId = await newProducerId(client);
  const errors: number[] = [];
  const offsets: bigint[] = [];
  let waiting = 0;
  const receive = async (): Promise<void> => {
    const { errorCode, offset } = offsetProduced(await client.receive());
    errors.push(errorCode);
    offsets.push(offset);
    waiting--;
  };
  for (let i = 0; i < BATCHES_EACH; i++) {
    const records = batch({ producerId, producerEpoch: 0, baseSequence: i * RECORDS });
    for (let copies = i % 10 === 9 ? 2 : 1; copies > 0; copies--) {
      if (waiting === IN_FLIGHT) await receive();
      client.send(produce('many', records, { version: PRODUCE_VERSION, partition }));
      waiting++;
    }
  }
  while (waiting > 0) await receive();
  await client.close();
  return { producerId, errors, offsets };
}

test(
  `${CONNECTIONS} connections, ${IN_FLIGHT} in flight: no error, every batch once and in order`,
  async () => {
    const runs = await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => produceAll(i % PARTITIONS)));
    for (const { errors } of runs) expect(new Set(errors)).toEqual(new Set([0]));
    const sequences = new Map<bigint, number[]>();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      let next = 0n;
      for (const stored of parseBatches(await fetchLog(milena.port, 'many', partition))) {
        expect(stored.baseOffset).toBe(next);
        next += BigInt(stored.count);
        const list = sequences.get(stored.producerId) ?? [];
        list.push(stored.baseSequence);
        sequences.set(stored.producerId, list);
      }
    }
    const expected = Array.from({ length: BATCHES_EACH }, (_, i) => i * RECORDS);
    for (const { producerId, offsets } of runs) {
      expect(sequences.get(producerId)).toEqual(expected);
      // A duplicate is answered with the offset of the first.
      expect(new Set(offsets).size).toBe(BATCHES_EACH);
    }
  },
  TEST_DEADLINE_MS,
);
