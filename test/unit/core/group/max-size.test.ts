import { expect, test } from 'vitest';
import { Coordinator, rebalanceTimeoutMs } from '../../../support/groups.ts';

const refused = { error: 'GROUP_MAX_SIZE_REACHED', memberId: '' };

test('ids are given to any number of members, places are not', () => {
  const coordinator = new Coordinator({ maxSize: 2 });
  const pending = Array.from({ length: 4 }, () => coordinator.newMemberId());
  const joining = pending.map(memberId => coordinator.join({ memberId }));
  expect(joining.map(asked => asked.isParked)).toEqual([true, true, false, false]);
  for (const asked of joining.slice(2)) expect(asked.answer).toMatchObject(refused);
  coordinator.advance(6_000);
  expect(joining[0]!.answer.members).toHaveLength(2);
});

test('a full group refuses new members, with and without an id, and keeps its own', () => {
  const coordinator = new Coordinator({ maxSize: 2 });
  const [leader, follower] = coordinator.stable(2);
  expect(coordinator.join().answer).toMatchObject(refused);
  expect(coordinator.join({ requiresKnownMemberId: false }).answer).toMatchObject(refused);
  expect(coordinator.join({ memberId: follower }).answer).toMatchObject({ error: 'NONE', generationId: 1 });
  const joining = coordinator.join({ memberId: leader });
  expect(coordinator.join({ memberId: follower }).answer).toMatchObject({ error: 'NONE', generationId: 2 });
  expect(joining.answer.error).toBe('NONE');
});

test('whoever joins the rebalance first has a place', () => {
  const coordinator = new Coordinator({ maxSize: 2 });
  const [leader, follower] = coordinator.stable(2);
  const first = coordinator.join({ memberId: leader });
  const pending = coordinator.joinTwice();
  expect(pending.asked.isParked).toBe(true);
  expect(coordinator.join({ memberId: follower }).answer).toMatchObject(refused);
  // As in Kafka the others wait until something else happens, here: they ask again.
  expect(first.isParked).toBe(true);
  coordinator.join({ memberId: pending.memberId });
  expect(first.answer.members.map(({ memberId }) => memberId)).toEqual([leader, pending.memberId]);
});

test('the others of a full group begin when the time is up', () => {
  const coordinator = new Coordinator({ maxSize: 2 });
  const [leader] = coordinator.stable(1);
  const pending = [coordinator.newMemberId(), coordinator.newMemberId()];
  const joining = coordinator.join({ memberId: leader });
  coordinator.join({ memberId: pending[0]! });
  expect(coordinator.join({ memberId: pending[1]! }).answer).toMatchObject(refused);
  expect(joining.isParked).toBe(true);
  coordinator.advance(rebalanceTimeoutMs);
  expect(joining.answer.members).toHaveLength(2);
});

test('a group that is loaded larger than allowed rebalances, and the last ones are refused', () => {
  const before = new Coordinator();
  const members = before.stable(3);
  const coordinator = new Coordinator({ maxSize: 2 });
  coordinator.log = [...before.log];
  coordinator.nowMs = before.nowMs;
  coordinator.reload();
  expect(coordinator.state).toBe('PreparingRebalance');
  const joining = members.map(memberId => coordinator.join({ memberId }));
  expect(joining[2]!.answer).toMatchObject(refused);
  coordinator.advance(rebalanceTimeoutMs);
  expect(joining[0]!.answer.members).toHaveLength(2);
  expect(joining[1]!.answer.generationId).toBe(2);
});
