import { expect, test } from 'vitest';
import { Coordinator } from '../../../support/groups.ts';

test('followers wait for the leader; everybody is given what the leader says', () => {
  const coordinator = new Coordinator();
  const [leader, second, third] = coordinator.completing(3);
  const waiting = [second, third].map(memberId => coordinator.sync({ memberId }));
  for (const asked of waiting) expect(asked.isParked).toBe(true);
  expect(coordinator.state).toBe('CompletingRebalance');
  const assignments = [
    { memberId: leader, assignment: Uint8Array.of(1) },
    { memberId: second, assignment: Uint8Array.of(9) },
    { memberId: second, assignment: Uint8Array.of(2) },
    { memberId: 'nobody', assignment: Uint8Array.of(3) },
  ];
  const leading = coordinator.sync({ memberId: leader, assignments });
  expect(coordinator.state).toBe('Stable');
  const given = { error: 'NONE', protocolType: 'consumer', protocolName: 'range' };
  expect(leading.answer).toEqual({ ...given, assignment: Uint8Array.of(1) });
  expect(waiting[0]!.answer).toEqual({ ...given, assignment: Uint8Array.of(2) });
  expect(waiting[1]!.answer).toEqual({ ...given, assignment: new Uint8Array(0) });
  expect(coordinator.records.at(-1)).toMatchObject({
    value: {
      version: 3,
      data: {
        protocolType: 'consumer',
        protocol: 'range',
        generation: 1,
        leader,
        currentStateTimestamp: coordinator.nowMs,
        members: [
          { memberId: leader, assignment: Uint8Array.of(1), sessionTimeout: 45_000, rebalanceTimeout: 300_000 },
          { memberId: second, assignment: Uint8Array.of(2), clientId: 'c', clientHost: '/127.0.0.1' },
          { memberId: third, assignment: new Uint8Array(0), subscription: Uint8Array.of(1), groupInstanceId: null },
        ],
      },
    },
  });
});

test('in a stable group everybody is given what is stored, the leader too: it cannot assign anew', () => {
  const coordinator = new Coordinator();
  const [leader, follower] = coordinator.stable(2);
  const assignments = [{ memberId: leader, assignment: Uint8Array.of(77) }];
  const before = coordinator.records.length;
  expect(coordinator.sync({ memberId: leader, assignments }).answer.assignment).toEqual(Uint8Array.of(0));
  expect(coordinator.sync({ memberId: follower }).answer.assignment).toEqual(Uint8Array.of(1));
  expect(coordinator.records).toHaveLength(before);
});

test.each([
  ['an unknown group', { groupId: 'other' }, 'UNKNOWN_MEMBER_ID'],
  ['an unknown member', { memberId: 'x' }, 'UNKNOWN_MEMBER_ID'],
  ['no member id', { memberId: '' }, 'UNKNOWN_MEMBER_ID'],
  ['an unknown instance', { groupInstanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
  ['a generation before', { generationId: 0 }, 'ILLEGAL_GENERATION'],
  ['a generation to come', { generationId: 2 }, 'ILLEGAL_GENERATION'],
  ['another protocol type', { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ['another protocol', { protocolName: 'sticky' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ['neither, as before version 5', { protocolType: null, protocolName: null }, 'NONE'],
] as const)('%s', (_, ask, error) => {
  for (const stable of [true, false]) {
    const coordinator = new Coordinator();
    const [leader] = stable ? coordinator.stable(1) : coordinator.completing(1);
    expect(coordinator.sync({ memberId: leader, ...ask }).answer).toMatchObject(
      error === 'NONE' ? { error } : { error, protocolType: null, protocolName: null, assignment: new Uint8Array(0) },
    );
  }
});

test('while the group rebalances everybody is told to join', () => {
  const coordinator = new Coordinator();
  const [leader, follower] = coordinator.stable(2);
  coordinator.join({ memberId: leader });
  expect(coordinator.sync({ memberId: follower }).answer.error).toBe('REBALANCE_IN_PROGRESS');
  expect(coordinator.sync({ memberId: follower, generationId: 0 }).answer.error).toBe('ILLEGAL_GENERATION');
});

test('of an empty group nobody is a member', () => {
  const coordinator = new Coordinator();
  const [leader] = coordinator.stable(1);
  coordinator.leave({ memberId: leader! });
  expect(coordinator.sync({ memberId: leader, generationId: 2 }).answer.error).toBe('UNKNOWN_MEMBER_ID');
});

test('asked twice at the same time is answered twice', () => {
  const coordinator = new Coordinator();
  const [leader, follower] = coordinator.completing(2);
  const first = coordinator.sync({ memberId: follower });
  const second = coordinator.sync({ memberId: follower });
  expect(first.answer.error).toBe('REBALANCE_IN_PROGRESS');
  coordinator.sync({ memberId: leader });
  expect(second.answer.error).toBe('NONE');
});

test('bytes of the request are not kept', () => {
  const coordinator = new Coordinator();
  const [leader] = coordinator.completing(1);
  const assignment = Uint8Array.of(5);
  coordinator.sync({ memberId: leader, assignments: [{ memberId: leader, assignment }] });
  assignment[0] = 6;
  expect(coordinator.sync({ memberId: leader }).answer.assignment).toEqual(Uint8Array.of(5));
});
