import { describe, expect, test } from 'vitest';
import { Coordinator, rebalanceTimeoutMs } from '../../../support/groups.ts';

describe('the initial delay', () => {
  test('begins anew while members come, up to the rebalance timeout', () => {
    const coordinator = new Coordinator();
    const first = coordinator.joinTwice({ rebalanceTimeoutMs: 7_000 }).asked;
    coordinator.advance(1_000);
    coordinator.joinTwice({ rebalanceTimeoutMs: 7_000 });
    coordinator.advance(2_000);
    expect(first.isParked).toBe(true);
    coordinator.advance(1_500);
    coordinator.joinTwice({ rebalanceTimeoutMs: 7_000 });
    coordinator.advance(1_500);
    // 4 s were left behind the first delay, 1 s behind the second.
    expect(first.isParked).toBe(true);
    coordinator.joinTwice({ rebalanceTimeoutMs: 7_000 });
    coordinator.advance(999);
    expect(first.isParked).toBe(true);
    coordinator.advance(1);
    expect(first.answer.generationId).toBe(1);
    expect(first.answer.members).toHaveLength(4);
  });

  test('ends at once when nobody came', () => {
    const coordinator = new Coordinator();
    const { asked } = coordinator.joinTwice();
    coordinator.advance(3_000);
    expect(asked.answer.error).toBe('NONE');
  });

  test('is not extended for who came to an earlier one', () => {
    const coordinator = new Coordinator();
    const members = [coordinator.joinTwice(), coordinator.joinTwice({ rebalanceTimeoutMs: 3_000 })];
    coordinator.leave(...members.map(({ memberId }) => ({ memberId })));
    coordinator.advance(6_000);
    const early = coordinator.joinTwice({ rebalanceTimeoutMs: 3_000 });
    coordinator.joinTwice({ rebalanceTimeoutMs: 3_000 });
    coordinator.advance(3_000);
    coordinator.leave(
      { memberId: early.memberId },
      ...coordinator.machine.describe('g').members.map(({ memberId }) => ({ memberId })),
    );
    expect(coordinator.state).toBe('Empty');
    const { asked } = coordinator.joinTwice();
    coordinator.advance(3_000);
    expect(asked.answer.error).toBe('NONE');
  });

  test('of none lets the first member begin alone, and the next ones rebalance', () => {
    const coordinator = new Coordinator({ initialRebalanceDelayMs: 0 });
    const first = coordinator.joinTwice();
    coordinator.advance(0);
    expect(first.asked.answer.generationId).toBe(1);
    const second = coordinator.joinTwice();
    expect(second.asked.isParked).toBe(true);
    coordinator.join({ memberId: first.memberId });
    expect(second.asked.answer).toMatchObject({ generationId: 2, leader: first.memberId, members: [] });
  });

  test('is given even if everybody has left: the group is empty then, and says so in the log', () => {
    const coordinator = new Coordinator();
    const { memberId, asked } = coordinator.joinTwice();
    coordinator.leave({ memberId });
    expect(asked.answer.error).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.state).toBe('PreparingRebalance');
    coordinator.advance(3_000);
    expect(coordinator.state).toBe('Empty');
    expect(coordinator.records.at(-1)).toMatchObject({
      value: { data: { generation: 1, protocolType: 'consumer', protocol: null, leader: null, members: [] } },
    });
  });
});

describe('a rebalance', () => {
  test('waits for all members, and not longer', () => {
    const coordinator = new Coordinator();
    const members = coordinator.stable(3);
    const joining = members.map(memberId => coordinator.join({ memberId }));
    for (const asked of joining) expect(asked.answer).toMatchObject({ generationId: 2, leader: members[0] });
  });

  test('waits for ids that were given out', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(1);
    const pending = coordinator.newMemberId();
    const joining = coordinator.join({ memberId: leader });
    expect(joining.isParked).toBe(true);
    coordinator.join({ memberId: pending });
    expect(joining.answer.members).toHaveLength(2);
  });

  test('does not wait for one of them that has timed out', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(1);
    coordinator.newMemberId({ sessionTimeoutMs: 10_000 });
    const joining = coordinator.join({ memberId: leader });
    coordinator.advance(9_999);
    expect(joining.isParked).toBe(true);
    coordinator.advance(1);
    expect(joining.answer.members).toHaveLength(1);
  });

  test('leaves behind who has not joined when the longest rebalance timeout is over', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.stable(2, { sessionTimeoutMs: 1_000_000 });
    const joining = coordinator.join({ memberId: leader, sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 10_000 });
    coordinator.advance(rebalanceTimeoutMs - 1);
    expect(joining.isParked).toBe(true);
    coordinator.advance(1);
    expect(joining.answer).toMatchObject({ generationId: 2, leader });
    expect(joining.answer.members).toHaveLength(1);
    expect(coordinator.heartbeat({ memberId: follower, generationId: 2 })).toBe('UNKNOWN_MEMBER_ID');
  });

  test('elects another leader when the old one does not join in time', () => {
    const coordinator = new Coordinator();
    const [, second, third] = coordinator.stable(3, { sessionTimeoutMs: 1_000_000 });
    const joining = [third, second].map(memberId =>
      coordinator.join({
        memberId,
        sessionTimeoutMs: 1_000_000,
        protocols: [{ name: 'range', metadata: Uint8Array.of(5) }],
      }),
    );
    coordinator.advance(rebalanceTimeoutMs);
    for (const asked of joining) expect(asked.answer).toMatchObject({ generationId: 2, leader: second });
    expect(joining[1]!.answer.members).toHaveLength(2);
    expect(joining[0]!.answer.members).toHaveLength(0);
  });

  test('of static members that are all away goes on waiting until their sessions end', () => {
    const coordinator = new Coordinator();
    coordinator.join({ groupInstanceId: 'a', sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 20_000 });
    coordinator.advance(3_000);
    const leader = coordinator.machine.describe('g').members[0]!.memberId;
    coordinator.sync({ memberId: leader, groupInstanceId: 'a' });
    const dynamic = coordinator.joinTwice({ rebalanceTimeoutMs: 20_000 });
    coordinator.leave({ memberId: dynamic.memberId });
    coordinator.advance(500_000);
    expect(coordinator.state).toBe('PreparingRebalance');
    coordinator.advance(600_000);
    expect(coordinator.state).toBe('Empty');
  });
});

describe('sessions', () => {
  test('that end take the member out and begin a rebalance', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.stable(2);
    coordinator.advance(44_000);
    expect(coordinator.heartbeat({ memberId: leader })).toBe('NONE');
    coordinator.advance(1_000);
    expect(coordinator.state).toBe('PreparingRebalance');
    expect(coordinator.heartbeat({ memberId: follower })).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.heartbeat({ memberId: leader })).toBe('REBALANCE_IN_PROGRESS');
  });

  test('do not end while the member waits for an answer', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(2, { sessionTimeoutMs: 100_000 });
    const joining = coordinator.join({ memberId: leader, sessionTimeoutMs: 10_000 });
    coordinator.advance(99_000);
    expect(joining.isParked).toBe(true);
    coordinator.advance(1_000);
    expect(joining.answer.members).toHaveLength(1);
    coordinator.sync({ memberId: leader, generationId: 2 });
    coordinator.advance(10_000);
    expect(coordinator.state).toBe('Empty');
  });

  test('that ended while the member waited begin again with its answer', () => {
    for (const isRebalance of [true, false]) {
      const coordinator = new Coordinator();
      const [leader, follower, third] = coordinator.completing(3, { sessionTimeoutMs: 10_000 });
      const waiting = [follower, third].map(memberId => coordinator.sync({ memberId }));
      coordinator.advance(6_000);
      coordinator.heartbeat({ memberId: leader });
      coordinator.advance(6_000);
      if (isRebalance) coordinator.leave({ memberId: leader });
      else coordinator.sync({ memberId: leader });
      for (const asked of waiting) expect(asked.answer.error).toBe(isRebalance ? 'REBALANCE_IN_PROGRESS' : 'NONE');
      coordinator.heartbeat({ memberId: follower });
      coordinator.advance(9_999);
      expect(coordinator.machine.describe('g').members.length).toBeGreaterThan(0);
      coordinator.advance(1);
      expect(coordinator.state).toBe('Empty');
    }
  });

  test('of new members that wait end after five minutes', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1, { sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 1_000_000 });
    const { asked } = coordinator.joinTwice();
    coordinator.advance(299_999);
    expect(asked.isParked).toBe(true);
    coordinator.advance(1);
    expect(asked.answer).toMatchObject({ error: 'UNKNOWN_MEMBER_ID', memberId: '' });
  });

  test('of the last member leave an empty group', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1);
    coordinator.advance(45_000);
    expect(coordinator.state).toBe('Empty');
    expect(coordinator.records.at(-1)).toMatchObject({ value: { data: { generation: 2, members: [] } } });
    expect(coordinator.timerKeys.filter(key => !key.startsWith('offset'))).toEqual([]);
  });
});

describe('a generation', () => {
  test('that nobody syncs in loses its members when the rebalance timeout is over', () => {
    const coordinator = new Coordinator();
    coordinator.completing(2, { sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 60_000 });
    coordinator.advance(60_000);
    expect(coordinator.state).toBe('Empty');
  });

  test('whose leader does not sync goes on without it', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.completing(2, { sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 60_000 });
    const waiting = coordinator.sync({ memberId: follower });
    coordinator.advance(60_000);
    expect(waiting.answer.error).toBe('REBALANCE_IN_PROGRESS');
    expect(coordinator.heartbeat({ memberId: leader })).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.join({ memberId: follower }).answer).toMatchObject({ generationId: 2, leader: follower });
  });

  test('whose follower does not sync is rebalanced without it', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.completing(2, { sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 60_000 });
    expect(coordinator.sync({ memberId: leader }).answer.error).toBe('NONE');
    coordinator.advance(59_000);
    expect(coordinator.state).toBe('Stable');
    coordinator.advance(1_000);
    expect(coordinator.state).toBe('PreparingRebalance');
  });
});
