// What the offsets of a group may ask of its membership: who may commit, what is subscribed, from when on offsets expire.
import { describe, expect, test } from 'vitest';
import type { OffsetDeleteReply } from '../../../../src/core/group/asks.ts';
import { OffsetsView } from '../../../../src/core/group/offsets-view.ts';
import { groupsOf } from '../../../support/group-invariants.ts';
import { Coordinator, named, subscription } from '../../../support/groups.ts';

const viewOf = (coordinator: Coordinator): OffsetsView => new OffsetsView(groupsOf(coordinator));
const consumer = { protocols: [{ name: 'range', metadata: subscription('t') }] };

const deleted = (coordinator: Coordinator, topic: string): OffsetDeleteReply =>
  coordinator.ask<OffsetDeleteReply>((machine, turn, slot) =>
    machine.deleteOffsets(turn, slot, { groupId: 'g', partitions: [{ topic, partition: 0 }] }),
  ).answer;

describe('a commit', () => {
  test.each([
    ['of the member', {}, 'NONE'],
    ['of a stranger', { memberId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['without a member', { memberId: '' }, 'UNKNOWN_MEMBER_ID'],
    ['without a member and generation', { memberId: '', generationId: -1 }, 'UNKNOWN_MEMBER_ID'],
    ['without a generation', { generationId: -1 }, 'ILLEGAL_GENERATION'],
    ['of an earlier generation', { generationId: 0 }, 'ILLEGAL_GENERATION'],
    ['of a later generation', { generationId: 2 }, 'ILLEGAL_GENERATION'],
    ['of an unknown instance', { groupInstanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['of an unknown instance without a generation', { generationId: -1, groupInstanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
  ] as const)('%s to a stable group: %s', (_, ask, error) => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1);
    expect(coordinator.commitOffset({ memberId, generationId: 1, ...ask }).answer.errors).toEqual([error]);
  });

  test('is put off while the generation completes, and taken from the one before while a rebalance prepares', () => {
    const coordinator = new Coordinator();
    const [leader, follower] = coordinator.completing(2);
    const commit = () => coordinator.commitOffset({ memberId: follower, generationId: 1 }).answer.errors;
    expect(commit()).toEqual(['REBALANCE_IN_PROGRESS']);
    coordinator.sync({ memberId: leader });
    expect(commit()).toEqual(['NONE']);
    coordinator.join({ memberId: leader });
    expect(coordinator.state).toBe('PreparingRebalance');
    expect(commit()).toEqual(['NONE']);
  });

  test('keeps the session', () => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1);
    coordinator.advance(44_999);
    coordinator.commitOffset({ memberId, generationId: 1 });
    coordinator.advance(44_999);
    expect(coordinator.state).toBe('Stable');
    coordinator.advance(1);
    expect(coordinator.state).toBe('Empty');
  });

  test('to an empty group needs no member, and knows none', () => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1);
    coordinator.leave({ memberId });
    expect(coordinator.commitOffset().answer.errors).toEqual(['NONE']);
    expect(coordinator.commitOffset({ memberId, generationId: 2 }).answer.errors).toEqual(['UNKNOWN_MEMBER_ID']);
  });

  test('to no group makes a simple one, unless it names a generation', () => {
    const coordinator = new Coordinator();
    expect(coordinator.commitOffset({ generationId: 1 }).answer.errors).toEqual(['GROUP_ID_NOT_FOUND']);
    expect(coordinator.machine.list()).toEqual([]);
    expect(coordinator.commitOffset().answer.errors).toEqual(['NONE']);
    expect(coordinator.machine.list()).toHaveLength(1);
  });
});

describe('OffsetDelete', () => {
  test('spares what a consumer is subscribed to, and nothing else', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1, consumer);
    expect(deleted(coordinator, 't')).toEqual({ error: 'NONE', errors: ['GROUP_SUBSCRIBED_TO_TOPIC'] });
    expect(deleted(coordinator, 'other')).toEqual({ error: 'NONE', errors: ['NONE'] });
  });

  test('spares everything while subscriptions cannot be read', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1);
    expect(deleted(coordinator, 'other').errors).toEqual(['GROUP_SUBSCRIBED_TO_TOPIC']);
  });

  test('is refused by a group of another protocol that has members', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1, { protocolType: 'connect' });
    expect(deleted(coordinator, 't').error).toBe('NON_EMPTY_GROUP');
  });

  test('knows no group that is not there', () => {
    expect(deleted(new Coordinator(), 't').error).toBe('GROUP_ID_NOT_FOUND');
  });
});

describe('the retention of offsets counts', () => {
  test('from their commits in a simple group', () => {
    const coordinator = new Coordinator();
    coordinator.commitOffset();
    expect(viewOf(coordinator).retentionStart('g')).toEqual({ kind: 'commit' });
  });

  test('from their commits in a stable group whose subscriptions are known', () => {
    const coordinator = new Coordinator();
    coordinator.stable(1, consumer);
    expect(viewOf(coordinator).retentionStart('g')).toEqual({ kind: 'commit' });
  });

  test('never while the group rebalances, or nobody knows what it reads', () => {
    const coordinator = new Coordinator();
    const [leader] = coordinator.stable(2, consumer);
    coordinator.join({ memberId: leader, ...consumer });
    expect(viewOf(coordinator).retentionStart('g')).toEqual({ kind: 'never' });
    for (const ask of [{ protocolType: 'connect' }, { protocols: [named('range', [])] }]) {
      const other = new Coordinator();
      other.stable(1, ask);
      expect(viewOf(other).retentionStart('g')).toEqual({ kind: 'never' });
    }
  });

  test('from the time the last member left, also after it was loaded', () => {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1, consumer);
    coordinator.advance(1_000);
    coordinator.leave({ memberId });
    const empty = { kind: 'empty', sinceMs: coordinator.nowMs };
    coordinator.advance(1_000);
    expect(viewOf(coordinator).retentionStart('g')).toEqual(empty);
    coordinator.reload();
    expect(viewOf(coordinator).retentionStart('g')).toEqual(empty);
  });
});

describe('a group at rest', () => {
  function loaded(): Coordinator {
    const coordinator = new Coordinator();
    const [memberId] = coordinator.stable(1, consumer);
    coordinator.leave({ memberId });
    coordinator.reload();
    return coordinator;
  }

  test('is not moved by what its offsets need to know', () => {
    const coordinator = loaded();
    const view = viewOf(coordinator);
    expect(coordinator.commitOffset({ memberId: 'x', generationId: 2 }).answer.errors).toEqual(['UNKNOWN_MEMBER_ID']);
    expect(coordinator.commitOffset().answer.errors).toEqual(['NONE']);
    expect(view.isSubscribed('g', 't')).toBe(false);
    expect(view.validateOffsetDelete('g')).toBe('NONE');
    expect(view.retentionStart('g')).toEqual({ kind: 'empty', sinceMs: coordinator.nowMs });
    expect(groupsOf(coordinator).findLive('g')).toBeUndefined();
  });

  test('goes with its offsets', () => {
    const coordinator = loaded();
    coordinator.commitOffset();
    coordinator.advance(700_000_000);
    expect(coordinator.machine.list()).toEqual([]);
  });
});

test('a group whose offsets have expired goes, if it has no members', () => {
  const coordinator = new Coordinator();
  coordinator.commitOffset();
  coordinator.advance(700_000_000);
  expect(coordinator.machine.list()).toEqual([]);
  const [memberId] = coordinator.stable(1, { ...consumer, sessionTimeoutMs: 1_800_000 });
  for (let day = 0; day < 8 * 24 * 2; day++) {
    coordinator.advance(1_799_999);
    coordinator.heartbeat({ memberId });
  }
  expect(coordinator.state).toBe('Stable');
});
