/** Incremental fetch sessions (KIP-227): after the first full answer only changed partitions travel. Bytes are counted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { fetched, fetchRequest } from '../answers/requests.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import type { RawClient } from '../support/raw-client.ts';

const PARTITIONS = 100;
/** Header, throttle, error, session and an empty list. */
const EMPTY_ANSWER_BYTES_MAX = 24;
const INVALID_FETCH_SESSION_EPOCH = 71;
const FETCH_SESSION_ID_NOT_FOUND = 70;

let milena: Embedded;
let client: RawClient;
beforeAll(async () => {
  milena = await startEmbedded();
  client = await milena.connect();
  await createTopics(client, [{ name: 'wide', partitions: PARTITIONS }]);
});
afterAll(async () => {
  await client?.close();
  await milena?.broker.stop();
});

const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, offset: 0n }));

async function open(): Promise<number> {
  const full = fetched(await client.call(fetchRequest({ topic: 'wide', partitions: all, session: [0, 0] })));
  expect(full.errorCode).toBe(0);
  expect(full.responses[0]!.partitions).toHaveLength(PARTITIONS);
  expect(full.sessionId).not.toBe(0);
  return full.sessionId;
}

test('nothing changed, nothing sent; one changed, one sent', async () => {
  const id = await open();
  const unchanged = await client.call(fetchRequest({ topic: 'wide', session: [id, 1] }));
  expect(fetched(unchanged)).toMatchObject({ errorCode: 0, sessionId: id, responses: [] });
  expect(unchanged.length).toBeLessThanOrEqual(EMPTY_ANSWER_BYTES_MAX);

  await client.call(produce('wide', batch(), { partition: 42 }));
  const changed = await client.call(fetchRequest({ topic: 'wide', session: [id, 2] }));
  expect(fetched(changed).responses.flatMap(topic => topic.partitions.map(p => p.partitionIndex))).toEqual([42]);
  expect(changed.length).toBeLessThan(batch().length + 128);

  // The session moves on: the client asks from the end of what it got.
  const moved = await client.call(
    fetchRequest({ topic: 'wide', session: [id, 3], partitions: [{ partition: 42, offset: 3n }] }),
  );
  const left = fetched(moved).responses.flatMap(topic => topic.partitions);
  expect(left.every(partition => (partition.records?.length ?? 0) === 0)).toBe(true);
});

test('forgotten partitions are not sent again', async () => {
  const id = await open();
  await client.call(produce('wide', batch(), { partition: 7 }));
  await client.call(produce('wide', batch(), { partition: 8 }));
  const answer = await client.call(fetchRequest({ topic: 'wide', session: [id, 1], forgotten: [7, 42] }));
  expect(fetched(answer).responses.flatMap(topic => topic.partitions.map(p => p.partitionIndex))).toEqual([8]);
});

test('a parked incremental fetch wakes for the partition that changed', async () => {
  const id = await open();
  const other = await milena.connect();
  const changed = fetched(await client.call(fetchRequest({ topic: 'wide', session: [id, 1] }))).responses;
  expect(changed.every(topic => topic.partitions.length < PARTITIONS)).toBe(true);
  const moved = all.map(({ partition }) => ({ partition, offset: [7, 8, 42].includes(partition) ? 3n : 0n }));
  client.send(fetchRequest({ topic: 'wide', session: [id, 2], partitions: moved, maxWaitMs: 60_000 }));
  await other.call(produce('wide', batch(), { partition: 99 }));
  const woken = fetched(await client.receive()).responses.flatMap(topic => topic.partitions);
  expect(woken.filter(partition => (partition.records?.length ?? 0) > 0).map(p => p.partitionIndex)).toEqual([99]);
  await other.close();
});

test('wrong epochs and unknown sessions are refused', async () => {
  const id = await open();
  const skipped = fetched(await client.call(fetchRequest({ topic: 'wide', session: [id, 5] })));
  expect(skipped.errorCode).toBe(INVALID_FETCH_SESSION_EPOCH);
  const unknown = fetched(await client.call(fetchRequest({ topic: 'wide', session: [0x7abc_def0, 1] })));
  expect(unknown.errorCode).toBe(FETCH_SESSION_ID_NOT_FOUND);
  // Epoch -1 closes it.
  await client.call(fetchRequest({ topic: 'wide', session: [id, -1], partitions: [] }));
  const closed = fetched(await client.call(fetchRequest({ topic: 'wide', session: [id, 1] })));
  expect(closed.errorCode).toBe(FETCH_SESSION_ID_NOT_FOUND);
});
