import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/base/result.ts';
import { consumerOffsetsTopic } from '../../../src/core/metadata/topic-names.ts';
import type { FindCoordinatorResponse } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { CoordinatorFinder } from '../../../src/server/coordinator-finder.ts';
import { findCoordinator } from '../../../src/server/handlers/10-find-coordinator.ts';
import { ask, listener, World } from './support.ts';

const here = { id: 1, host: 'localhost', port: 9092, rack: null, isFenced: false };

/** A finder in `world` whose partition is loaded when `loaded` says so, and whose clock runs by hand. */
function finderOf(world: World, loaded: Promise<void> = Promise.resolve()) {
  const timers = new Set<() => void>();
  const waits: number[] = [];
  const finder = new CoordinatorFinder({
    image: () => world.image,
    clock: {
      after(delayMs, run) {
        waits.push(delayMs);
        timers.add(run);
        return () => void timers.delete(run);
      },
    },
    createTopic: name => world.services.autoCreation.create([name]),
    partitionOf: () => 7,
    whenLoaded: () => loaded,
  });
  return { finder, timers, waits };
}

test('the topic is created for the first who asks, as its own properties say, and once for all who ask', async () => {
  const world = new World({ 'offsets.topic.num.partitions': '9', 'offsets.topic.replication.factor': '1' });
  const { finder, timers } = finderOf(world);
  const asked = ['a', 'b', 'c'].map(groupId => finder.find(groupId, listener.name));
  expect(await Promise.all(asked)).toEqual([here, here, here]);
  expect(world.log.lines).toEqual([`info topic ${consumerOffsetsTopic} was created automatically`]);
  const topic = [...world.image.topicsById.values()].find(({ name }) => name === consumerOffsetsTopic);
  expect(topic?.partitions).toHaveLength(9);
  expect(timers.size).toBe(0);
});

test('a topic that cannot be created is no coordinator; the log says why, once', async () => {
  const world = new World({ 'offsets.topic.replication.factor': '3' });
  const { finder } = finderOf(world);
  for (const groupId of ['a', 'a', 'b']) {
    const found = await finder.find(groupId, listener.name);
    expect(isRefusal(found) && found.refused).toBe('COORDINATOR_NOT_AVAILABLE');
  }
  expect(world.log.lines).toHaveLength(1);
  expect(world.log.lines[0]).toMatch(/^warn topic __consumer_offsets was not created automatically: INVALID_REPL/);
});

test('on a listener that the leader has not, there is no coordinator', async () => {
  const world = new World({ 'offsets.topic.replication.factor': '1' });
  const found = await finderOf(world).finder.find('a', 'ELSEWHERE');
  expect(isRefusal(found) && found.refused).toBe('COORDINATOR_NOT_AVAILABLE');
});

test('a coordinator that is loading is named when it has loaded, or after a moment', async () => {
  const world = new World();
  world.createTopic(consumerOffsetsTopic, 50);
  let loaded: () => void = () => {};
  const first = finderOf(
    world,
    new Promise(resolve => {
      loaded = resolve;
    }),
  );
  const soon = first.finder.find('a', listener.name);
  loaded();
  expect(await soon).toEqual(here);

  const never = finderOf(world, new Promise(() => {}));
  const late = never.finder.find('a', listener.name);
  await Promise.resolve();
  expect(never.waits).toEqual([100]);
  for (const run of never.timers) run();
  expect(await late).toEqual(here);
});

const found = (world: World, version: number, request: object) =>
  ask<FindCoordinatorResponse>(findCoordinator(world.services), version, { coordinatorKeys: [], ...request });

test('coordinators that are not served yet are an error that no client retries', async () => {
  const world = new World();
  for (const [keyType, what] of [
    [1, 'transactions are not served yet'],
    [2, 'share groups are not served yet'],
  ] as const) {
    const batched = await found(world, 6, { keyType, coordinatorKeys: ['x', 'y'] });
    expect(batched.coordinators).toEqual(
      ['x', 'y'].map(key => ({ key, nodeId: -1, host: '', port: -1, errorCode: 42, errorMessage: what })),
    );
  }
  const single = await found(world, 3, { key: 'x', keyType: 1 });
  expect(single).toMatchObject({ nodeId: -1, errorCode: 42, errorMessage: 'transactions are not served yet' });
  expect(world.image.topicsById.size).toBe(0);
});

test.each([0, 1, 2, 3])('version %i names one coordinator at the top', async version => {
  const world = new World();
  world.createTopic(consumerOffsetsTopic, 50);
  const answer = await found(world, version, { key: 'a' });
  expect(answer).toMatchObject({ errorCode: 0, nodeId: 1, host: 'localhost', port: 9092, coordinators: [] });
});
