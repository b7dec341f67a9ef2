/**
 * The whole catalogue and 200 seeded mutations of its valid requests, live against Apache Kafka and Milena: same error codes, same shapes, connections open or closed alike.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Uuid } from '../../src/base/uuid.ts';
import { catalogue } from '../answers/catalogue/index.ts';
import { createTopics, deleteAllTopics, type Played, playStep, playSuite } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import type { Step } from '../answers/suite.ts';
import { sealBatch } from '../support/batch.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { Random, runSeed } from '../support/random.ts';
import { RawClient } from '../support/raw-client.ts';
import { SINGLE_NODE, startKafka } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const MUTATIONS = Number(process.env.MILENA_MUTATIONS ?? 200);

let peers: readonly ProcessPeer[] = [];
beforeAll(async () => {
  const other = process.env.MILENA_REFUSALS_AGAINST === 'kafka' ? startKafka() : startMilena({ config: SINGLE_NODE });
  peers = await Promise.all([startKafka(), other]);
});
afterAll(async () => {
  await Promise.all(peers.map(peer => peer.stop()));
});

/** Plays on both, from an empty broker. */
function onBoth<T>(play: (peer: ProcessPeer) => Promise<T>): Promise<T[]> {
  return Promise.all(
    peers.map(async peer => {
      const client = await RawClient.open(peer.port);
      await deleteAllTopics(client);
      await client.close();
      return play(peer);
    }),
  );
}

for (const suite of catalogue) {
  test(`${suite.name}: ${suite.steps.length} requests`, async () => {
    const [kafka, milena] = await onBoth(peer => playSuite(peer.port, suite));
    const differing = kafka!.flatMap((theirs, i) =>
      JSON.stringify(theirs) === JSON.stringify(milena![i]) ? [] : [{ theirs, ours: milena![i] }],
    );
    console.log(`${suite.name}: ${kafka!.length} compared, ${differing.length} differ`);
    expect(differing.map(({ ours }) => ours)).toEqual(differing.map(({ theirs }) => theirs));
  });
}

/** A batch with one byte of its header or records changed, with and without a CRC that holds, in an otherwise valid request. */
function mutateBatch(random: Random): Buffer {
  const codec = random.pick(['none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'] as const);
  const one = batch({ codec, ...(random.chance(0.5) ? { producerId: 9n, producerEpoch: 0, baseSequence: 0 } : {}) });
  for (let changes = 1 + random.below(2); changes > 0; changes--) {
    const at = random.below(one.length);
    if (random.chance(0.5)) one[at] = one[at]! ^ (1 << random.below(8));
    else one[at] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
  }
  if (random.chance(0.8)) sealBatch(one);
  return one;
}

/** A produce request of any version around a mutated batch. */
function mutation(random: Random, index: number, topic: string): Step {
  const records = random.chance(0.15) ? Buffer.concat([mutateBatch(random), batch()]) : mutateBatch(random);
  const options = {
    version: 3 + random.below(10),
    acks: random.pick([-1, -1, -1, 1, 0, 2]),
    partition: random.chance(0.05) ? random.pick([-1, 1, 2147483647]) : 0,
    transactionalId: random.chance(0.05) ? 'tx' : null,
  };
  return { name: `mutation ${index}`, frames: [produce(topic, records, options)], stored: { topic, partition: 0 } };
}

test(`${MUTATIONS} mutations of valid produce requests: the same answers, and the same batches stored`, async () => {
  const random = new Random(runSeed('same refusals'));
  // A topic each: what one mutation stored must not hide in the next one's answer.
  const topics = Array.from({ length: MUTATIONS }, (_, i) => ({ name: `mutation-${i}` }));
  const steps = topics.map((topic, i) => mutation(random, i, topic.name));
  const played = await onBoth(async peer => {
    const client = await RawClient.open(peer.port);
    const ids: ReadonlyMap<string, Uuid> = await createTopics(client, topics);
    await client.close();
    const answers: Played[] = [];
    for (const one of steps) answers.push(await playStep(peer.port, one, ids));
    return answers;
  });
  const codes = new Map<string, number>();
  for (const one of played[0]!) {
    const code = /"errorCode":(-?\d+)/.exec(JSON.stringify(one.answers))?.[1] ?? one.connection;
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  console.log(`Kafka's answers: ${[...codes].map(([code, count]) => `${code}: ${count}`).join(', ')}`);
  const differing = played[0]!.flatMap((theirs, i) => {
    const ours = played[1]![i]!;
    if (JSON.stringify(theirs) === JSON.stringify(ours)) return [];
    console.log(`${theirs.name}: ${Buffer.from(steps[i]!.frames[0]!).toString('hex')}`);
    return [{ theirs, ours }];
  });
  expect(differing.map(({ ours }) => ours)).toEqual(differing.map(({ theirs }) => theirs));
});
