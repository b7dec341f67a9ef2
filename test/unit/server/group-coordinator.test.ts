import { describe, expect, test } from 'vitest';
import { isRefusal } from '../../../src/base/result.ts';
import type { GroupMachine } from '../../../src/core/group/machine.ts';
import type { ErrorName } from '../../../src/protocol/errors.ts';
import { javaHash } from '../../../src/server/group-coordinator.ts';
import { refusing, shardOf } from './groups-support.ts';
import { World } from './support.ts';

/** From Java's String.hashCode. */
const hashes: readonly (readonly [string, number])[] = [
  ['', 0],
  ['a', 97],
  ['group', 98629247],
  ['console-consumer-12345', 158455506],
  ['grüße', 98768023],
  ['\u{1f600}', 1772899],
  ['polygenelubricants', -2147483648],
];

test('the hash of a text is that of Java', () => {
  expect(hashes.map(([text]) => [text, javaHash(text)])).toEqual(hashes);
});

test('a group is kept where Kafka keeps it, also one whose hash has no positive counterpart', () => {
  const { groups } = new World();
  expect(['', 'a', 'group', 'polygenelubricants'].map(id => groups.partitionOf(id))).toEqual([0, 47, 47, 0]);
});

const join = {
  groupId: 'a',
  memberId: 'me',
  groupInstanceId: null,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  protocolType: 'consumer',
  protocols: [],
  requiresKnownMemberId: true,
  supportsSkippingAssignment: false,
  reason: null,
  clientId: 'c',
  clientHost: '/127.0.0.1',
};
const sync = {
  groupId: 'a',
  memberId: 'me',
  groupInstanceId: null,
  generationId: 1,
  protocolType: null,
  protocolName: null,
  assignments: [],
};
const beat = { groupId: 'a', memberId: 'me', groupInstanceId: null, generationId: 1 };
const leave = { groupId: 'a', members: [{ memberId: 'me', groupInstanceId: 'one', reason: null }] };
const fetch = { groupId: 'a', memberId: null, memberEpoch: -1, partitions: null, requireStable: false };

function worldWith(shard: Parameters<Map<number, ReturnType<typeof shardOf>>['set']>[1], ...indexes: number[]): World {
  const world = new World();
  for (const index of indexes.length > 0 ? indexes : [47]) world.shards.set(index, shard);
  return world;
}

describe('what is wrong whatever the group is never reaches a shard', () => {
  const { groups } = worldWith(shardOf({}), 0, 47);

  test('an empty group id', async () => {
    expect(await groups.join({ ...join, groupId: '' })).toMatchObject({ error: 'INVALID_GROUP_ID', memberId: 'me' });
    expect(await groups.sync({ ...sync, groupId: '' })).toMatchObject({ error: 'INVALID_GROUP_ID' });
    expect(await groups.heartbeat({ ...beat, groupId: '' })).toBe('INVALID_GROUP_ID');
    expect(await groups.leave({ ...leave, groupId: '' })).toEqual({ error: 'INVALID_GROUP_ID', members: [] });
    expect(await groups.deleteOffsets({ groupId: '', partitions: [] })).toEqual({
      error: 'INVALID_GROUP_ID',
      errors: [],
    });
  });

  test.each([5_999, 1_800_001, -1])('a session timeout of %i ms', async sessionTimeoutMs => {
    const reply = await groups.join({ ...join, sessionTimeoutMs });
    expect(reply).toMatchObject({ error: 'INVALID_SESSION_TIMEOUT', memberId: 'me', generationId: -1 });
  });
});

describe('what a shard refuses is told as Kafka tells it', () => {
  test('nobody leads the partition', async () => {
    const { groups } = new World();
    const joined = await groups.join(join);
    expect(isRefusal(joined) && joined.refused).toBe('NOT_COORDINATOR');
    expect(await groups.heartbeat(beat)).toBe('NOT_COORDINATOR');
    expect(await groups.leave(leave)).toEqual({ error: 'NOT_COORDINATOR', members: [] });
    expect(await groups.fetchOffsets(fetch)).toEqual({ error: 'NOT_COORDINATOR', partitions: [] });
    expect(groups.describe('a')).toMatchObject({ error: 'NOT_COORDINATOR', state: '', members: [] });
    expect(await groups.deleteGroups(['a'])).toEqual(new Map([['a', 'NOT_COORDINATOR']]));
    expect(groups.list()).toEqual([]);
  });

  test('members of a group that is loading are alive; all else must wait', async () => {
    const { groups } = worldWith(refusing('COORDINATOR_LOAD_IN_PROGRESS'));
    expect(await groups.heartbeat(beat)).toBe('NONE');
    expect(await groups.fetchOffsets(fetch)).toEqual({ error: 'COORDINATOR_LOAD_IN_PROGRESS', partitions: [] });
    expect(await groups.leave(leave)).toEqual({ error: 'COORDINATOR_LOAD_IN_PROGRESS', members: [] });
  });

  test('offsets that cannot be asked for now make consumers look for the coordinator again', async () => {
    const { groups } = worldWith(refusing('COORDINATOR_NOT_AVAILABLE'));
    const reply = await groups.fetchOffsets({ ...fetch, requireStable: true });
    expect(reply).toEqual({ error: 'NOT_COORDINATOR', partitions: [] });
  });

  test('one shard that is loading refuses the list, one that is not led does not', () => {
    const listed = [{ groupId: 'a', protocolType: 'consumer', state: 'Stable', type: 'classic' }];
    const world = worldWith(shardOf({ list: () => listed }), 1, 2);
    world.shards.set(3, refusing('NOT_COORDINATOR'));
    expect(world.groups.list()).toEqual([...listed, ...listed]);
    world.shards.set(4, refusing('COORDINATOR_LOAD_IN_PROGRESS'));
    const refused = world.groups.list();
    expect(isRefusal(refused) && refused.refused).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  });
});

test('members leaving a group that is not there are each unknown', async () => {
  const machine: Partial<GroupMachine> = {
    leave: (turn, slot) => turn.answer(slot, { error: 'UNKNOWN_MEMBER_ID', members: [] }),
  };
  expect(await worldWith(shardOf(machine)).groups.leave(leave)).toEqual({
    error: 'NONE',
    members: [{ memberId: 'me', groupInstanceId: 'one', error: 'UNKNOWN_MEMBER_ID' }],
  });
});

test('groups are deleted by the shards that keep them, each id once', async () => {
  const asked: string[][] = [];
  const machine: Partial<GroupMachine> = {
    deleteGroups: (turn, slot, ids) => {
      asked.push([...ids]);
      turn.answer(
        slot,
        ids.map(id => (id === 'a' ? 'NONE' : 'GROUP_ID_NOT_FOUND')),
      );
    },
  };
  // 'a' and 'group' share partition 47; 'b' is in 48, and nobody leads 49 with 'c'.
  const { groups } = worldWith(shardOf(machine), 47, 48);
  const errors = await groups.deleteGroups(['group', 'a', 'b', 'c', 'a']);
  expect(asked).toEqual([['group', 'a'], ['b']]);
  expect(errors).toEqual(
    new Map([
      ['group', 'GROUP_ID_NOT_FOUND'],
      ['a', 'NONE'],
      ['b', 'GROUP_ID_NOT_FOUND'],
      ['c', 'NOT_COORDINATOR'],
    ]),
  );
});

test('whoever listens for commits hears of those that are stored', async () => {
  const errors: ErrorName[] = ['UNKNOWN_MEMBER_ID'];
  const machine: Partial<GroupMachine> = { commitOffsets: (turn, slot) => turn.answer(slot, { errors: [...errors] }) };
  const { groups } = worldWith(shardOf(machine));
  const heard: string[] = [];
  const end = groups.onCommitted(groupId => void heard.push(groupId));
  const ask = { ...beat, retentionTimeMs: -1n, partitions: [] };
  await groups.commitOffsets(ask);
  await groups.commitOffsets({ ...ask, groupId: 'c' });
  expect(heard).toEqual([]);
  errors.push('NONE');
  await groups.commitOffsets(ask);
  end();
  await groups.commitOffsets(ask);
  expect(heard).toEqual(['a']);
});

test('every shard hears of deleted topics', () => {
  const heard: string[] = [];
  const machine: Partial<GroupMachine> = {
    topicsDeleted: (_turn, topics) => void heard.push(...topics.map(({ name }) => name)),
  };
  worldWith(shardOf(machine), 3, 4).groups.topicsDeleted([{ id: 'AAAAAAAAAAAAAAAAAAAAAA', name: 't' } as never]);
  expect(heard).toEqual(['t', 't']);
});
