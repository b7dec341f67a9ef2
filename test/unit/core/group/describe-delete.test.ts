import { describe, expect, test } from 'vitest';
import { Coordinator } from '../../../support/groups.ts';

describe('DescribeGroups', () => {
  test('tells the members of a stable group with metadata and assignment', () => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1, { clientId: 'me', clientHost: '/1.2.3.4' });
    expect(coordinator.machine.describe('g')).toEqual({
      error: 'NONE',
      message: null,
      groupId: 'g',
      state: 'Stable',
      protocolType: 'consumer',
      protocol: 'range',
      members: [
        {
          memberId,
          groupInstanceId: null,
          clientId: 'me',
          clientHost: '/1.2.3.4',
          metadata: Uint8Array.of(1),
          assignment: Uint8Array.of(0),
        },
      ],
    });
  });

  test('tells neither protocol nor metadata while the group rebalances; assignments are those of before', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(2);
    coordinator.join({ memberId: leader });
    const described = coordinator.machine.describe('g');
    expect(described).toMatchObject({ state: 'PreparingRebalance', protocolType: 'consumer', protocol: '' });
    expect(described.members.map(({ metadata }) => metadata)).toEqual([new Uint8Array(0), new Uint8Array(0)]);
    expect(described.members.map(({ assignment }) => assignment)).toEqual([Uint8Array.of(0), Uint8Array.of(1)]);
  });

  test('of a group that is not there is Dead, with a message', () => {
    expect(new Coordinator().machine.describe('x')).toEqual({
      error: 'GROUP_ID_NOT_FOUND',
      message: 'Group x not found.',
      groupId: 'x',
      state: 'Dead',
      protocolType: '',
      protocol: '',
      members: [],
    });
  });

  test('of a simple group is Empty, without a type', () => {
    const coordinator = new Coordinator();
    coordinator.commitOffset();
    expect(coordinator.machine.describe('g')).toMatchObject({ error: 'NONE', state: 'Empty', protocolType: '' });
  });
});

test('ListGroups tells of every group, whatever its state', () => {
  const coordinator = new Coordinator();
  coordinator.stable(1);
  coordinator.join({ groupId: 'new' });
  coordinator.commitOffset({ groupId: 'simple' });
  expect([...coordinator.machine.list()].sort((a, b) => (a.groupId < b.groupId ? -1 : 1))).toEqual([
    { groupId: 'g', protocolType: 'consumer', state: 'Stable', type: 'classic' },
    { groupId: 'new', protocolType: '', state: 'Empty', type: 'classic' },
    { groupId: 'simple', protocolType: '', state: 'Empty', type: 'classic' },
  ]);
});

describe('DeleteGroups', () => {
  test('answers in the order asked, for each what became of it', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1);
    coordinator.join({ groupId: 'empty' });
    coordinator.commitOffset({ groupId: 'simple' });
    expect(coordinator.deleteGroups('g', 'x', 'empty', 'simple', 'empty').answer).toEqual([
      'NON_EMPTY_GROUP',
      'GROUP_ID_NOT_FOUND',
      'NONE',
      'NONE',
      'NONE',
    ]);
    expect(coordinator.machine.list().map(({ groupId }) => groupId)).toEqual(['g']);
    expect(
      coordinator.machine.fetchOffsets({
        groupId: 'simple',
        memberId: null,
        memberEpoch: -1,
        partitions: null,
        requireStable: false,
      }),
    ).toMatchObject({ partitions: [] });
  });

  test('forgets ids that were given out', () => {
    const coordinator = new Coordinator();
    const memberId = coordinator.newMemberId();
    coordinator.deleteGroups('g');
    expect(coordinator.join({ memberId }).answer.error).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.timerKeys.filter(key => key.startsWith('session'))).toEqual([]);
  });

  test.each(['PreparingRebalance', 'CompletingRebalance'])('refuses a group in %s', state => {
    const coordinator = new Coordinator();
    if (state === 'PreparingRebalance') coordinator.joinTwice();
    else coordinator.completing(1);
    expect(coordinator.state).toBe(state);
    expect(coordinator.deleteGroups('g').answer).toEqual(['NON_EMPTY_GROUP']);
  });

  test('lets a group begin anew', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(1);
    coordinator.leave({ memberId: leader });
    coordinator.deleteGroups('g');
    const { asked } = coordinator.joinTwice();
    coordinator.advance(3_000);
    expect(asked.answer.generationId).toBe(1);
  });
});
