import { expect, test } from 'vitest';
import { alterConfigs, configOperation } from '../../../src/core/controller/alter-configs.ts';
import { createPartitions } from '../../../src/core/controller/create-partitions.ts';
import { deleteTopics } from '../../../src/core/controller/delete-topics.ts';
import { electLeaders } from '../../../src/core/controller/leaders.ts';
import { resourceType, topicByName } from '../../../src/core/metadata/image.ts';
import { configRules, topicSettings } from '../../../src/server/controller-settings.ts';
import { led, nodeId, World } from './support.ts';

function follow(world: World): World {
  world.partitions.apply(world.deltas.at(-1)!);
  return world;
}

test('a new topic is led, with its configuration, as the change arrives', () => {
  const world = new World();
  world.createTopic('alpha', 2, { 'retention.ms': '60000' });
  follow(world);
  const leads = world.plane.ofType('lead');
  expect(
    leads.map(({ topic, partitionIndex, isNew, leaderEpoch }) => [topic, partitionIndex, isNew, leaderEpoch]),
  ).toEqual([
    ['alpha', 0, true, 0],
    ['alpha', 1, true, 0],
  ]);
  expect(leads.every(({ config }) => config.retentionMs === 60_000n)).toBe(true);
  expect(new Set(leads.map(({ partition }) => partition.index)).size).toBe(2);
});

test('more partitions are led, those before are left alone', () => {
  const world = new World();
  world.createTopic('alpha', 1);
  follow(world);
  world.decideNow(createPartitions({ topics: [{ name: 'alpha', count: 3, assignments: null }], validateOnly: false }));
  follow(world);
  expect(world.plane.ofType('lead').map(({ partitionIndex, isNew }) => [partitionIndex, isNew])).toEqual([
    [0, true],
    [1, true],
    [2, true],
  ]);
});

test('a change of configuration reaches every partition of the topic, and no other', () => {
  const world = new World();
  world.createTopic('alpha', 2);
  follow(world);
  world.createTopic('beta', 1);
  follow(world);
  const configs = [{ name: 'max.message.bytes', configOperation: configOperation.set, value: '1234' }];
  const resources = [{ resourceType: resourceType.topic, resourceName: 'alpha', configs }];
  world.decideNow(alterConfigs({ resources, validateOnly: false }, nodeId, configRules(world.config)));
  follow(world);
  const changed = world.plane.ofType('setConfig');
  expect(changed.map(({ config }) => config.maxMessageBytes)).toEqual([1234, 1234]);
  const alpha = topicByName(world.image, 'alpha')!;
  expect(changed.map(({ partition }) => partition)).toEqual([0, 1].map(i => world.partitions.handleOf(alpha, i)));
});

test('a deleted topic is dropped; its handles live until the plane is done with them', async () => {
  const world = new World();
  world.createTopic('alpha', 1);
  follow(world);
  const topic = topicByName(world.image, 'alpha')!;
  const handle = world.partitions.handleOf(topic, 0)!;
  world.decideNow(deleteTopics({ topicNames: ['alpha'], topics: [], apiVersion: 3 }, topicSettings(world.config)));
  follow(world);
  const [drop] = world.plane.ofType('drop');
  expect(drop?.partition).toEqual(handle);
  expect(world.handles.named(handle)?.topic).toBe('alpha');
  expect(world.asks.onPlaneEvent({ type: 'done', ticket: drop!.ticket, error: 0, offset: -1n })).toBe(true);
  await Promise.resolve();
  expect(world.handles.named(handle)).toBeUndefined();
});

test('a topic created anew under its old name is another partition', () => {
  const world = new World();
  world.createTopic('alpha', 1);
  follow(world);
  world.decideNow(deleteTopics({ topicNames: ['alpha'], topics: [], apiVersion: 3 }, topicSettings(world.config)));
  follow(world);
  world.createTopic('alpha', 1);
  follow(world);
  const [before, after] = world.plane.ofType('lead');
  expect(after!.partition).not.toEqual(before!.partition);
  expect(after!.topicId).not.toEqual(before!.topicId);
});

test('a raised leader epoch is led again, without a new log', () => {
  const world = new World();
  world.createTopic('alpha', 1);
  follow(world);
  world.decideNow(electLeaders(nodeId));
  follow(world);
  const leads = world.plane.ofType('lead');
  expect(leads.map(({ leaderEpoch, isNew }) => [leaderEpoch, isNew])).toEqual([
    [0, true],
    [1, false],
  ]);
  expect(leads[1]!.partition).toEqual(leads[0]!.partition);
});

test('a start is over when every log is open or has failed, and names those that failed', async () => {
  const world = new World();
  world.createTopic('alpha', 2);
  let started = false;
  const starting = world.partitions.start(world.image).then(() => {
    started = true;
  });
  const [first, second] = world.plane.ofType('lead');
  expect(first!.isNew).toBe(false);
  world.partitions.onPlaneEvent(led(first!.partition));
  await Promise.resolve();
  expect(started).toBe(false);
  world.partitions.onPlaneEvent({ ...led(second!.partition), error: 56, message: 'rot at byte 7' } as never);
  await starting;
  expect(world.log.lines).toEqual(['error partition alpha-1 is offline: rot at byte 7']);
});

test('a start without partitions is over at once', async () => {
  await new World().partitions.start(new World().image);
});

test('a log that fails is led no more', () => {
  const world = new World();
  world.createTopic('a-1', 1);
  follow(world);
  world.leadership.splice(0);
  const failed = { type: 'failed', logDir: 0, path: '/data-7/a-1-0', errno: 5, message: 'its sync failed' } as const;
  expect(world.partitions.onPlaneEvent(failed)).toBe(true);
  expect(world.leadership).toEqual(['resigned a-1-0']);
});

test('who listens to leadership hears of it behind the plane, and of its end before', () => {
  const world = new World();
  const order: string[] = [];
  world.plane.onSubmit = ({ type }) => void order.push(...world.leadership.splice(0), type);
  world.createTopic('alpha', 1);
  follow(world);
  world.decideNow(electLeaders(nodeId));
  follow(world);
  world.decideNow(deleteTopics({ topicNames: ['alpha'], topics: [], apiVersion: 3 }, topicSettings(world.config)));
  follow(world);
  expect(order).toEqual(['lead', 'elected alpha-0 at 0', 'lead', 'elected alpha-0 at 1', 'resigned alpha-0', 'drop']);
});
