// Mistakes that coordinators of groups have been known to make, put into ours for the length of a test.
import type { Slot, Turn } from '../../../src/core/coordinator/turn.ts';
import type { SyncAsk, SyncReply } from '../../../src/core/group/asks.ts';
import { GroupMachine, type GroupTurn } from '../../../src/core/group/machine.ts';
import { OffsetStore } from '../../../src/core/group/offsets/store.ts';
import { OffsetsView } from '../../../src/core/group/offsets-view.ts';
import { Replayer } from '../../../src/runtime/coordinator/replayer.ts';
import { patch } from '../../support/patch.ts';

export interface Mutant {
  readonly name: string;
  /** One that it does not survive. */
  readonly seed: number;
  /** What is then said not to hold. */
  readonly broken: string;
  /** Returns what takes it out again. */
  readonly apply: () => () => void;
}

/** A turn that does something else instead, for all that is not given. */
const turnWith = (turn: GroupTurn, other: Partial<Turn>): GroupTurn =>
  new Proxy(turn, {
    get: (target, name) => {
      const own: unknown = other[name as keyof Turn] ?? Reflect.get(target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });

export const mutants: readonly Mutant[] = [
  {
    name: 'commit without generation check',
    seed: 1,
    broken: 'has committed',
    apply: () => patch(OffsetsView.prototype, 'validateCommit', () => () => 'NONE'),
  },
  {
    name: 'session timer not reset',
    seed: 1,
    broken: 'is a member until',
    apply: () => {
      const sessionsRunOut = (turn: GroupTurn): GroupTurn =>
        turnWith(turn, {
          schedule: (key, delayMs, expire) => {
            if (!key.startsWith('session:')) turn.schedule(key, delayMs, expire);
          },
        });
      const restores = [
        patch(
          GroupMachine.prototype,
          'heartbeat',
          heartbeat =>
            function (this: never, turn, slot, ask) {
              heartbeat.call(this, sessionsRunOut(turn), slot, ask);
            },
        ),
        patch(
          GroupMachine.prototype,
          'commitOffsets',
          commit =>
            function (this: never, turn, slot, ask) {
              commit.call(this, sessionsRunOut(turn), slot, ask);
            },
        ),
      ];
      return () => restores.forEach(restore => void restore());
    },
  },
  {
    name: "expiry of a live member's offsets",
    seed: 1,
    broken: 'offsets live with',
    apply: () => {
      const restores = [
        patch(OffsetsView.prototype, 'isSubscribed', () => () => false),
        patch(OffsetsView.prototype, 'retentionStart', () => () => ({ kind: 'commit' })),
      ];
      return () => restores.forEach(restore => void restore());
    },
  },
  {
    name: 'a load that skips a tombstone',
    seed: 1,
    broken: 'offsets served are those stored',
    apply: () =>
      patch(
        Replayer.prototype,
        'step',
        step =>
          function (this: never, records) {
            const restore = patch(
              OffsetStore.prototype,
              'replay',
              replay =>
                function (this: never, record, ...rest) {
                  if (record.value !== null) replay.call(this, record, ...rest);
                },
            );
            try {
              return step.call(this, records);
            } finally {
              restore();
            }
          },
      ),
  },
  {
    name: 'assignment of a dead generation',
    seed: 1,
    broken: 'has one owner',
    apply: () => {
      const owners = new WeakMap<object, string>();
      const first = new Map<string, SyncReply>();
      /** Everybody is told for ever what the first generation has assigned them. */
      const stale = (slot: Slot<SyncReply>, reply: SyncReply): SyncReply => {
        const memberId = owners.get(slot);
        if (memberId === undefined || reply.error !== 'NONE') return reply;
        const told = first.get(memberId) ?? reply;
        first.set(memberId, told);
        return told;
      };
      return patch(
        GroupMachine.prototype,
        'sync',
        sync =>
          function (this: never, turn, slot, ask: SyncAsk) {
            owners.set(slot, ask.memberId);
            const answer = (to: Slot<unknown>, reply: unknown): void =>
              turn.answer(to, owners.has(to) ? stale(to as Slot<SyncReply>, reply as SyncReply) : reply);
            sync.call(this, turnWith(turn, { answer } as Partial<Turn>), slot, ask);
          },
      );
    },
  },
];
