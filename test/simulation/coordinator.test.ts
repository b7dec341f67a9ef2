// The coordinator runtime under seeded faults, with a machine of keys and values: appends fail, syncs are late, leadership
// moves, the process dies, clocks jump. What was acknowledged or read as committed stays; what is served is what the log
// holds; everybody is answered.
import { expect, test } from 'vitest';
import { text } from '../../src/base/bytes.ts';
import { Prng } from '../../src/base/prng.ts';
import { isRefusal } from '../../src/base/result.ts';
import { Timeline, TimelineMap } from '../../src/core/coordinator/timeline.ts';
import { decodeBatch } from '../../src/protocol/records/batch.ts';
import { Parking } from '../../src/runtime/coordinator/parking.ts';
import { PendingSlot } from '../../src/runtime/coordinator/pending-slot.ts';
import { Replayer } from '../../src/runtime/coordinator/replayer.ts';
import { CoordinatorShard } from '../../src/runtime/coordinator/shard.ts';
import { Faults } from '../support/coordinator-faults.ts';
import { CoordinatorNode } from '../support/coordinator-node.ts';
import { KeyValueMachine, keyValueKind, type Pair } from '../support/key-value-machine.ts';
import { patch } from '../support/patch.ts';
import { firstSeed, forEachSeed, seedsOr } from '../support/seeds.ts';

const seeds = seedsOr(200);
const partitions = 2;
const keysPerPartition = 3;
const chaosMs = 8_000;
const calmMs = 20_000;

type Node = CoordinatorNode<KeyValueMachine, Pair, Pair>;

/** One key and the only client that writes it, one version after the other. */
class Writer {
  /** Values by version; the key has none at first. */
  readonly versions: (string | null)[] = [null];
  /** No committed state may be older. */
  floor = 0;
  answered = 0;
  private readonly node: Node;
  private readonly chance: Prng;
  readonly partition: number;
  readonly key: string;

  constructor(node: Node, chance: Prng, partition: number, key: string) {
    this.node = node;
    this.chance = chance;
    this.partition = partition;
    this.key = key;
  }

  async write(untilMs: number): Promise<void> {
    const { node, chance, partition, key } = this;
    while (node.clock.monotonicMs() < untilMs) {
      const version = this.versions.length;
      const value = chance.chance(0.3) ? null : String(version);
      this.versions.push(value);
      const before = this.floor;
      const reply = await node.ask<string | undefined>(partition, (machine, turn, slot) =>
        machine.put(turn, slot, key, value),
      );
      this.answered++;
      if (!isRefusal(reply)) {
        this.expectAtLeast(before, reply ?? null, 'a put rested on');
        this.floor = Math.max(this.floor, version);
      }
      await node.clock.sleep(chance.below(reply === undefined ? 50 : 400));
    }
  }

  /** What a reader is told is committed for good. */
  read(): void {
    const shard = this.node.up ? this.node.runtime.shard(this.partition) : undefined;
    if (shard === undefined || isRefusal(shard)) return;
    const state = shard.read(machine => machine.stored.committed(this.key) ?? null);
    if (!isRefusal(state)) this.floor = this.expectAtLeast(this.floor, state, 'a reader saw');
  }

  private expectAtLeast(floor: number, value: string | null, what: string): number {
    const at = this.versions.findIndex((written, version) => version >= floor && written === value);
    if (at < 0) throw new Error(`${what} ${this.key} = ${value}, older than version ${floor}`);
    return at;
  }
}

async function readNowAndThen(node: Node, chance: Prng, writers: readonly Writer[], untilMs: number): Promise<void> {
  while (node.clock.monotonicMs() < untilMs) {
    await node.clock.sleep(chance.below(100));
    for (const writer of writers) writer.read();
  }
}

/** The state of a partition as a stranger would read it from the log. */
function fromDisk(node: Node, partition: number): Record<string, string> {
  const state = new Map<string, string>();
  for (const batch of node.batches(partition)) {
    for (const { key, value } of decodeBatch(batch).records) {
      if (value === null) state.delete(text(key!));
      else state.set(text(key!), text(value));
    }
  }
  return Object.fromEntries([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function simulate(seed: number): Promise<string> {
  const chance = new Prng(seed);
  const node: Node = new CoordinatorNode(keyValueKind, chance.u32());
  node.delayMsMax = chance.pick([1, 10, 200]);
  node.limits = { ...node.limits, loadBufferBytes: 200, batchBytesMax: () => 300 };
  const faults = new Faults(node, chance.fork(), { partitions, everyMs: 500, lastsMsMax: 1_500 });
  node.start();
  for (let partition = 0; partition < partitions; partition++) node.elect(partition);
  const writers = Array.from({ length: partitions * keysPerPartition }, (_, i) => {
    const partition = i % partitions;
    return new Writer(node, chance.fork(), partition, `key${i}`);
  });
  const done: Promise<unknown>[] = writers.map(writer => writer.write(chaosMs));
  done.push(readNowAndThen(node, chance.fork(), writers, chaosMs));
  let failure: unknown;
  const all = Promise.all(done).catch(error => {
    failure = error;
  });
  faults.begin();
  await node.clock.run(chaosMs);
  faults.end();
  await node.clock.run(calmMs);
  if (failure !== undefined) throw failure;
  expect(node.outstanding, 'everybody is answered').toBe(0);
  await all;
  if (failure !== undefined) throw failure;
  for (const writer of writers) writer.read();
  for (let partition = 0; partition < partitions; partition++) {
    const last = node.ask<string | undefined>(partition, (machine, turn, slot) => machine.put(turn, slot, 'end', '1'));
    await node.clock.run(5_000);
    expect(isRefusal(await last), 'every partition is served in the end').toBe(false);
    expect(node.shard(partition).read(machine => machine.committed())).toEqual(fromDisk(node, partition));
  }
  const answered = writers.reduce((sum, writer) => sum + writer.answered, 0);
  return `${answered} answers, ${node.appends} appends, ${JSON.stringify(fromDisk(node, 0))}, ${faults.story.join(', ')}`;
}

test(
  `the coordinator runtime keeps what it has promised, ${seeds} seeds from ${firstSeed}`,
  {
    timeout: 60_000 + seeds * 2_000,
  },
  () => forEachSeed(seeds, simulate),
);

test('the same seed gives the same history', { timeout: 60_000 }, async () => {
  expect(await simulate(firstSeed)).toBe(await simulate(firstSeed));
});

/** What must not go unseen. Each is put in place, seen to break the seed named here, and taken away again. */
const mutants: readonly { name: string; seed: number; apply: () => () => void }[] = [
  {
    name: 'answers go out before they are committed',
    seed: 1,
    apply: () =>
      patch(Parking.prototype, 'park', () => (_end, answers) => {
        for (const answer of answers) answer.release();
      }),
  },
  {
    name: 'a failed append takes nothing back',
    seed: 1,
    apply: () => patch(Timeline.prototype, 'revert', () => () => {}),
  },
  {
    name: 'answers are not lost with their append',
    seed: 1,
    apply: () => patch(Parking.prototype, 'lose', () => () => []),
  },
  {
    name: 'readers see what is not committed',
    seed: 1,
    apply: () =>
      patch(
        TimelineMap.prototype,
        'committed',
        () =>
          function (this: TimelineMap<unknown, unknown>, key) {
            return this.get(key);
          },
      ),
  },
  {
    name: 'a load skips tombstones',
    seed: 1,
    apply: () =>
      patch(
        Replayer.prototype,
        'step',
        step =>
          function (this: never, records) {
            const restore = patch(
              KeyValueMachine.prototype,
              'replay',
              replay =>
                function (this: never, pair, ...rest) {
                  if (pair.value !== null) replay.call(this, pair, ...rest);
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
    name: 'a later epoch is not taken',
    seed: 6,
    apply: () => patch(CoordinatorShard.prototype, 'continueAt', () => () => {}),
  },
  {
    name: 'who waits is not told when leadership is lost',
    seed: 5,
    apply: () =>
      patch(
        PendingSlot.prototype,
        'refuse',
        refuse =>
          function (this: never, error) {
            if (error !== 'NOT_COORDINATOR') refuse.call(this, error);
          },
      ),
  },
];

test.each(mutants)('a mutant does not survive: $name (seed $seed)', { timeout: 60_000 }, async ({ seed, apply }) => {
  const restore = apply();
  try {
    await expect(simulate(seed)).rejects.toThrow();
  } finally {
    restore();
  }
  await simulate(seed);
});
