// Random clients of one group, and a log that loses what it likes: between any two turns the group is in order, every
// request is answered once, and when nobody comes any more nothing is left waiting.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JoinReply } from '../../src/core/group/asks.ts';
import type { ClassicGroup } from '../../src/core/group/classic-group.ts';
import type { ErrorName } from '../../src/protocol/errors.ts';
import { checkGroup, groupsOf, holds } from '../support/group-invariants.ts';
import { Coordinator, named } from '../support/groups.ts';
import type { Asked } from '../support/turn.ts';

const groupId = 'g';
const protocolSets = [['a'], ['a', 'b'], ['b', 'a'], ['b'], ['a', 'a'], ['c', 'a']];

type Command = (run: Run) => void;

class Run {
  readonly coordinator = new Coordinator({ maxSize: 4, initialRebalanceDelayMs: 500 });
  /** Every id that was ever given out. */
  readonly memberIds = ['', 'stranger'];
  joins: Asked<JoinReply>[] = [];
  private asked: { readonly isParked: boolean }[] = [];
  private group: ClassicGroup | undefined;
  private generation = 0;

  id(at: number): string {
    // The newest ones are the most interesting.
    return this.memberIds[Math.max(0, this.memberIds.length - 1 - at)]!;
  }

  get generationId(): number {
    return groupsOf(this.coordinator).findLive(groupId)?.generationId ?? 0;
  }

  keep(asked: { readonly isParked: boolean }): void {
    this.asked.push(asked);
  }

  learn(): void {
    for (const { told } of this.joins) {
      if (told !== undefined && told.memberId !== '' && !this.memberIds.includes(told.memberId)) {
        this.memberIds.push(told.memberId);
      }
    }
    this.joins = this.joins.filter(({ told, refused }) => told === undefined && refused === undefined);
  }

  /** Whoever waits when the coordinator moves is told by the runtime. */
  forgetWaiting(): void {
    this.asked = [];
    this.joins = [];
    this.generation = 0;
  }

  check(): void {
    checkGroup(this.coordinator, groupId);
    const group = groupsOf(this.coordinator).findLive(groupId);
    if (group === undefined) {
      this.generation = 0;
      return;
    }
    // Another group may have come in its place: one that was stored before, when what came after it was lost.
    if (group !== this.group) this.generation = 0;
    this.group = group;
    holds(group.generationId >= this.generation, 'generations only grow');
    this.generation = group.generationId;
    if (group.state !== 'Stable') return;
    const stored = groupsOf(this.coordinator).stored.get(groupId);
    const metadata = stored?.kind === 'classic' ? stored.metadata : null;
    holds(metadata?.generation === group.generationId, 'a stable group is stored');
    const ids = new Set(metadata?.members.map(({ memberId }) => memberId));
    // Members that left since are still stored: their going is a rebalance, and so not stable.
    holds(
      [...group.members.keys()].every(memberId => ids.has(memberId)),
      'its members are stored',
    );
  }

  finish(): void {
    this.coordinator.held = false;
    this.coordinator.commit();
    this.coordinator.advance(3_600_000);
    checkGroup(this.coordinator, groupId);
    expect(groupsOf(this.coordinator).findLive(groupId)?.members.size ?? 0).toBe(0);
    expect(this.asked.filter(({ isParked }) => isParked)).toEqual([]);
    expect(this.coordinator.timerKeys.filter(key => /^(session|join|sync):/.test(key))).toEqual([]);
  }
}

const whom = fc.integer({ min: 0, max: 5 });
const protocols = fc.constantFrom(...protocolSets).map(names => names.map(name => named(name, [names.length])));
const sessionTimeoutMs = fc.constantFrom(6_000, 20_000);
const rebalanceTimeoutMs = fc.constantFrom(2_000, 30_000);
const instance = fc.constantFrom(null, 'i', 'j');

const joining = fc
  .record({
    whom,
    fresh: fc.boolean(),
    groupInstanceId: instance,
    protocols,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    requiresKnownMemberId: fc.boolean(),
    protocolType: fc.constantFrom('consumer', 'consumer', 'consumer', 'other', ''),
  })
  .map(
    ({ whom, fresh, ...ask }): Command =>
      run => {
        const asked = run.coordinator.join({ ...ask, memberId: fresh ? '' : run.id(whom) });
        run.joins.push(asked);
        run.keep(asked);
      },
  );

const syncing = fc.record({ whom, groupInstanceId: instance, behind: fc.constantFrom(0, 0, 0, 1) }).map(
  ({ whom, groupInstanceId, behind }): Command =>
    run => {
      const memberId = run.id(whom);
      const assignments = [{ memberId, assignment: Uint8Array.of(1) }];
      const generationId = run.generationId - behind;
      run.keep(run.coordinator.sync({ memberId, groupInstanceId, generationId, protocolName: null, assignments }));
    },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: joining },
  { weight: 6, arbitrary: syncing },
  {
    weight: 2,
    arbitrary: whom.map(
      (at): Command =>
        run => {
          const ask = { groupId, memberId: run.id(at), groupInstanceId: null, generationId: run.generationId };
          run.keep(run.coordinator.ask<ErrorName>((machine, turn, slot) => machine.heartbeat(turn, slot, ask)));
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(whom, whom, instance).map(
      ([a, b, groupInstanceId]): Command =>
        run => {
          run.keep(run.coordinator.leave({ memberId: run.id(a) }, { memberId: run.id(b), groupInstanceId }));
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(whom, fc.boolean()).map(
      ([at, simple]): Command =>
        run => {
          const member = { memberId: run.id(at), generationId: run.generationId };
          run.keep(run.coordinator.commitOffset(simple ? {} : member));
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.nat(4_000).map(
      (ms): Command =>
        run =>
          run.coordinator.advance(ms),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Command>(run => run.keep(run.coordinator.deleteGroups(groupId))) },
  {
    weight: 2,
    arbitrary: fc.boolean().map(
      (held): Command =>
        run => {
          if (!held) run.coordinator.commit();
          run.coordinator.held = held;
        },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Command>(run => run.coordinator.lose('COORDINATOR_NOT_AVAILABLE')) },
  {
    weight: 1,
    arbitrary: fc.constant<Command>(run => {
      run.forgetWaiting();
      run.coordinator.reload();
    }),
  },
);

test('whatever clients and the log do, the group is in order', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 10, maxLength: 100, size: 'max' }), commands => {
      const run = new Run();
      for (const step of commands) {
        step(run);
        run.learn();
        run.check();
      }
      run.finish();
    }),
    { numRuns: 300 },
  );
});
