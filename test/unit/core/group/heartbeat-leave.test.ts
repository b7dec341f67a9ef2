import { describe, expect, test } from 'vitest';
import { Coordinator } from '../../../support/groups.ts';

describe('Heartbeat', () => {
  test.each([
    ['an unknown group', { groupId: 'other' }, 'UNKNOWN_MEMBER_ID'],
    ['an unknown member', { memberId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['an unknown instance', { groupInstanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['a generation before', { generationId: 0 }, 'ILLEGAL_GENERATION'],
    ['a generation to come', { generationId: 2 }, 'ILLEGAL_GENERATION'],
    ['no generation', { generationId: -1 }, 'ILLEGAL_GENERATION'],
    ['all of it right', {}, 'NONE'],
  ] as const)('%s', (_, ask, error) => {
    for (const stable of [true, false]) {
      const coordinator = new Coordinator();
      const [memberId] = stable ? coordinator.stable(1) : coordinator.completing(1);
      expect(coordinator.heartbeat({ memberId, ...ask })).toBe(error);
    }
  });

  test('of an id that has not joined yet is unknown', () => {
    const coordinator = new Coordinator();
    expect(coordinator.heartbeat({ memberId: coordinator.newMemberId(), generationId: 0 })).toBe('UNKNOWN_MEMBER_ID');
  });

  test('in time keeps the session for ever', () => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1);
    for (let beat = 0; beat < 10; beat++) {
      coordinator.advance(44_999);
      expect(coordinator.heartbeat({ memberId })).toBe('NONE');
    }
  });

  test('with a wrong generation does not keep it', () => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1);
    coordinator.advance(44_999);
    coordinator.heartbeat({ memberId, generationId: 7 });
    coordinator.advance(1);
    expect(coordinator.state).toBe('Empty');
  });
});

describe('LeaveGroup', () => {
  test('of one member begins a rebalance, of the last one leaves an empty group', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.stable(2);
    expect(coordinator.leave({ memberId: follower }).answer).toEqual({
      error: 'NONE',
      members: [{ memberId: follower, groupInstanceId: null, error: 'NONE' }],
    });
    expect(coordinator.heartbeat({ memberId: leader })).toBe('REBALANCE_IN_PROGRESS');
    coordinator.leave({ memberId: leader });
    expect(coordinator.state).toBe('Empty');
    expect(coordinator.timerKeys.filter(key => key.startsWith('session'))).toEqual([]);
  });

  test('of the last one awaited completes the rebalance', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.stable(2);
    const joining = coordinator.join({ memberId: leader });
    coordinator.leave({ memberId: follower });
    expect(joining.answer.members).toHaveLength(1);
  });

  test('of the leader makes another one', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.stable(2);
    coordinator.leave({ memberId: leader });
    expect(coordinator.join({ memberId: follower }).answer).toMatchObject({ generationId: 2, leader: follower });
  });

  test('answers whoever waits in the name of the member', () => {
    const coordinator = new Coordinator();
    const [, follower] = coordinator.completing(2);
    const syncing = coordinator.sync({ memberId: follower });
    coordinator.leave({ memberId: follower });
    expect(syncing.answer.error).toBe('UNKNOWN_MEMBER_ID');
    const joining = coordinator.joinTwice();
    coordinator.leave({ memberId: joining.memberId });
    expect(joining.asked.answer).toMatchObject({ error: 'UNKNOWN_MEMBER_ID', memberId: '' });
  });

  test('of many at once says for each what became of it', () => {
    const coordinator = new Coordinator();
    const joining = ['a', 'b', 'c'].map(groupInstanceId => coordinator.join({ groupInstanceId }));
    const { memberId: dynamic } = coordinator.joinTwice();
    const pending = coordinator.newMemberId();
    coordinator.leave({ memberId: pending });
    coordinator.advance(6_000);
    const [a, b] = joining.map(asked => asked.answer.memberId) as [string, string];
    const other = coordinator.newMemberId();
    const { answer } = coordinator.leave(
      { groupInstanceId: 'a' },
      { memberId: b, groupInstanceId: 'b' },
      { memberId: 'x', groupInstanceId: 'c' },
      { groupInstanceId: 'nobody' },
      {},
      { memberId: a },
      { memberId: dynamic },
      { memberId: other, groupInstanceId: 'ignored' },
    );
    expect(answer.members.map(({ error }) => error)).toEqual([
      'NONE',
      'NONE',
      'FENCED_INSTANCE_ID',
      'UNKNOWN_MEMBER_ID',
      'UNKNOWN_MEMBER_ID',
      'UNKNOWN_MEMBER_ID',
      'NONE',
      'NONE',
    ]);
    expect(answer.members[0]).toEqual({ memberId: '', groupInstanceId: 'a', error: 'NONE' });
    expect(coordinator.machine.describe('g').members).toHaveLength(1);
  });

  test('of an id that has not joined yet gives it back, and begins nothing', () => {
    const coordinator = new Coordinator();
    const memberId = coordinator.newMemberId();
    expect(coordinator.leave({ memberId }).answer.members[0]!.error).toBe('NONE');
    expect(coordinator.state).toBe('Empty');
    expect(coordinator.join({ memberId }).answer.error).toBe('UNKNOWN_MEMBER_ID');
  });

  test('of nobody who is there changes nothing', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(1);
    coordinator.leave({ memberId: 'x' });
    expect(coordinator.heartbeat({ memberId: leader })).toBe('NONE');
  });

  test('of an unknown group: each is unknown', () => {
    const coordinator = new Coordinator();
    expect(coordinator.leave({ memberId: 'x' }, { groupInstanceId: 'y' }).answer).toEqual({
      error: 'NONE',
      members: [
        { memberId: 'x', groupInstanceId: null, error: 'UNKNOWN_MEMBER_ID' },
        { memberId: '', groupInstanceId: 'y', error: 'UNKNOWN_MEMBER_ID' },
      ],
    });
  });
});
