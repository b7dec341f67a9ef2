// Static membership: KIP-345, and KIP-814 for what its leader need not do again.
import { describe, expect, test } from 'vitest';
import { Coordinator, named } from '../../../support/groups.ts';

/** Two static members 'a' (the leader) and 'b', stable. */
function stable(): { coordinator: Coordinator; a: string; b: string } {
  const coordinator = new Coordinator();
  const joining = ['a', 'b'].map(groupInstanceId => coordinator.join({ groupInstanceId }));
  coordinator.advance(6_000);
  const [a, b] = joining.map(asked => asked.answer.memberId) as [string, string];
  coordinator.assign([a, b], 1);
  expect(coordinator.state).toBe('Stable');
  return { coordinator, a, b };
}

test('a static member joins without the detour over an id', () => {
  const coordinator = new Coordinator();
  const joining = coordinator.join({ groupInstanceId: 'a', clientId: 'c' });
  coordinator.advance(3_000);
  expect(joining.answer).toMatchObject({ error: 'NONE', members: [{ groupInstanceId: 'a' }] });
  expect(joining.answer.memberId).toMatch(/^a-[0-9a-f-]{36}$/);
});

describe('coming back without an id to a stable group', () => {
  test('the leader is told so and need not assign; nobody else notices', () => {
    const { coordinator, a, b } = stable();
    const reply = coordinator.join({ groupInstanceId: 'a' }).answer;
    expect(reply).toMatchObject({ error: 'NONE', generationId: 1, skipAssignment: true, leader: reply.memberId });
    expect(reply.memberId).not.toBe(a);
    expect(reply.members.map(({ memberId }) => memberId).sort()).toEqual([b, reply.memberId].sort());
    expect(coordinator.heartbeat({ memberId: b })).toBe('NONE');
    const sync = coordinator.sync({ memberId: reply.memberId, groupInstanceId: 'a' }).answer;
    expect(sync.assignment).toEqual(Uint8Array.of(0));
  });

  test('the leader of a client without KIP-814 is told of its former self, and so does not assign', () => {
    const { coordinator, a } = stable();
    const reply = coordinator.join({ groupInstanceId: 'a', supportsSkippingAssignment: false }).answer;
    expect(reply).toMatchObject({ error: 'NONE', generationId: 1, skipAssignment: false, leader: a, members: [] });
  });

  test('a follower is told of the generation', () => {
    const { coordinator, a, b } = stable();
    const reply = coordinator.join({ groupInstanceId: 'b' }).answer;
    expect(reply).toMatchObject({ error: 'NONE', generationId: 1, skipAssignment: false, leader: a, members: [] });
    expect(reply.memberId).not.toBe(b);
    expect(coordinator.sync({ memberId: reply.memberId, groupInstanceId: 'b' }).answer.assignment).toEqual(
      Uint8Array.of(1),
    );
  });

  test('the new id is stored, the rest as it was', () => {
    const { coordinator, b } = stable();
    const { memberId } = coordinator.join({ groupInstanceId: 'a' }).answer;
    const last = coordinator.records.at(-1)!;
    expect(last).toMatchObject({ type: 'groupMetadata', value: { data: { generation: 1, leader: memberId } } });
    coordinator.reload();
    expect(coordinator.heartbeat({ memberId, groupInstanceId: 'a' })).toBe('NONE');
    expect(coordinator.heartbeat({ memberId: b, groupInstanceId: 'b' })).toBe('NONE');
  });

  test('with protocols that change the choice begins a rebalance', () => {
    const coordinator = new Coordinator();
    const protocols = [named('range'), named('sticky')];
    const joining = coordinator.join({ groupInstanceId: 'a', protocols });
    coordinator.advance(3_000);
    coordinator.assign([joining.answer.memberId], 1);
    const again = coordinator.join({ groupInstanceId: 'a', protocols: [...protocols].reverse() });
    expect(again.answer).toMatchObject({ error: 'NONE', generationId: 2, protocolName: 'sticky' });
  });

  test('keeps the session from running out', () => {
    const { coordinator, b } = stable();
    coordinator.advance(40_000);
    coordinator.heartbeat({ memberId: b, groupInstanceId: 'b' });
    const { memberId } = coordinator.join({ groupInstanceId: 'a' }).answer;
    coordinator.advance(40_000);
    expect(coordinator.heartbeat({ memberId, groupInstanceId: 'a' })).toBe('NONE');
  });
});

describe('the former self', () => {
  test('is fenced with its instance id, and unknown without', () => {
    const { coordinator, a } = stable();
    coordinator.join({ groupInstanceId: 'a' });
    expect(coordinator.heartbeat({ memberId: a, groupInstanceId: 'a' })).toBe('FENCED_INSTANCE_ID');
    expect(coordinator.heartbeat({ memberId: a })).toBe('UNKNOWN_MEMBER_ID');
    expect(coordinator.sync({ memberId: a, groupInstanceId: 'a' }).answer.error).toBe('FENCED_INSTANCE_ID');
    expect(coordinator.join({ memberId: a, groupInstanceId: 'a' }).answer).toMatchObject({
      error: 'FENCED_INSTANCE_ID',
      memberId: a,
    });
    expect(coordinator.leave({ memberId: a, groupInstanceId: 'a' }).answer.members[0]!.error).toBe(
      'FENCED_INSTANCE_ID',
    );
    const commit = coordinator.commitOffset({ memberId: a, groupInstanceId: 'a', generationId: 1 });
    expect(commit.answer.errors).toEqual(['FENCED_INSTANCE_ID']);
  });

  test('is told at once when it waits in a JoinGroup', () => {
    const { coordinator, a, b } = stable();
    const waiting = coordinator.join({ groupInstanceId: 'a', memberId: a });
    const taking = coordinator.join({ groupInstanceId: 'a' });
    expect(waiting.answer).toMatchObject({ error: 'FENCED_INSTANCE_ID', memberId: a });
    coordinator.join({ groupInstanceId: 'b', memberId: b });
    expect(taking.answer).toMatchObject({ error: 'NONE', generationId: 2 });
  });

  test('is told at once when it waits in a SyncGroup; the generation is begun anew', () => {
    const coordinator = new Coordinator();
    const joining = ['a', 'b'].map(groupInstanceId => coordinator.join({ groupInstanceId }));
    coordinator.advance(6_000);
    const [a, b] = joining.map(asked => asked.answer.memberId) as [string, string];
    const waiting = coordinator.sync({ memberId: b, groupInstanceId: 'b' });
    const taking = coordinator.join({ groupInstanceId: 'b' });
    expect(waiting.answer.error).toBe('FENCED_INSTANCE_ID');
    expect(coordinator.state).toBe('PreparingRebalance');
    coordinator.join({ groupInstanceId: 'a', memberId: a });
    expect(taking.answer).toMatchObject({ error: 'NONE', generationId: 2, leader: a });
  });
});

test('an instance id that nobody has is unknown', () => {
  const { coordinator, a } = stable();
  expect(coordinator.heartbeat({ memberId: a, groupInstanceId: 'z' })).toBe('UNKNOWN_MEMBER_ID');
  expect(coordinator.join({ memberId: a, groupInstanceId: 'z' }).answer.error).toBe('UNKNOWN_MEMBER_ID');
});

test('a static member that is away keeps its place over a rebalance, until its session ends', () => {
  const { coordinator, a } = stable();
  const session = { sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 30_000 };
  coordinator.join({ groupInstanceId: 'a', memberId: a, ...session });
  // 'b' is away: the longest rebalance timeout is its own.
  coordinator.heartbeat({ memberId: coordinator.machine.describe('g').members[1]!.memberId, groupInstanceId: 'b' });
  expect(coordinator.state).toBe('PreparingRebalance');
  coordinator.advance(44_999);
  expect(coordinator.machine.describe('g').members).toHaveLength(2);
  coordinator.advance(1);
  expect(coordinator.machine.describe('g')).toMatchObject({
    state: 'CompletingRebalance',
    members: [{ groupInstanceId: 'a' }],
  });
});

test('a replaced member that has not synced is waited for under its new id', () => {
  const coordinator = new Coordinator();
  const session = { sessionTimeoutMs: 1_000_000, rebalanceTimeoutMs: 60_000 };
  const joining = ['a', 'b'].map(groupInstanceId => coordinator.join({ groupInstanceId, ...session }));
  coordinator.advance(6_000);
  const [a] = joining.map(asked => asked.answer.memberId) as [string];
  coordinator.sync({ memberId: a, groupInstanceId: 'a' });
  const { memberId } = coordinator.join({ groupInstanceId: 'b', ...session }).answer;
  expect(coordinator.sync({ memberId, groupInstanceId: 'b' }).answer.error).toBe('NONE');
  coordinator.advance(100_000);
  expect(coordinator.state).toBe('Stable');
});
