// Shards of the group coordinator that answer at once, out of a machine that a test gives.
import { refuse } from '../../../src/base/result.ts';
import type { Slot } from '../../../src/core/coordinator/turn.ts';
import type { GroupSettings } from '../../../src/core/group/asks.ts';
import { type GroupMachine, type GroupTurn, groupMachineKind } from '../../../src/core/group/machine.ts';
import type { ErrorName } from '../../../src/protocol/errors.ts';
import type { GroupShard } from '../../../src/server/group-coordinator.ts';
import { HandDriven } from '../../support/turn.ts';

/** Answers with what the machine says, in turns that end with the first answer. */
export const shardOf = (machine: Partial<GroupMachine>): GroupShard => ({
  write: <Reply>(command: (machine: GroupMachine, turn: GroupTurn, slot: Slot<Reply>) => void) =>
    new Promise<Reply>(resolve => {
      const turn = { answer: (_slot: unknown, reply: Reply) => resolve(reply) } as unknown as GroupTurn;
      command(machine as GroupMachine, turn, {} as Slot<Reply>);
    }),
  read: query => query(machine as GroupMachine),
});

export const refusing = (error: ErrorName): GroupShard => ({
  write: async () => refuse(error, 'as the test says'),
  read: () => refuse(error, 'as the test says'),
});

/** Groups as they are, in fake time: who waits for others is answered when their time is up. */
export function livingShard(settings: GroupSettings): GroupShard {
  const driven = new HandDriven(groupMachineKind(settings));
  return {
    write: async <Reply>(command: (machine: GroupMachine, turn: GroupTurn, slot: Slot<Reply>) => void) => {
      const asked = driven.ask(command);
      if (asked.isParked) driven.advance(settings.maxSessionTimeoutMs);
      return asked.answer;
    },
    read: query => query(driven.machine),
  };
}
