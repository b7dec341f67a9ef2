// Shards of the group coordinator that answer at once, out of a machine that a test gives.
import { refuse } from '../../../src/base/result.ts';
import type { Slot } from '../../../src/core/coordinator/turn.ts';
import type { GroupMachine, GroupTurn } from '../../../src/core/group/machine.ts';
import type { ErrorName } from '../../../src/protocol/errors.ts';
import type { GroupShard } from '../../../src/server/group-coordinator.ts';

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
