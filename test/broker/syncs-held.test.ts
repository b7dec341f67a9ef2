/**
 * Durable by default, seen from outside: while the disk does not sync, acks=1 is answered and acks=all is not, and no request of a consumer shows the
 * records; with write.caching=true nothing waits for the disk. After kill -9 they show once recovery has synced them, not before.
 */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import {
  EARLIEST,
  fetched,
  fetchRequest,
  LATEST,
  listOffset,
  offsetListed,
  offsetProduced,
} from '../answers/requests.ts';
import { PAST_MS } from '../answers/suite.ts';
import { parseBatches } from '../support/parse-batches.ts';
import { scratchDir } from '../support/paths.ts';
import { ConnectionClosed, type RawClient } from '../support/raw-client.ts';
import { type FaultyBroker, startFaultyBroker } from './faulty-broker.ts';

const TOPIC = 'held';
/** Opened after TOPIC, by another thread than the one that recovers it. */
const WITNESS = 'witness';
const WITNESS_PARTITIONS = 40;
const RECORDS = 3n;
const MAX_TIMESTAMP = -3n;
const NOT_LEADER_OR_FOLLOWER = 6;
const TEST_DEADLINE_MS = 400_000;
const WAIT_MAX_MS = 60_000;

const brokers: FaultyBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.kill();
});

async function start(...args: Parameters<typeof startFaultyBroker>): Promise<FaultyBroker> {
  const broker = await startFaultyBroker(...args);
  brokers.push(broker);
  return broker;
}

const freshDir = (): string => join(scratchDir('syncs-held'), 'data');
const whole = [{ partition: 0, offset: 0n }];

/** An answer that has come or not. */
function pending(answer: Promise<Buffer>): { readonly answer: Promise<Buffer>; readonly hasCome: () => boolean } {
  let come = false;
  void answer.then(() => {
    come = true;
  });
  return { answer, hasCome: () => come };
}

type Session = [id: number, epoch: number];
type Answer = ReturnType<typeof fetched>;

const offsetsIn = (answer: Answer): bigint[] =>
  answer.responses
    .flatMap(topic => topic.partitions)
    .flatMap(({ records }) => parseBatches(Buffer.from(records ?? new Uint8Array(0))))
    .map(({ baseOffset }) => baseOffset);

/** Opens a session; `seen` are the base offsets of the batches in its full answer. */
async function openSession(client: RawClient): Promise<{ session: Session; seen: bigint[]; highWatermark: bigint }> {
  const answer = fetched(
    await client.call(fetchRequest({ topic: TOPIC, partitions: whole, session: [0, 0], minBytes: 0 })),
  );
  expect(answer.errorCode).toBe(0);
  const partition = answer.responses[0]!.partitions[0]!;
  expect(partition.errorCode).toBe(0);
  return { session: [answer.sessionId, 1], seen: offsetsIn(answer), highWatermark: partition.highWatermark };
}

async function nextInSession(client: RawClient, session: Session): Promise<bigint[]> {
  const answer = fetched(await client.call(fetchRequest({ topic: TOPIC, session, minBytes: 0 })));
  expect(answer.errorCode).toBe(0);
  session[1]++;
  return offsetsIn(answer);
}

const listed = async (client: RawClient, timestamp: bigint): Promise<bigint> => {
  const { errorCode, offset } = offsetListed(await client.call(listOffset(TOPIC, 0, timestamp)));
  expect(errorCode).toBe(0);
  return offset;
};

/** What every question of a consumer shows: base offsets of batches, and offsets. */
async function shown(client: RawClient, session: Session) {
  const plain = fetched(await client.call(fetchRequest({ topic: TOPIC, partitions: whole, minBytes: 0 })));
  const restarted = await openSession(client);
  return {
    plain: offsetsIn(plain),
    full: restarted.seen,
    highWatermark: restarted.highWatermark,
    incremental: await nextInSession(client, session),
    afterRestart: await nextInSession(client, restarted.session),
    earliest: await listed(client, EARLIEST),
    latest: await listed(client, LATEST),
    byTimestamp: await listed(client, PAST_MS),
    maxTimestamp: await listed(client, MAX_TIMESTAMP),
  };
}

const nothing = {
  plain: [],
  full: [],
  highWatermark: 0n,
  incremental: [],
  afterRestart: [],
  earliest: 0n,
  latest: 0n,
  byTimestamp: -1n,
  maxTimestamp: -1n,
};

test('syncs shut: acks=1 is answered, acks=all is not, and no consumer sees either; opened, all of it happens', {
  timeout: TEST_DEADLINE_MS,
}, async () => {
  const broker = await start(freshDir());
  await broker.until(({ type }) => type === 'ready');
  const [producer, durable, consumer, waiting] = await Promise.all([1, 2, 3, 4].map(() => broker.connect()));
  await createTopics(producer!, [{ name: TOPIC }]);
  const { session } = await openSession(consumer!);
  await broker.holdSyncs(true);

  const first = offsetProduced(await producer!.call(produce(TOPIC, batch(), { acks: 1 })));
  expect(first).toMatchObject({ errorCode: 0, offset: 0n });
  await broker.untilAppended(1);
  const all = pending(durable!.call(produce(TOPIC, batch(), { acks: -1 })));
  await broker.untilAppended(1);
  const fetch = pending(
    waiting!.call(fetchRequest({ topic: TOPIC, partitions: whole, maxWaitMs: WAIT_MAX_MS, minBytes: 1 })),
  );

  expect(await shown(consumer!, session)).toEqual(nothing);
  const third = offsetProduced(await producer!.call(produce(TOPIC, batch(), { acks: 1 })));
  expect(third).toMatchObject({ errorCode: 0, offset: 2n * RECORDS });
  expect(await shown(consumer!, session)).toEqual(nothing);
  expect(all.hasCome()).toBe(false);
  expect(fetch.hasCome()).toBe(false);

  await broker.holdSyncs(false);
  expect(offsetProduced(await all.answer)).toMatchObject({ errorCode: 0, offset: RECORDS });
  expect(offsetsIn(fetched(await fetch.answer))[0]).toBe(0n);
  // Behind an acks=all produce everything before it is durable, whichever group commits it took.
  expect(offsetProduced(await durable!.call(produce(TOPIC, batch(), { acks: -1 })))).toMatchObject({ errorCode: 0 });
  const offsets = [0n, RECORDS, 2n * RECORDS, 3n * RECORDS];
  expect(await shown(consumer!, session)).toEqual({
    plain: offsets,
    full: offsets,
    highWatermark: 4n * RECORDS,
    incremental: offsets,
    afterRestart: offsets,
    earliest: 0n,
    latest: 4n * RECORDS,
    byTimestamp: 0n,
    maxTimestamp: expect.any(BigInt),
  });
});

test('syncs shut, write.caching=true: everything answers and everything is seen', {
  timeout: TEST_DEADLINE_MS,
}, async () => {
  const broker = await start(freshDir());
  await broker.until(({ type }) => type === 'ready');
  const client = await broker.connect();
  await createTopics(client, [{ name: TOPIC, config: { 'write.caching': 'true' } }]);
  const { session } = await openSession(client);
  await broker.holdSyncs(true);
  for (const [i, acks] of [1, -1, -1, 1].entries()) {
    const produced = offsetProduced(await client.call(produce(TOPIC, batch(), { acks })));
    expect(produced).toMatchObject({ errorCode: 0, offset: BigInt(i) * RECORDS });
  }
  expect(await shown(client, session)).toMatchObject({
    plain: [0n, 3n, 6n, 9n],
    full: [0n, 3n, 6n, 9n],
    incremental: [0n, 3n, 6n, 9n],
    latest: 12n,
    highWatermark: 12n,
  });
});

test('killed while syncs are shut: what was answered to acks=1 is seen again once recovery has synced it, not before', {
  timeout: TEST_DEADLINE_MS,
}, async () => {
  const dataDir = freshDir();
  const witnesses = Array.from({ length: WITNESS_PARTITIONS }, (_, i) => `${WITNESS}-${i}`);
  const config = { 'num.recovery.threads.per.data.dir': '2' };
  const before = await start(dataDir, { config });
  await before.until(({ type }) => type === 'ready');
  const producer = await before.connect();
  await createTopics(producer, [{ name: TOPIC }]);
  await createTopics(producer, [{ name: WITNESS, partitions: WITNESS_PARTITIONS }]);
  // Files are still being made when a topic's creation is answered; what is incomplete at the kill would have to be synced by the restart.
  for (const partition of witnesses) await before.until(r => r.type === 'open' && r.partition === partition);
  await before.holdSyncs(true);
  for (let i = 0n; i < 2n; i++) {
    const answer = offsetProduced(await producer.call(produce(TOPIC, batch(), { acks: 1 })));
    expect(answer).toMatchObject({ errorCode: 0, offset: i * RECORDS });
  }
  await before.untilAppended(2);
  const unanswered = before.connect().then(client => client.call(produce(TOPIC, batch(), { acks: -1 })));
  const refusal = expect(unanswered).rejects.toThrow(ConnectionClosed);
  await before.untilAppended(1);
  await before.kill();
  await refusal;

  const after = await start(dataDir, { config, holdWhenOpening: `${TOPIC}-0` });
  for (const partition of witnesses) await after.until(r => r.type === 'open' && r.partition === partition);
  const opening = after.reports.flatMap(r => (r.type === 'opening' ? [r.partition] : []));
  expect(opening[0]).toBe(`${TOPIC}-0`);
  const open = (): string[] => after.reports.flatMap(r => (r.type === 'open' ? [r.partition] : []));
  expect(open()).not.toContain(`${TOPIC}-0`);
  const consumer = await after.connect();
  const recovering = fetched(await consumer.call(fetchRequest({ topic: TOPIC, partitions: whole, minBytes: 0 })))
    .responses[0]!.partitions[0]!;
  expect(recovering).toMatchObject({ errorCode: NOT_LEADER_OR_FOLLOWER, highWatermark: -1n });
  expect(recovering.records?.length ?? 0).toBe(0);
  const offset = offsetListed(await consumer.call(listOffset(TOPIC, 0, LATEST)));
  expect(offset).toMatchObject({ errorCode: NOT_LEADER_OR_FOLLOWER, offset: -1n });
  expect(open()).not.toContain(`${TOPIC}-0`);

  await after.holdSyncs(false);
  await after.until(({ type }) => type === 'ready');
  const { session, seen, highWatermark } = await openSession(consumer);
  // Only the process died: the third batch is in the file as well, although nobody was told.
  const offsets = [0n, RECORDS, 2n * RECORDS];
  expect({ seen, highWatermark }).toEqual({ seen: offsets, highWatermark: 3n * RECORDS });
  expect(await shown(consumer, session)).toMatchObject({ plain: offsets, latest: 3n * RECORDS });
  const next = offsetProduced(await consumer.call(produce(TOPIC, batch(), { acks: -1 })));
  expect(next).toMatchObject({ errorCode: 0, offset: 3n * RECORDS });
});
