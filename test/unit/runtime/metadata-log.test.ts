import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/base/result.ts';
import { makeUuid } from '../../../src/base/uuid.ts';
import { createTopics } from '../../../src/core/controller/create-topics.ts';
import type { Decide } from '../../../src/core/controller/decision.ts';
import { topicByName } from '../../../src/core/metadata/image.ts';
import { encodeRecord, type MetadataRecordInit } from '../../../src/core/metadata/records.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import { decodeBatch, encodeBatch } from '../../../src/protocol/records/batch.ts';
import { controlKindOf } from '../../../src/protocol/records/control.ts';
import { decodeQuorumState } from '../../../src/protocol/records/quorum-state.ts';
import { stopBroker } from '../../../src/runtime/start-broker.ts';
import { rules, settings, topic } from '../../support/metadata.ts';
import { MetadataNode, unlimited } from '../../support/metadata-node.ts';

const create = (...names: string[]) =>
  createTopics({ topics: names.map(name => topic(name)), validateOnly: false }, settings, rules);

async function started(seed = 1) {
  const node = new MetadataNode(seed);
  await node.start();
  return node;
}

async function withBatches() {
  const node = await started();
  return { log: node.log, batches: node.batches().map(bytes => decodeBatch(bytes)) };
}

const errors = (reply: Awaited<ReturnType<MetadataNode['log']['decide']>>) =>
  isRefusal(reply) ? reply.refused : (reply as readonly { error: string }[]).map(({ error }) => error);

test('a new log begins with the leader, the voters and the features of the cluster', async () => {
  const { log, ...node } = await withBatches();
  const first = node.batches[0]!;
  expect(first.control).toBe(true);
  expect(first.leaderEpoch).toBe(1);
  expect(first.records.map(({ key }) => controlKindOf(key!))).toEqual(['leaderChange', 'kraftVersion', 'voters']);
  expect(log.image.features).toEqual(new Map([['metadata.version', 30]]));
  expect(log.image.brokers.get(1)).toMatchObject({ fenced: false, epoch: node.batches[3]!.baseOffset });
  expect(log.quorum()).toMatchObject({
    leaderId: 1,
    leaderEpoch: 1,
    kraftVersion: 1,
    highWatermark: log.quorum().logEndOffset,
  });
});

test('a decision is answered when it is durable, after the listener has seen it', async () => {
  const { log, plane, time } = await started();
  const seen: string[] = [];
  log.onChange(({ topics }) => seen.push(...topics.created.map(({ name }) => `changed ${name}`)));
  plane.holdSyncs(true);
  const answer = log.decide(create('t')).then(reply => seen.push(`answered ${errors(reply)}`));
  await time.settle();
  expect(seen).toEqual([]);
  expect(topicByName(log.image, 't')).toBeUndefined();
  plane.holdSyncs(false);
  await time.until(answer);
  expect(seen).toEqual(['changed t', 'answered NONE']);
  expect(topicByName(log.image, 't')!.partitions).toHaveLength(3);
});

test('a listener may decide something itself, and everything is told and answered once', async () => {
  const { log, time } = await started();
  const seen: string[] = [];
  let follow: Promise<unknown> = Promise.resolve();
  log.onChange(({ topics }) => {
    for (const { name } of topics.created) {
      seen.push(`changed ${name}`);
      if (name === 'a') follow = log.decide(create('a')).then(reply => seen.push(`again ${errors(reply)}`));
    }
  });
  const answers = ['a', 'b'].map(name => log.decide(create(name)).then(() => seen.push(`answered ${name}`)));
  await time.until(Promise.all(answers));
  await time.until(follow);
  expect([...seen].sort()).toEqual([
    'again TOPIC_ALREADY_EXISTS',
    'answered a',
    'answered b',
    'changed a',
    'changed b',
  ]);
  expect(seen.indexOf('changed b')).toBeLessThan(seen.indexOf('answered b'));
});

test('what a decision saw uncommitted must be committed before it is answered', async () => {
  const { log, plane, time } = await started();
  plane.holdSyncs(true);
  const answered: string[] = [];
  const first = log.decide(create('t')).then(() => answered.push('first'));
  const second = log.decide(create('t')).then(reply => answered.push(`second ${errors(reply)}`));
  await time.settle();
  expect(answered).toEqual([]);
  plane.holdSyncs(false);
  await time.until(Promise.all([first, second]));
  expect(answered).toEqual(['first', 'second TOPIC_ALREADY_EXISTS']);
});

test('a failed append takes back its own decision and no other', async () => {
  const node = await started();
  const { log, time } = node;
  let appends = 0;
  node.appendError = () => (++appends === 2 ? errorCode.KAFKA_STORAGE_ERROR : 0);
  const replies = await time.until(Promise.all(['a', 'b', 'c', 'b'].map(name => log.decide(create(name)))));
  expect(replies.map(errors)).toEqual([['NONE'], 'KAFKA_STORAGE_ERROR', ['NONE'], ['NONE']]);
  expect([...log.image.topicIdsByName.keys()].sort()).toEqual(['a', 'b', 'c']);
  const { image } = log;
  node.crash();
  await node.open();
  expect(node.log.image.topicIdsByName).toEqual(image.topicIdsByName);
});

test('a decision that throws rejects, and the next one is made', async () => {
  const { log, time } = await started();
  const broken: Decide<string> = () => {
    throw new Error('a bug');
  };
  await expect(time.until(log.decide(broken))).rejects.toThrow('a bug');
  expect(errors(await time.until(log.decide(create('t'))))).toEqual(['NONE']);
});

test('a log that failed answers everything with a storage error and says so once', async () => {
  const { log, plane, time } = await started();
  const failures: string[] = [];
  log.onFailure(message => failures.push(message));
  plane.holdSyncs(true);
  const parked = log.decide(create('a'));
  await time.settle();
  const waiting = [log.decide(create('b')), log.decide(create('c'))];
  const failed = { type: 'failed', logDir: 0, path: '/d', errno: 5, message: 'EIO' } as const;
  expect(log.onPlaneEvent({ ...failed, path: '/d/other-0' })).toBe(false);
  expect(failures).toEqual([]);
  log.onPlaneEvent(failed);
  log.onPlaneEvent(failed);
  expect((await time.until(Promise.all([parked, ...waiting]))).map(errors)).toEqual(
    Array(3).fill('KAFKA_STORAGE_ERROR'),
  );
  expect(errors(await log.decide(create('d')))).toBe('KAFKA_STORAGE_ERROR');
  expect(failures).toEqual(['the metadata log failed: EIO']);
  await log.close();
});

test('close waits for what was asked before and refuses what comes after', async () => {
  const { log, time } = await started();
  const before = log.decide(create('t'));
  const closed = log.close();
  expect(errors(await log.decide(create('u')))).toBe('NOT_CONTROLLER');
  expect(errors(await time.until(before))).toEqual(['NONE']);
  await time.until(closed);
});

test('every start has a new epoch, new leader epochs, and the same topics', async () => {
  const node = await started();
  await node.time.until(node.log.decide(create('t')));
  const { id } = topicByName(node.log.image, 't')!;
  for (const epoch of [2, 3]) {
    await node.time.until(stopBroker(node.log, 1));
    await node.time.until(node.log.close());
    expect(node.log.image.brokers.get(1)!.fenced).toBe(true);
    node.crash();
    await node.start();
    expect(node.log.quorum().leaderEpoch).toBe(epoch);
    const { partitions, id: again } = topicByName(node.log.image, 't')!;
    expect(again).toBe(id);
    expect(partitions.map(({ leader, leaderEpoch }) => [leader, leaderEpoch])).toEqual(Array(3).fill([1, epoch - 1]));
    const state = new TextDecoder().decode(node.files.contents.get('/d/__cluster_metadata-0/quorum-state'));
    expect(decodeQuorumState(state).state).toMatchObject({ leaderId: 1, leaderEpoch: epoch, votedId: -1 });
  }
});

test('a lost quorum-state does not bring back an epoch of the log', async () => {
  const node = await started();
  node.crash();
  node.files.contents.delete('/d/__cluster_metadata-0/quorum-state');
  node.files.contents.set('/d/__cluster_metadata-0/leader-epoch-checkpoint', new TextEncoder().encode('0\n1\n7 0\n'));
  await node.open();
  expect(node.log.quorum().leaderEpoch).toBe(8);
});

test('snapshots are written by size, let go of the log before them, and are enough to start from', async () => {
  const node = await started();
  node.limits = { ...unlimited, bytesBetweenSnapshots: 2_000, retentionBytes: 0n };
  node.crash();
  await node.start();
  for (let i = 0; i < 40; i++) await node.time.until(node.log.decide(create(`t${i}`)));
  await node.time.until(node.log.close());
  const snapshots = [...node.files.contents.keys()].filter(path => path.endsWith('.checkpoint') && path.includes('__'));
  expect(snapshots).toHaveLength(1);
  expect(node.disk.logStartOffset).toBeGreaterThan(100n);
  expect(node.notices.filter(line => line.startsWith('info wrote metadata snapshot')).length).toBeGreaterThan(2);
  const { image } = node.log;
  node.crash();
  await node.open();
  expect([...node.log.image.topicsById]).toHaveLength(40);
  for (const [id, before] of image.topicsById) expect(node.log.image.topicsById.get(id)).toEqual(before);
  expect(node.log.quorum()).toMatchObject({ kraftVersion: 1, voters: [{ voterId: 1 }] });
});

test('a snapshot is written by time when something has changed', async () => {
  const node = new MetadataNode(1);
  node.limits = { ...unlimited, snapshotIntervalMs: 60_000 };
  await node.start();
  await node.time.until(node.log.decide(create('a')));
  node.time.after(60_000, () => {});
  await node.time.settle();
  expect(node.notices).toEqual([]);
  await node.time.until(node.log.decide(create('b')));
  await node.time.until(node.log.close());
  expect(node.notices).toHaveLength(1);
});

test('a damaged snapshot is passed over while the log still reaches back', async () => {
  const node = await started();
  node.limits = { ...unlimited, bytesBetweenSnapshots: 1_000 };
  node.crash();
  await node.start();
  for (let i = 0; i < 10; i++) await node.time.until(node.log.decide(create(`t${i}`)));
  await node.time.until(node.log.close());
  const names = [...node.files.contents.keys()]
    .filter(path => path.endsWith('.checkpoint') && path.includes('__'))
    .sort();
  node.files.contents.set(names.at(-1)!, new Uint8Array(100));
  node.crash();
  await node.open();
  expect(node.log.image.topicsById.size).toBe(10);
  expect(node.notices.some(line => line.startsWith(`error ${names.at(-1)} cannot be used`))).toBe(true);
});

test('what an interrupted write has left is removed', async () => {
  const node = await started();
  node.crash();
  const left = '/d/__cluster_metadata-0/00000000000000000009-0000000001.checkpoint.tmp';
  node.files.contents.set(left, new Uint8Array(5));
  await node.open();
  expect(node.files.contents.has(left)).toBe(false);
});

test('a snapshot that cannot be written costs nothing but itself', async () => {
  const node = await started();
  node.limits = { ...unlimited, bytesBetweenSnapshots: 1 };
  node.crash();
  await node.start();
  await node.time.settle();
  node.files.failNextWrite = 'ENOSPC';
  expect(errors(await node.time.until(node.log.decide(create('t'))))).toEqual(['NONE']);
  expect(errors(await node.time.until(node.log.decide(create('u'))))).toEqual(['NONE']);
  await node.time.until(node.log.close());
  expect(node.notices.filter(line => line.startsWith('error metadata snapshot'))).toHaveLength(1);
});

test('a log without its beginning and without a snapshot is refused in a line', async () => {
  const node = await started();
  node.crash();
  for (const path of node.files.contents.keys()) {
    if (path.includes('.checkpoint') && path.includes('__')) node.files.contents.delete(path);
  }
  node.disk.deleteBefore(3n);
  await expect(node.open()).rejects.toThrow(
    '/d/__cluster_metadata-0: no snapshot reaches the start of the log at offset 3',
  );
});

test('a metadata transaction that was left open is aborted, and nothing of it counts', async () => {
  const node = await started();
  node.crash();
  const records: MetadataRecordInit[] = [
    { type: 'beginTransaction', version: 0, data: { name: 'half' } },
    { type: 'topic', version: 0, data: { name: 'half', topicId: makeUuid(() => new Uint8Array(16).fill(3)) } },
  ];
  const values = records.map(record => ({ timestamp: 1n, value: encodeRecord(record).value }));
  node.disk.append(encodeBatch({ records: values }), 1);
  await node.start();
  expect(node.log.image.topicsById.size).toBe(0);
  expect(errors(await node.time.until(node.log.decide(create('whole'))))).toEqual(['NONE']);
  node.crash();
  await node.open();
  expect([...node.log.image.topicIdsByName.keys()]).toEqual(['whole']);
});

test.each([
  ['quorum-state', 'not json', 'the quorum state is not JSON'],
  ['quorum-state', '{"data_version":9}', 'quorum state of version 9'],
])('%s with %j is refused in a line', async (file, content, message) => {
  const node = await started();
  node.crash();
  node.files.contents.set(`/d/__cluster_metadata-0/${file}`, new TextEncoder().encode(content));
  await expect(node.open()).rejects.toThrow(`/d/__cluster_metadata-0: ${message}`);
});

test('a static quorum (kraft.version 0) keeps its kind of quorum-state and names no voters', async () => {
  const node = new MetadataNode(1);
  await node.open();
  node.crash();
  node.loseLog();
  for (const path of node.files.contents.keys()) {
    if (/quorum-state|__.*checkpoint/.test(path)) node.files.contents.delete(path);
  }
  await node.open();
  expect(node.log.quorum()).toMatchObject({ kraftVersion: 0, voters: [], leaderEpoch: 1 });
  const state = new TextDecoder().decode(node.files.contents.get('/d/__cluster_metadata-0/quorum-state'));
  expect(decodeQuorumState(state)).toMatchObject({ version: 0, state: { currentVoters: [{ voterId: 1 }] } });
  expect(decodeBatch(node.batches()[0]!).records).toHaveLength(1);
});
