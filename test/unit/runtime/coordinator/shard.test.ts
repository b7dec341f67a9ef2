import { expect, test } from 'vitest';
import type { Eventual } from '../../../../src/base/eventual.ts';
import { isRefusal } from '../../../../src/base/result.ts';
import type { WireRefusal } from '../../../../src/core/controller/decision.ts';
import { errorCode } from '../../../../src/protocol/errors.ts';
import { CoordinatorNode } from '../../../support/coordinator-node.ts';
import { type KeyValueMachine, keyValueKind, type Pair } from '../../../support/key-value-machine.ts';

const makeNode = () => new CoordinatorNode<KeyValueMachine, Pair, Pair>(keyValueKind);
type Shard = Awaited<ReturnType<ReturnType<typeof makeNode>['serve']>>;

/** Notes what each request was told, in the order it was told. */
class Told {
  readonly lines: string[] = [];

  hear<Reply>(name: string, answer: Eventual<Reply | WireRefusal>): void {
    void Promise.resolve(answer).then(reply =>
      this.lines.push(`${name}: ${isRefusal(reply) ? reply.refused : String(reply)}`),
    );
  }

  take(): string[] {
    return this.lines.splice(0);
  }
}

const put = (shard: Shard, key: string, value: string | null) =>
  shard.write<string | undefined>((machine, turn, slot) => machine.put(turn, slot, key, value));
const look = (shard: Shard, key: string) =>
  shard.write<string | undefined>((machine, turn, slot) => machine.look(turn, slot, key));
const wait = (shard: Shard, key: string) => shard.write<string>((machine, turn, slot) => machine.wait(turn, slot, key));
const committed = (shard: Shard) => shard.read(machine => machine.committed());

async function held() {
  const node = makeNode();
  const shard = await node.serve();
  node.plane.holdSyncs(true);
  return { node, shard, told: new Told() };
}

test('a decision is seen by the next at once, and by readers when it is committed', async () => {
  const { node, shard, told } = await held();
  told.hear('put', put(shard, 'a', '1'));
  told.hear('look', look(shard, 'a'));
  await node.clock.run(10);
  expect(told.take()).toEqual([]);
  expect(committed(shard)).toEqual({});
  node.plane.holdSyncs(false);
  await node.clock.run(10);
  expect(told.take()).toEqual(['put: undefined', 'look: 1']);
  expect(committed(shard)).toEqual({ a: '1' });
});

test('an answer is there at once when there is nothing to wait for, and promised when there is', async () => {
  const { node, shard } = await held();
  expect(look(shard, 'a')).toBeUndefined();
  const written = put(shard, 'a', '1');
  const seen = look(shard, 'a');
  expect([written, seen]).toEqual([expect.any(Promise), expect.any(Promise)]);
  node.plane.holdSyncs(false);
  await node.clock.run(10);
  expect(await seen).toBe('1');
  expect(look(shard, 'a')).toBe('1');
});

test('answers go out in the order of the turns, also of those without records', async () => {
  const { node, shard, told } = await held();
  told.hear('1', put(shard, 'a', '1'));
  told.hear('2', look(shard, 'b'));
  await node.clock.run(1);
  told.hear('3', put(shard, 'b', '1'));
  told.hear('4', look(shard, 'a'));
  node.plane.holdSyncs(false);
  await node.clock.run(10);
  expect(told.take().map(line => line[0])).toEqual(['1', '2', '3', '4']);
  told.hear('5', look(shard, 'a'));
  await Promise.resolve();
  expect(told.take(), 'nothing to wait for').toEqual(['5: 1']);
});

test('turns collect while an append is in flight, and go out as one', async () => {
  const { node, shard, told } = await held();
  const before = node.appends;
  for (let i = 0; i < 50; i++) told.hear(String(i), put(shard, `k${i}`, 'v'));
  node.plane.holdSyncs(false);
  await node.clock.run(10);
  expect(told.take()).toHaveLength(50);
  expect(node.appends - before).toBe(2);
});

test('a batch takes no more than the topic does, and a turn is never torn', async () => {
  const node = makeNode();
  node.limits = { ...node.limits, batchBytesMax: () => 400 };
  const shard = await node.serve();
  const told = new Told();
  const before = node.appends;
  told.hear('first', put(shard, 'a', '1'));
  for (let i = 0; i < 4; i++) {
    told.hear(
      String(i),
      shard.write<void>((_machine, turn, slot) => {
        for (let n = 0; n < 4; n++) turn.append({ key: `k${i}${n}`, value: 'v' });
        turn.answer(slot, undefined);
      }),
    );
  }
  await node.clock.run(10);
  expect(told.take()).toHaveLength(5);
  expect(node.appends - before, 'two turns fit into one batch').toBe(3);
});

test('a turn that outgrows a batch is lost, unless it may be divided', async () => {
  const node = makeNode();
  node.limits = { ...node.limits, batchBytesMax: () => 400 };
  const shard = await node.serve();
  const told = new Told();
  const many = (divided: boolean) =>
    shard.write<void>((machine, turn, slot) => {
      for (let n = 0; n < 40; n++) {
        if (divided) turn.divide();
        turn.append({ key: `k${n}`, value: 'v' });
      }
      turn.answer(slot, undefined);
      turn.whenLost((_again, error) => machine.lost.push(error));
    });
  told.hear('whole', many(false));
  told.hear('divided', many(true));
  await node.clock.run(10);
  expect(told.take()).toEqual(['whole: UNKNOWN_SERVER_ERROR', 'divided: undefined']);
  expect(shard.read(machine => [machine.lost, machine.stored.size])).toEqual([['UNKNOWN_SERVER_ERROR'], 40]);
  expect(node.notices.at(-1)).toContain('exceed a batch of 400');
});

test('a record that cannot be written loses its turn alone', async () => {
  const { node, shard, told } = await held();
  told.hear('good', put(shard, 'a', '1'));
  told.hear('bad', put(shard, 'x'.repeat(2_000), '1'));
  told.hear('good', put(shard, 'b', '1'));
  node.plane.holdSyncs(false);
  await node.clock.run(10);
  expect(told.take()).toEqual(['bad: UNKNOWN_SERVER_ERROR', 'good: undefined', 'good: undefined']);
  expect(committed(shard)).toEqual({ a: '1', b: '1' });
});

test('a failed append takes back state, answers and what was built on it', async () => {
  const { node, shard, told } = await held();
  told.hear('kept', put(shard, 'a', 'old'));
  await node.clock.run(1);
  let failures = 1;
  node.plane.appendFault = () => (failures-- > 0 ? errorCode.NOT_ENOUGH_REPLICAS : 0);
  told.hear('failing', put(shard, 'a', 'new'));
  told.hear('look', look(shard, 'a'));
  told.hear('behind', put(shard, 'b', '1'));
  expect(shard.read(machine => machine.stored.get('a'))).toBe('new');
  await node.clock.run(1);
  expect(told.take()).toEqual([
    'failing: COORDINATOR_NOT_AVAILABLE',
    'look: COORDINATOR_NOT_AVAILABLE',
    'behind: COORDINATOR_NOT_AVAILABLE',
  ]);
  expect(shard.read(machine => Object.fromEntries(machine.stored.entries()))).toEqual({ a: 'old' });
  expect(shard.read(machine => machine.lost)).toEqual([
    'a=new: COORDINATOR_NOT_AVAILABLE',
    'b=1: COORDINATOR_NOT_AVAILABLE',
  ]);
  told.hear('after', put(shard, 'a', 'newer'));
  node.plane.holdSyncs(false);
  await node.clock.run(1);
  expect(told.take()).toEqual(['kept: undefined', 'after: old']);
  expect(committed(shard)).toEqual({ a: 'newer' });
});

test('a turn that rests on what is written is not lost with what comes behind', async () => {
  const { node, shard, told } = await held();
  told.hear('written', put(shard, 'a', '1'));
  told.hear('look', look(shard, 'a'));
  node.plane.appendFault = () => errorCode.NOT_LEADER_OR_FOLLOWER;
  told.hear('failing', put(shard, 'a', '2'));
  await node.clock.run(1);
  expect(told.take()).toEqual(['failing: NOT_COORDINATOR']);
  node.plane.holdSyncs(false);
  await node.clock.run(1);
  expect(told.take()).toEqual(['written: undefined', 'look: 1']);
});

test('errors of the log are told as Kafka tells them', async () => {
  const node = makeNode();
  const shard = await node.serve();
  const told = new Told();
  const errors = ['UNKNOWN_TOPIC_OR_PARTITION', 'KAFKA_STORAGE_ERROR', 'MESSAGE_TOO_LARGE', 'CORRUPT_MESSAGE'] as const;
  for (const error of errors) {
    node.plane.appendFault = () => errorCode[error];
    told.hear(error, put(shard, 'a', '1'));
    await node.clock.run(1);
  }
  expect(told.take()).toEqual([
    'UNKNOWN_TOPIC_OR_PARTITION: COORDINATOR_NOT_AVAILABLE',
    'KAFKA_STORAGE_ERROR: NOT_COORDINATOR',
    'MESSAGE_TOO_LARGE: UNKNOWN_SERVER_ERROR',
    'CORRUPT_MESSAGE: CORRUPT_MESSAGE',
  ]);
});

test('a slot may be answered by a later turn, and is lost with that turn only', async () => {
  const { node, shard, told } = await held();
  told.hear('waiter', wait(shard, 'a'));
  node.plane.appendFault = () => errorCode.NOT_ENOUGH_REPLICAS;
  told.hear('other', put(shard, 'b', '1'));
  await node.clock.run(1);
  node.plane.appendFault = () => 0;
  expect(told.take()).toEqual(['other: COORDINATOR_NOT_AVAILABLE']);
  told.hear('put', put(shard, 'a', 'x'));
  node.plane.holdSyncs(false);
  await node.clock.run(1);
  expect(told.take()).toEqual(['put: undefined', 'waiter: x']);
});

test('what is not committed in time is answered so, and stays', async () => {
  const { node, shard, told } = await held();
  told.hear('waiter', wait(shard, 'z'));
  told.hear('slow', put(shard, 'a', '1'));
  await node.clock.run(3_000);
  told.hear('look', look(shard, 'a'));
  await node.clock.run(1_999);
  expect(told.take()).toEqual([]);
  await node.clock.run(1);
  expect(told.take()).toEqual(['slow: COORDINATOR_NOT_AVAILABLE']);
  await node.clock.run(3_000);
  expect(told.take(), 'whoever is not parked has all the time').toEqual(['look: COORDINATOR_NOT_AVAILABLE']);
  node.plane.holdSyncs(false);
  await node.clock.run(1);
  expect(committed(shard)).toEqual({ a: '1' });
  told.hear('again', look(shard, 'a'));
  await node.clock.run(1);
  expect(told.take()).toEqual(['again: 1']);
});

test('a full shard refuses, and has room again when answers are out', async () => {
  const node = makeNode();
  node.limits = { ...node.limits, slotsMax: 2 };
  const shard = await node.serve();
  node.plane.holdSyncs(true);
  const told = new Told();
  for (let i = 0; i < 3; i++) told.hear(String(i), put(shard, 'a', String(i)));
  await node.clock.run(1);
  expect(told.take()).toEqual(['2: COORDINATOR_NOT_AVAILABLE']);
  node.plane.holdSyncs(false);
  await node.clock.run(1);
  told.hear('3', put(shard, 'a', '3'));
  await node.clock.run(1);
  expect(told.take()).toEqual(['0: undefined', '1: 0', '3: 1']);
});

test('a log that takes nothing is not written to without end', async () => {
  const node = makeNode();
  node.limits = { ...node.limits, batchBytesMax: () => 130 };
  const shard = await node.serve();
  const told = new Told();
  for (let i = 0; i < 100; i++) told.hear(String(i), put(shard, `key ${i}`, 'v'));
  await Promise.resolve();
  const refused = told.take();
  expect(refused[0]).toBe('64: COORDINATOR_NOT_AVAILABLE');
  expect(refused).toHaveLength(36);
  await node.clock.run(1);
  expect(told.take()).toHaveLength(64);
});

test('timers run in turns of their own, put off and cancelled like any', async () => {
  const node = makeNode();
  const shard = await node.serve();
  const told = new Told();
  for (const key of ['a', 'b']) {
    told.hear(key, put(shard, key, '1'));
    told.hear(
      key,
      shard.write<void>((machine, turn, slot) => machine.expire(turn, slot, key, 1_000)),
    );
  }
  await node.clock.run(600);
  told.hear(
    'put off',
    shard.write<void>((machine, turn, slot) => machine.expire(turn, slot, 'b', 1_000)),
  );
  await node.clock.run(600);
  expect(committed(shard)).toEqual({ b: '1' });
  node.clock.setWall(-86_400_000);
  await node.clock.run(300);
  expect(committed(shard), 'the wall clock does not move timers').toEqual({ b: '1' });
  await node.clock.run(300);
  expect(committed(shard)).toEqual({});
});

test('a machine that throws loses its request, changes nothing, and the next turn works', async () => {
  const node = makeNode();
  const shard = await node.serve();
  expect(() =>
    shard.write<void>((_machine, turn) => {
      turn.append({ key: 'a', value: '1' });
      throw new Error('a bug');
    }),
  ).toThrow('a bug');
  const told = new Told();
  told.hear('next', put(shard, 'b', '1'));
  await node.clock.run(1);
  expect(told.take()).toEqual(['next: undefined']);
  expect(committed(shard)).toEqual({ b: '1' });
});

test('a slot is answered once, and a turn that is over takes nothing', async () => {
  const node = makeNode();
  const shard = await node.serve();
  expect(() =>
    shard.write<string>((_machine, turn, slot) => {
      turn.answer(slot, 'a');
      turn.answer(slot, 'b');
    }),
  ).toThrow('answered once');
  let kept: { append(pair: Pair): void } | undefined;
  void shard.write<string>((_machine, turn, slot) => {
    kept = turn;
    turn.answer(slot, 'a');
  });
  expect(() => kept?.append({ key: 'a', value: '1' })).toThrow('turn is over');
});
