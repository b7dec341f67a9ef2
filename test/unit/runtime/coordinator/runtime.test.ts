import { expect, test } from 'vitest';
import { utf8 } from '../../../../src/base/bytes.ts';
import { isRefusal } from '../../../../src/base/result.ts';
import type { WireRefusal } from '../../../../src/core/controller/decision.ts';
import { type BatchInit, encodeBatch } from '../../../../src/protocol/records/batch.ts';
import { encodeControlRecord } from '../../../../src/protocol/records/control.ts';
import { blockCodec } from '../../../support/block-codec.ts';
import { CoordinatorNode } from '../../../support/coordinator-node.ts';
import { type KeyValueMachine, keyValueKind, type Pair } from '../../../support/key-value-machine.ts';

const makeNode = () => new CoordinatorNode<KeyValueMachine, Pair, Pair>(keyValueKind);
type Node = ReturnType<typeof makeNode>;

const record = (key: string, value: string | null) => ({
  timestamp: 1n,
  key: utf8(key),
  value: value === null ? null : utf8(value),
});
const batch = (pairs: Record<string, string | null>, init: Omit<BatchInit, 'records'> = {}) =>
  encodeBatch({ ...init, records: Object.entries(pairs).map(([key, value]) => record(key, value)) }, blockCodec);
const transaction = (producerId: bigint) => ({ transactional: true, producerId, producerEpoch: 3 });
const marker = (kind: 'commit' | 'abort', producerId: bigint) =>
  encodeBatch({
    ...transaction(producerId),
    control: true,
    records: [{ timestamp: 1n, ...encodeControlRecord({ kind, data: { coordinatorEpoch: 0 } }) }],
  });

/** The word for what came back. */
const word = <Reply>(reply: Reply | WireRefusal): string => (isRefusal(reply) ? reply.refused : String(reply));
const put = async (node: Node, key: string, value: string | null, partition = 0) =>
  node.shard(partition).write<string | undefined>((machine, turn, slot) => machine.put(turn, slot, key, value));
const committed = (node: Node, partition = 0) => node.shard(partition).read(machine => machine.committed());

/** A log with `batches` in it, of which nobody knows yet. */
async function withLog(batches: readonly Uint8Array[]): Promise<Node> {
  const node = makeNode();
  await node.serve();
  for (const each of batches) node.append(0, each);
  await node.clock.run(1);
  node.runtime.resigned(0);
  return node;
}

test('what the log holds is served when it is loaded, and refused before', async () => {
  const node = await withLog([batch({ a: '1', b: '2', c: '3' }), batch({ a: null, b: '4' })]);
  node.elect(0);
  expect(word(await put(node, 'x', '1'))).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  expect(word(committed(node))).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  let loaded = false;
  void node.runtime.whenLoaded(0).then(() => {
    loaded = true;
  });
  await node.clock.run(1);
  expect(loaded).toBe(true);
  expect(committed(node)).toEqual({ b: '4', c: '3' });
  const answer = put(node, 'b', '5');
  await node.clock.run(1);
  expect(await answer).toBe('4');
  expect(node.notices).toContain('info key-value coordinator 0 loaded up to offset 5 in 0 ms');
});

test('loading waits for the end of the log to be committed', async () => {
  const node = await withLog([batch({ a: '1' })]);
  node.plane.holdSyncs(true);
  node.append(0, batch({ a: '2' }));
  node.elect(0);
  await node.clock.run(100);
  expect(word(committed(node))).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  node.plane.holdSyncs(false);
  await node.clock.run(1);
  expect(committed(node)).toEqual({ a: '2' });
});

test('transactional records count when their marker says so', async () => {
  const node = await withLog([
    batch({ a: 'plain', b: 'plain' }),
    batch({ a: 'committed' }, transaction(7n)),
    batch({ b: 'aborted', c: 'aborted' }, transaction(8n)),
    batch({ d: 'open' }, transaction(9n)),
    marker('abort', 8n),
    marker('commit', 7n),
    encodeBatch({
      control: true,
      records: [
        {
          timestamp: 1n,
          ...encodeControlRecord({
            kind: 'leaderChange',
            data: { version: 0, leaderId: 1, voters: [], grantingVoters: [] },
          }),
        },
      ],
    }),
  ]);
  node.elect(0);
  await node.clock.run(1);
  expect(committed(node)).toEqual({ a: 'committed', b: 'plain' });
});

test('records of later protocols and damaged ones are passed over, with one line in the log', async () => {
  const node = await withLog([
    batch({ a: '1', '?new': '1', '!bad': '1', '?newer': '2', b: '2' }),
    encodeBatch({ records: [{ timestamp: 1n, key: null, value: utf8('v') }] }),
  ]);
  node.elect(0);
  await node.clock.run(1);
  expect(committed(node)).toEqual({ a: '1', b: '2' });
  expect(node.notices.filter(line => line.startsWith('warn'))).toEqual([
    'warn key-value coordinator 0: passed over 2 unknown and 2 damaged records, first at offset 1: no such record as ?new',
  ]);
});

test('compressed batches and gaps of compaction are read as any', async () => {
  const gap = { ...record('late', '1'), offsetDelta: 9 };
  const node = await withLog([
    batch({ a: '1', b: '2' }, { compression: 'gzip' }),
    encodeBatch({ records: [record('c', '3'), gap], lastOffsetDelta: 20 }),
    batch({ d: '4' }),
  ]);
  node.elect(0);
  await node.clock.run(1);
  expect(committed(node)).toEqual({ a: '1', b: '2', c: '3', d: '4', late: '1' });
  const answer = put(node, 'd', '5');
  await node.clock.run(1);
  expect(await answer).toBe('4');
});

test('records before the start of the log do not count, though their batch is read', async () => {
  const node = await withLog([batch({ a: '1', b: '2', c: '3' })]);
  node.plane.submit({ type: 'deleteBefore', partition: node.handle(0), offset: 2n, ticket: -1 });
  node.elect(0);
  await node.clock.run(1);
  expect(committed(node)).toEqual({ c: '3' });
});

test('other shards are answered between two slices of a load', { timeout: 60_000 }, async () => {
  const pairs = (from: number) => Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${from + i}`, 'v']));
  const node = await withLog([batch(pairs(0)), batch(pairs(5_000))]);
  node.elect(1);
  await node.clock.run(1);
  node.elect(0);
  // Everything happens in the same simulated millisecond, so what counts is the order.
  const answered: number[] = [];
  const ask = (n: number): void => {
    void put(node, 'x', String(n), 1).then(() => {
      if (!node.shard(0).loading) return;
      answered.push(n);
      ask(n + 1);
    });
  };
  ask(0);
  await node.clock.run(0);
  expect(node.shard(0).loading).toBe(false);
  expect(answered.length).toBeGreaterThan(3);
  expect(node.shard(0).read(machine => machine.stored.size)).toBe(10_000);
});

test('who waits when leadership is lost is told, and the log is loaded anew when it comes back', async () => {
  const node = makeNode();
  const first = await node.serve();
  const before = put(node, 'a', '1');
  await node.clock.run(1);
  await before;
  node.plane.holdSyncs(true);
  const parked = put(node, 'a', '2');
  const waiting = first.write<string>((machine, turn, slot) => machine.wait(turn, slot, 'z'));
  const timer = first.write<void>((machine, turn, slot) => machine.expire(turn, slot, 'a', 50));
  await node.clock.run(1);
  const inFlight = put(node, 'b', '1');
  node.runtime.resigned(0);
  expect((await Promise.all([parked, waiting, timer, inFlight])).map(word)).toEqual(Array(4).fill('NOT_COORDINATOR'));
  expect(word(node.runtime.shard(0))).toBe('NOT_COORDINATOR');
  expect(word(await first.write<void>(() => {}))).toBe('NOT_COORDINATOR');
  node.plane.holdSyncs(false);
  await node.clock.run(100);
  node.elect(0);
  await node.clock.run(1);
  expect(committed(node), 'its timers are gone, its records are not').toEqual({ a: '2', b: '1' });
  expect([...node.runtime.shards()]).toEqual([node.shard(0)]);
});

test('the machine hears of the loss once', async () => {
  const node = makeNode();
  const shard = await node.serve();
  let machine: KeyValueMachine | undefined;
  shard.read(it => {
    machine = it;
  });
  node.runtime.resigned(0);
  node.runtime.resigned(0);
  shard.unload();
  expect(machine?.unloads).toBe(1);
});

test('leadership that goes on in a later epoch keeps the state and writes in it', async () => {
  const node = makeNode();
  const shard = await node.serve();
  await Promise.all([put(node, 'a', '1'), node.clock.run(1)]);
  node.elect(0);
  expect(node.shard(0)).toBe(shard);
  expect((await Promise.all([put(node, 'a', '2'), node.clock.run(1)]))[0]).toBe('1');
});

test('the end of the log is the one that the last election was told', async () => {
  const node = makeNode();
  await node.serve();
  const emitted: (() => void)[] = [];
  // An election whose answer is late: meanwhile its epoch writes, and another election follows.
  const emit = node.runtime.onPlaneEvent.bind(node.runtime);
  node.runtime.onPlaneEvent = event => {
    if (event.type !== 'led') return emit(event);
    emitted.push(() => void emit(event));
    return false;
  };
  node.elect(0);
  await node.clock.run(1);
  await Promise.all([put(node, 'a', '1'), node.clock.run(1)]);
  node.runtime.resigned(0);
  node.elect(0);
  emitted.shift()!();
  await node.clock.run(1);
  expect(node.shard(0).loading, 'that was not the answer').toBe(true);
  emitted.shift()!();
  await node.clock.run(1);
  expect(committed(node)).toEqual({ a: '1' });
  expect((await Promise.all([put(node, 'a', '2'), node.clock.run(1)]))[0]).toBe('1');
});

test('leadership lost while loading ends the load', async () => {
  const node = await withLog([batch({ a: '1' })]);
  node.elect(0);
  const shard = node.shard(0);
  let over = false;
  void shard.loaded().then(() => {
    over = true;
  });
  node.runtime.resigned(0);
  await node.clock.run(10);
  expect(over).toBe(true);
  expect(word(shard.read(machine => machine.committed()))).toBe('NOT_COORDINATOR');
});

test('a log that cannot be read is not served, and the reason is logged', async () => {
  const damaged = await withLog([batch({ a: '1' }, { compression: 'lz4' })]);
  damaged.elect(0);
  await damaged.clock.run(10);
  expect(word(committed(damaged))).toBe('NOT_COORDINATOR');
  expect(damaged.notices.at(-1)).toBe('error key-value coordinator 0 cannot be loaded: no decompression of lz4 here');

  const failed = await withLog([batch({ a: '1' })]);
  failed.plane.failNextSync();
  failed.append(0, batch({ a: '2' }));
  await failed.clock.run(1);
  failed.elect(0);
  await failed.clock.run(10);
  expect(word(committed(failed))).toBe('NOT_COORDINATOR');
  expect(failed.notices.at(-1)).toContain('cannot be loaded: reading from offset 0: KAFKA_STORAGE_ERROR');
});

test('a log that does not get on is not read for ever', async () => {
  const node = await withLog([batch({ a: '1' }), batch({ b: '1' })]);
  const { submit } = node.plane;
  const batches = encodeBatch({ records: [record('b', '1')], lastOffsetDelta: -5 });
  let reads = 0;
  node.plane.submit = command => {
    if (command.type !== 'read') return submit.call(node.plane, command);
    // Enough is enough: the test must end either way.
    if (++reads > 5) return;
    node.clock.after(
      0,
      () => void node.runtime.onPlaneEvent({ type: 'readDone', ticket: command.ticket, error: 0, batches }),
    );
  };
  node.elect(0);
  await node.clock.run(10);
  expect(word(committed(node))).toBe('NOT_COORDINATOR');
  expect(node.notices.at(-1)).toContain('cannot be loaded: no whole batch at offset 0');
});

test('more shards than load at once are all loaded, though some never get on', async () => {
  const node = makeNode();
  node.start();
  for (let partition = 0; partition < 30; partition++) node.elect(partition);
  await node.clock.run(1);
  for (let partition = 0; partition < 30; partition++) node.append(partition, batch({ a: String(partition) }));
  await node.clock.run(1);
  for (let partition = 0; partition < 30; partition++) node.runtime.resigned(partition);
  node.plane.holdSyncs(true);
  for (let partition = 0; partition < 10; partition++) node.append(partition, batch({ a: 'never synced' }));
  for (let partition = 0; partition < 30; partition++) node.elect(partition);
  await node.clock.run(10);
  expect(word(committed(node, 29)), 'eight wait for the disk').toBe('COORDINATOR_LOAD_IN_PROGRESS');
  for (let partition = 0; partition < 10; partition++) node.runtime.resigned(partition);
  await node.clock.run(10);
  for (let partition = 10; partition < 30; partition++) {
    expect(committed(node, partition)).toEqual({ a: String(partition) });
  }
});

test('closing answers what is parked and refuses the rest', async () => {
  const node = makeNode();
  const shard = await node.serve();
  node.plane.holdSyncs(true);
  const parked = put(node, 'a', '1');
  const open = put(node, 'a', '2');
  const waiting = shard.write<string>((machine, turn, slot) => machine.wait(turn, slot, 'z'));
  let closed = false;
  void node.runtime.close().then(() => {
    closed = true;
  });
  expect(word(await shard.write<void>(() => {}))).toBe('NOT_COORDINATOR');
  await node.clock.run(10);
  expect(closed).toBe(false);
  node.plane.holdSyncs(false);
  await node.clock.run(10);
  expect(closed).toBe(true);
  expect((await Promise.all([parked, open, waiting])).map(word)).toEqual(['undefined', '1', 'NOT_COORDINATOR']);
  node.elect(1);
  expect(word(node.runtime.shard(1))).toBe('NOT_COORDINATOR');
});

test('closing does not wait for ever for a disk that hangs', async () => {
  const node = makeNode();
  await node.serve();
  node.plane.holdSyncs(true);
  const parked = put(node, 'a', '1');
  let closed = false;
  void node.runtime.close().then(() => {
    closed = true;
  });
  await node.clock.run(4_999);
  expect(closed).toBe(false);
  await node.clock.run(1);
  expect(closed).toBe(true);
  expect(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE']).toContain(word(await parked));
});

test('what is not its own is left to others', async () => {
  const node = makeNode();
  await node.serve();
  const { runtime } = node;
  const partition = { index: 99, generation: 1 };
  expect(runtime.onPlaneEvent({ type: 'highWatermark', partition, offset: 5n })).toBe(false);
  expect(runtime.onPlaneEvent({ type: 'appended', ticket: 999, error: 0, baseOffset: 0n })).toBe(false);
  expect(runtime.onPlaneEvent({ type: 'notice', level: 'info', message: '' })).toBe(false);
  const stale = { index: node.handle(0).index, generation: 7 };
  expect(runtime.onPlaneEvent({ type: 'highWatermark', partition: stale, offset: 5n })).toBe(false);
});
