import { describe, expect, test } from 'vitest';
import { Coordinator, named } from '../../../support/groups.ts';

describe('a dynamic member', () => {
  test('is given an id first, then joins with it and is parked for the initial delay', () => {
    const coordinator = new Coordinator();
    const first = coordinator.join({ clientId: 'me' }).answer;
    expect(first).toMatchObject({ error: 'MEMBER_ID_REQUIRED', generationId: -1, protocolName: null, members: [] });
    expect(first.memberId).toMatch(/^me-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    const second = coordinator.join({ memberId: first.memberId });
    expect(second.isParked).toBe(true);
    expect(coordinator.state).toBe('PreparingRebalance');
    coordinator.advance(2_999);
    expect(second.isParked).toBe(true);
    coordinator.advance(1);
    expect(second.answer).toMatchObject({
      error: 'NONE',
      memberId: first.memberId,
      generationId: 1,
      protocolType: 'consumer',
      protocolName: 'range',
      leader: first.memberId,
      skipAssignment: false,
      members: [{ memberId: first.memberId, groupInstanceId: null, metadata: Uint8Array.of(1) }],
    });
  });

  test('of an old version joins at once', () => {
    const coordinator = new Coordinator();
    const joining = coordinator.join({ requiresKnownMemberId: false });
    expect(joining.isParked).toBe(true);
    coordinator.advance(3_000);
    expect(joining.answer).toMatchObject({ error: 'NONE', generationId: 1 });
  });

  test('with an id nobody gave is unknown, whether the group is or not', () => {
    const coordinator = new Coordinator();
    expect(coordinator.join({ memberId: 'x' }).answer).toMatchObject({ error: 'UNKNOWN_MEMBER_ID', memberId: 'x' });
    expect(coordinator.records).toEqual([]);
    coordinator.stable(1);
    expect(coordinator.join({ memberId: 'x' }).answer).toMatchObject({ error: 'UNKNOWN_MEMBER_ID', memberId: 'x' });
  });

  test('whose id has timed out is unknown', () => {
    const coordinator = new Coordinator();
    const memberId = coordinator.newMemberId();
    coordinator.advance(45_000);
    expect(coordinator.join({ memberId }).answer.error).toBe('UNKNOWN_MEMBER_ID');
  });

  test('cannot bring an instance id with the id it was given', () => {
    const coordinator = new Coordinator();
    const memberId = coordinator.newMemberId();
    expect(coordinator.join({ memberId, groupInstanceId: 'i' }).answer.error).toBe('UNKNOWN_SERVER_ERROR');
  });
});

describe('protocols', () => {
  test.each([
    ['no type', { protocolType: '' }],
    ['no protocols', { protocols: [] }],
  ])('a first member with %s is refused, and leaves an empty group behind', (_, ask) => {
    const coordinator = new Coordinator();
    expect(coordinator.join(ask).answer).toMatchObject({ error: 'INCONSISTENT_GROUP_PROTOCOL', memberId: '' });
    expect(coordinator.machine.list()).toEqual([{ groupId: 'g', protocolType: '', state: 'Empty', type: 'classic' }]);
  });

  test('another type than the group is refused', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1);
    expect(coordinator.join({ protocolType: 'connect' }).answer).toMatchObject({
      error: 'INCONSISTENT_GROUP_PROTOCOL',
      memberId: '',
    });
  });

  test('nothing that all members support is refused', () => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1, { protocols: [named('range'), named('sticky')] });
    expect(coordinator.join({ protocols: [named('other')] }).answer.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(coordinator.join({ memberId, protocols: [named('other')] }).answer).toMatchObject({
      error: 'INCONSISTENT_GROUP_PROTOCOL',
      memberId,
    });
    expect(coordinator.join({ protocols: [named('other'), named('sticky')] }).answer.error).toBe('MEMBER_ID_REQUIRED');
  });

  test('the one with most votes among those that all support is selected', () => {
    const coordinator = new Coordinator();
    const all = ['a', 'b', 'c'];
    const preferences = [
      ['only-mine', ...all],
      ['b', 'a', 'c'],
      ['b', 'c', 'a'],
    ];
    const joining = preferences.map(names => coordinator.joinTwice({ protocols: names.map(name => named(name)) }));
    coordinator.advance(10_000);
    expect(joining.map(({ asked }) => asked.answer.protocolName)).toEqual(['b', 'b', 'b']);
  });

  test('a name given twice counts once', () => {
    const coordinator = new Coordinator();
    const { asked } = coordinator.joinTwice({ protocols: [named('range', [1]), named('range', [2])] });
    coordinator.advance(3_000);
    expect(asked.answer).toMatchObject({ error: 'NONE', protocolName: 'range' });
    expect(asked.answer.members[0]!.metadata).toEqual(Uint8Array.of(1));
  });

  test('bytes of the request are not kept', () => {
    const coordinator = new Coordinator();
    const metadata = Uint8Array.of(7);
    const { asked } = coordinator.joinTwice({ protocols: [{ name: 'range', metadata }] });
    metadata[0] = 9;
    coordinator.advance(3_000);
    expect(asked.answer.members[0]!.metadata).toEqual(Uint8Array.of(7));
  });
});

describe('a member that joins again', () => {
  test('unchanged while the generation completes is told of it again, the leader with all members', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.completing(2);
    expect(coordinator.join({ memberId: leader }).answer).toMatchObject({ generationId: 1, leader });
    expect(coordinator.join({ memberId: leader }).answer.members).toHaveLength(2);
    expect(coordinator.join({ memberId: follower }).answer).toMatchObject({ generationId: 1, leader, members: [] });
    expect(coordinator.state).toBe('CompletingRebalance');
  });

  test.each([
    ['metadata', [named('range', [2])]],
    ['protocols', [named('range'), named('more')]],
  ])('with other %s while the generation completes begins a rebalance', (_, protocols) => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.completing(2);
    const waiting = coordinator.sync({ memberId: follower });
    const joining = coordinator.join({ memberId: leader, protocols });
    expect(waiting.answer).toMatchObject({ error: 'REBALANCE_IN_PROGRESS', protocolName: null });
    expect(joining.isParked).toBe(true);
    expect(coordinator.state).toBe('PreparingRebalance');
  });

  test('as a follower unchanged in a stable group is told of the generation', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.stable(2);
    expect(coordinator.join({ memberId: follower }).answer).toMatchObject({
      error: 'NONE',
      generationId: 1,
      leader,
      members: [],
    });
    expect(coordinator.state).toBe('Stable');
  });

  test('as a follower changed, or as the leader at all, begins a rebalance of a stable group', () => {
    for (const at of [0, 1]) {
      const coordinator = new Coordinator();
      const members = coordinator.stable(2);
      const protocols = [named('range', at === 0 ? [1] : [2])];
      const first = coordinator.join({ memberId: members[at]!, protocols });
      expect(coordinator.state).toBe('PreparingRebalance');
      const second = coordinator.join({ memberId: members[1 - at]! });
      expect(first.answer).toMatchObject({ error: 'NONE', generationId: 2, leader: members[0] });
      expect(second.answer).toMatchObject({ error: 'NONE', generationId: 2, leader: members[0] });
    }
  });

  test('twice at the same time is answered twice: the first may try again', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(2);
    const first = coordinator.join({ memberId: leader });
    const second = coordinator.join({ memberId: leader });
    expect(first.answer).toMatchObject({ error: 'REBALANCE_IN_PROGRESS', memberId: leader });
    expect(second.isParked).toBe(true);
  });
});

describe('the log', () => {
  test('has a new group before anybody is a member of it', () => {
    const coordinator = new Coordinator();
    coordinator.newMemberId();
    expect(coordinator.records).toMatchObject([
      {
        type: 'groupMetadata',
        key: { group: 'g' },
        value: { version: 3, data: { protocolType: '', generation: 0, protocol: null, leader: null, members: [] } },
      },
    ]);
    coordinator.newMemberId();
    expect(coordinator.records).toHaveLength(1);
  });
});
