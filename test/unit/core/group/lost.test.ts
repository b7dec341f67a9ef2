// What becomes of members whose group could not be stored, and what is seen of it before it is.
import { describe, expect, test } from 'vitest';
import type { JoinReply } from '../../../../src/core/group/asks.ts';
import { Coordinator } from '../../../support/groups.ts';
import type { Asked } from '../../../support/turn.ts';

describe('a new group', () => {
  test('is told of, and its first member answered, when it is stored', () => {
    const coordinator = new Coordinator();
    coordinator.held = true;
    const asked = coordinator.join();
    expect(asked).toMatchObject({ decided: true, told: undefined });
    expect(coordinator.machine.list()).toEqual([]);
    expect(coordinator.state).toBe('Dead');
    coordinator.commit();
    expect(asked.answer.error).toBe('MEMBER_ID_REQUIRED');
    expect(coordinator.machine.list()).toHaveLength(1);
  });

  test('that is lost is as if it had never been', () => {
    const coordinator = new Coordinator();
    coordinator.held = true;
    const parked = coordinator.join({ requiresKnownMemberId: false });
    const second = coordinator.join();
    coordinator.held = false;
    coordinator.lose('COORDINATOR_NOT_AVAILABLE');
    expect(parked.answer).toMatchObject({ error: 'COORDINATOR_NOT_AVAILABLE', memberId: '' });
    expect(second.refused).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(coordinator.state).toBe('Dead');
    expect(coordinator.timerKeys.filter(key => !key.startsWith('offset'))).toEqual([]);
    expect(coordinator.join({ memberId: 'x' }).answer.error).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.join().answer.error).toBe('MEMBER_ID_REQUIRED');
    expect(coordinator.records).toHaveLength(1);
  });
});

describe('an assignment', () => {
  test('is told of when it is stored', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.completing(2);
    const waiting = coordinator.sync({ memberId: follower });
    coordinator.held = true;
    const leading = coordinator.sync({ memberId: leader });
    expect([waiting.told, leading.told]).toEqual([undefined, undefined]);
    expect(coordinator.state).toBe('CompletingRebalance');
    coordinator.commit();
    expect([waiting.answer.error, leading.answer.error]).toEqual(['NONE', 'NONE']);
    expect(coordinator.state).toBe('Stable');
  });

  test('that is lost leaves a group that rebalances, and everybody is told the error', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.completing(2);
    const waiting = coordinator.sync({ memberId: follower });
    coordinator.held = true;
    const leading = coordinator.sync({ memberId: leader });
    const late = coordinator.sync({ memberId: follower });
    coordinator.held = false;
    coordinator.lose('NOT_COORDINATOR');
    for (const asked of [waiting, leading, late]) expect(asked.refused).toBe('NOT_COORDINATOR');
    expect(coordinator.state).toBe('PreparingRebalance');
    const joining = [leader, follower].map(memberId => coordinator.join({ memberId }));
    for (const asked of joining) expect(asked.answer).toMatchObject({ error: 'NONE', generationId: 2 });
    expect(coordinator.machine.describe('g').members[1]!.assignment).toEqual(new Uint8Array(0));
  });

  test('that is lost when the group has moved on already changes nothing', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.completing(2);
    coordinator.held = true;
    coordinator.sync({ memberId: leader });
    const joining = coordinator.join({ memberId: leader });
    coordinator.held = false;
    coordinator.lose('NOT_COORDINATOR');
    expect(joining.isParked).toBe(true);
    coordinator.join({ memberId: follower });
    expect(joining.answer.generationId).toBe(2);
  });
});

describe('a static member that takes over', () => {
  function takeOver(): { coordinator: Coordinator; before: string; asked: Asked<JoinReply> } {
    const coordinator = new Coordinator();
    const joining = coordinator.join({ groupInstanceId: 'a' });
    coordinator.advance(3_000);
    const before = joining.answer.memberId;
    coordinator.assign([before], 1);
    coordinator.held = true;
    return { coordinator, before, asked: coordinator.join({ groupInstanceId: 'a' }) };
  }

  test('is told when it is stored', () => {
    const { coordinator, asked } = takeOver();
    expect(asked.told).toBeUndefined();
    coordinator.commit();
    expect(asked.answer.error).toBe('NONE');
  });

  test('and is lost leaves the former self in place', () => {
    const { coordinator, before, asked } = takeOver();
    coordinator.held = false;
    coordinator.lose('COORDINATOR_NOT_AVAILABLE');
    expect(asked.refused).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(coordinator.heartbeat({ memberId: before, groupInstanceId: 'a' })).toBe('NONE');
    coordinator.advance(44_999);
    expect(coordinator.state).toBe('Stable');
    coordinator.advance(1);
    expect(coordinator.state).toBe('Empty');
  });

  test('and is lost twice leaves the first self in place', () => {
    const { coordinator, before } = takeOver();
    coordinator.join({ groupInstanceId: 'a' });
    coordinator.held = false;
    coordinator.lose('COORDINATOR_NOT_AVAILABLE');
    const members = coordinator.machine.describe('g').members.map(({ memberId }) => memberId);
    expect(members).toHaveLength(1);
    expect(coordinator.heartbeat({ memberId: members[0]!, groupInstanceId: 'a' })).toBe('NONE');
    expect(coordinator.join({ groupInstanceId: 'a' }).answer).toMatchObject({ error: 'NONE', generationId: 1 });
    expect(before).not.toBe('');
  });
});

describe('a deletion', () => {
  test('that is lost leaves the group as the log has it', () => {
    const coordinator = new Coordinator();
    coordinator.newMemberId();
    coordinator.held = true;
    const asked = coordinator.deleteGroups('g');
    expect(coordinator.join({ memberId: 'x' }).refused).toBeUndefined();
    coordinator.held = false;
    coordinator.lose('COORDINATOR_NOT_AVAILABLE');
    expect(asked.refused).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(coordinator.state).toBe('Empty');
    expect(coordinator.join().answer.error).toBe('MEMBER_ID_REQUIRED');
    expect(coordinator.records).toHaveLength(1);
  });

  test.each([
    ['with what its last member had said', false],
    ['with the group that took its place', true],
  ])('that is lost %s leaves no member unwatched', (_, isFollowed) => {
    const coordinator = new Coordinator();
    const [member] = coordinator.stable(1);
    coordinator.held = true;
    coordinator.leave({ memberId: member });
    coordinator.deleteGroups('g');
    if (isFollowed) coordinator.join({ requiresKnownMemberId: false });
    coordinator.held = false;
    coordinator.lose('COORDINATOR_NOT_AVAILABLE');
    // The log knows of no leaving: the member is there until its session ends.
    expect(coordinator.state).toBe('Stable');
    coordinator.advance(60_000);
    expect(coordinator.state).toBe('Empty');
  });
});
