// Groups from the log: our own, and what other writers may have left there.
import { describe, expect, test } from 'vitest';
import type { GroupRecordInit } from '../../../../src/core/group/machine.ts';
import { consumerOffsetsCodec } from '../../../../src/protocol/records/consumer-offsets.ts';
import { Coordinator, named, subscription } from '../../../support/groups.ts';

function loadedFrom(...records: GroupRecordInit[]): Coordinator {
  const coordinator = new Coordinator();
  coordinator.log = records.map(consumerOffsetsCodec.encode);
  coordinator.reload();
  return coordinator;
}

const bytes = (...of: number[]): Uint8Array => Uint8Array.from(of);
const member = (memberId: string, groupInstanceId: string | null = null) => ({
  memberId,
  groupInstanceId,
  clientId: 'c',
  clientHost: '/h',
  rebalanceTimeout: 60_000,
  sessionTimeout: 10_000,
  subscription: bytes(1),
  assignment: bytes(2),
});
const group = (members: ReturnType<typeof member>[], more: object = {}): GroupRecordInit => ({
  type: 'groupMetadata',
  key: { group: 'g' },
  value: {
    version: 3,
    data: {
      protocolType: 'consumer',
      generation: 7,
      protocol: 'range',
      leader: members[0]?.memberId ?? null,
      currentStateTimestamp: 5n,
      members,
      ...more,
    },
  },
});

describe('a stable group', () => {
  test('goes on where it was: same generation, same members, same leader, new sessions', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.stable(2);
    const before = coordinator.machine.describe('g');
    coordinator.advance(40_000);
    coordinator.reload();
    expect(coordinator.machine.describe('g')).toEqual(before);
    coordinator.advance(44_999);
    expect(coordinator.heartbeat({ memberId: leader })).toBe('NONE');
    expect(coordinator.heartbeat({ memberId: follower })).toBe('NONE');
    expect(coordinator.sync({ memberId: follower }).answer.assignment).toEqual(bytes(1));
    coordinator.join({ memberId: leader });
    expect(coordinator.join({ memberId: follower }).answer).toMatchObject({ generationId: 2, leader });
  });

  test('has the leader it had, wherever it stands', () => {
    const coordinator = loadedFrom(group([member('m'), member('n')], { leader: 'n' }));
    expect(coordinator.join({ memberId: 'm', protocols: [named('range')] }).answer).toMatchObject({ leader: 'n' });
  });

  test('loses members that do not show up', () => {
    const coordinator = loadedFrom(group([member('m'), member('n')]));
    coordinator.advance(9_999);
    coordinator.heartbeat({ memberId: 'n', generationId: 7 });
    coordinator.advance(1);
    expect(coordinator.join({ memberId: 'n' }).answer).toMatchObject({ generationId: 8, leader: 'n' });
  });

  test('knows its static members', () => {
    const coordinator = loadedFrom(group([member('m', 'i')]));
    expect(coordinator.heartbeat({ memberId: 'x', groupInstanceId: 'i', generationId: 7 })).toBe('FENCED_INSTANCE_ID');
    const reply = coordinator.join({ groupInstanceId: 'i' }).answer;
    expect(reply).toMatchObject({ error: 'NONE', generationId: 7, skipAssignment: true });
  });

  test('supports the protocol it has selected, and no other', () => {
    const coordinator = loadedFrom(group([member('m')]));
    expect(coordinator.join({ protocols: [named('sticky')] }).answer.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(coordinator.join({ protocols: [named('sticky'), named('range')] }).answer.error).toBe('MEMBER_ID_REQUIRED');
  });
});

test('the bytes it is loaded from are not kept', () => {
  const coordinator = new Coordinator();
  coordinator.stable(2);
  const before = coordinator.machine.describe('g');
  coordinator.reload();
  for (const { value } of coordinator.log) value?.fill(0xff);
  expect(coordinator.machine.describe('g')).toEqual(before);
});

test('an empty group is found empty, with the generation it had', () => {
  const coordinator = new Coordinator();
  const [leader] = coordinator.stable(1);
  coordinator.leave({ memberId: leader });
  coordinator.reload();
  expect(coordinator.machine.describe('g')).toMatchObject({ state: 'Empty', protocolType: 'consumer', members: [] });
  const { asked } = coordinator.joinTwice();
  coordinator.advance(3_000);
  expect(asked.answer.generationId).toBe(3);
});

test('a generation that was not stored yet is gone: its members join again', () => {
  const coordinator = new Coordinator();
  const [leader] = coordinator.completing(1);
  coordinator.reload();
  expect(coordinator.state).toBe('Empty');
  expect(coordinator.sync({ memberId: leader }).answer.error).toBe('UNKNOWN_MEMBER_ID');
});

test('a group that was deleted is gone', () => {
  const coordinator = new Coordinator();
  coordinator.newMemberId();
  coordinator.deleteGroups('g');
  coordinator.reload();
  expect(coordinator.machine.list()).toEqual([]);
});

test('values of version 0 have no rebalance timeout and no timestamp', () => {
  const [only] = [member('m')];
  const coordinator = loadedFrom({
    type: 'groupMetadata',
    key: { group: 'g' },
    value: {
      version: 0,
      data: { protocolType: 'consumer', generation: 1, protocol: 'range', leader: 'm', members: [only!] },
    },
  });
  coordinator.joinTwice({ rebalanceTimeoutMs: 1_000 });
  expect(coordinator.state).toBe('PreparingRebalance');
  expect(coordinator.dueIn('join:g')).toBe(10_000);
});

test.each([
  ['an id twice', [member('m'), member('m')], {}, 1],
  ['an instance twice', [member('m', 'i'), member('n', 'i')], {}, 1],
  ['a leader that is no member', [member('m'), member('n')], { leader: 'x' }, 2],
  ['no leader', [member('m')], { leader: null }, 1],
  ['no protocol', [member('m')], { protocol: null }, 1],
])('what no coordinator writes is made the best of: %s', (_, members, more, size) => {
  const coordinator = loadedFrom(group(members, more));
  expect(coordinator.machine.describe('g').members).toHaveLength(size);
  coordinator.advance(100_000);
  expect(coordinator.state).toBe('Empty');
});

test('subscriptions are those of the loaded members', () => {
  const subscribed = { ...member('m'), subscription: subscription('t') };
  const coordinator = loadedFrom(group([subscribed]));
  coordinator.commitOffset({ memberId: 'm', generationId: 7 });
  const asked = coordinator.ask<{ errors: readonly string[] }>((machine, turn, slot) =>
    machine.deleteOffsets(turn, slot as never, { groupId: 'g', partitions: [{ topic: 't', partition: 0 }] }),
  );
  expect(asked.answer.errors).toEqual(['GROUP_SUBSCRIBED_TO_TOPIC']);
});
