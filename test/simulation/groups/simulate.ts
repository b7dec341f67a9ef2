// One seed: some groups with some members, faults for a while, then calm, and everything is looked at.
import { isRefusal } from '../../../src/base/result.ts';
import type { ErrorName } from '../../../src/protocol/errors.ts';
import { Faults } from '../../support/coordinator-faults.ts';
import { holds } from './events.ts';
import { stateOf } from './invariants/loaded-state.ts';
import { calm, type Habits, Member } from './member.ts';
import { nameOf, places, shards } from './settings.ts';
import { shardOf, World } from './world.ts';

const chaosMs = 40_000;
/** Members that were fenced, slow or away are back, and the last rebalance is through. */
const calmMs = 60_000;
/** Enough for what is under way, too little for a session to end. */
const quietMs = 2_000;
const lookEveryMs = 250;

/** Throws what does not hold; returns the story. */
export async function simulate(seed: number): Promise<string> {
  const world = new World(seed);
  const { chance, node } = world;
  const faults = new Faults(node, chance.fork(), { partitions: shards, everyMs: 4_000, lastsMsMax: 1_500 });
  const habits: Habits = {
    crash: chance.pick([0, 10, 40]),
    leave: chance.pick([0, 10, 40]),
    slow: chance.pick([0, 20, 60]),
    slowMsMax: 15_000,
  };
  const groupIds = Array.from({ length: chance.between(1, 2) }, (_, i) => `group ${i}`);
  const members = groupIds.flatMap(groupId =>
    Array.from({ length: chance.between(1, 4) }, (_, i) => new Member(world, groupId, `${groupId} ${i}`, habits)),
  );
  world.start();
  for (const member of members) void member.run().catch(error => world.guard(() => raise(error)));
  if (chance.chance(0.3)) void administer(world, groupIds);
  faults.begin();
  await pass(world, groupIds, chaosMs);
  faults.end();
  for (const member of members) member.habits = calm;
  await pass(world, groupIds, calmMs);
  for (const groupId of groupIds) checkServed(members.filter(member => member.groupId === groupId));
  world.quiet = true;
  await pass(world, groupIds, quietMs);
  for (const groupId of groupIds) checkLoaded(world, groupId);
  world.quiet = false;
  for (const member of members) member.stop();
  await pass(world, groupIds, calmMs);
  world.answers.checkAll();
  for (const groupId of groupIds) checkLoaded(world, groupId);
  // By now offsets have expired and groups are gone: the next coordinator must not bring them back.
  for (let shard = 0; shard < shards; shard++) {
    node.runtime.resigned(shard);
    node.elect(shard);
  }
  await pass(world, groupIds, quietMs);
  for (const groupId of groupIds) checkLoaded(world, groupId);
  const counts = [...world.counts].map(([type, count]) => `${type} ${count}`);
  return `${counts.join(', ')}; ${node.appends} appends; ${faults.story.join(', ')}`;
}

/** Tries to delete groups, which only those without members permit. */
async function administer(world: World, groupIds: readonly string[]): Promise<void> {
  while (world.nowMs < chaosMs) {
    await world.sleep(world.chance.below(5_000));
    const groupId = world.chance.pick(groupIds);
    await world.call<readonly ErrorName[]>('delete', groupId, (machine, turn, slot) =>
      machine.deleteGroups(turn, slot, [groupId]),
    );
  }
}

async function pass(world: World, groupIds: readonly string[], forMs: number): Promise<void> {
  for (let passed = 0; passed < forMs; passed += lookEveryMs) {
    await world.node.clock.run(lookEveryMs);
    for (const groupId of groupIds) world.look(groupId);
    world.guard(() => world.answers.check(world.nowMs));
    if (world.failure !== undefined) raise(world.failure);
  }
}

/** Everybody works, and every partition is somebody's. */
function checkServed(members: readonly Member[]): void {
  for (const { working, groupId } of members) holds(working, `in the end all members of ${groupId} work`);
  const owned = members.flatMap(member => member.owned.map(nameOf)).sort();
  holds(owned.join() === places.map(nameOf).sort().join(), `in the end every partition has one owner: ${owned}`);
}

/** What is served is what the log says. */
function checkLoaded({ node }: World, groupId: string): void {
  const shard = node.shard(shardOf(groupId));
  const { offsets, groups } = stateOf(node.batches(shardOf(groupId)));
  const ask = { groupId, memberId: null, memberEpoch: -1, partitions: null, requireStable: false };
  const served = shard.read(machine => machine.fetchOffsets(ask));
  const described = shard.read(machine => machine.describe(groupId));
  if (isRefusal(served) || isRefusal(described)) throw new Error('in the end every shard serves');
  const read = served.partitions.map(each => `${groupId}/${nameOf(each)} ${each.offset}`).sort();
  const stored = [...offsets].filter(([name]) => name.startsWith(`${groupId}/`)).map(([name, at]) => `${name} ${at}`);
  holds(read.join() === stored.sort().join(), `offsets served are those stored: ${read} and ${stored}`);
  const group = groups.get(groupId);
  const exists = described.error === 'NONE';
  holds(exists === (group !== undefined || stored.length > 0), `${groupId} is there if the log says so`);
  if (described.state !== 'Stable') return;
  const assigned = described.members.map(({ memberId, assignment }) => `${memberId} ${hex(assignment)}`).sort();
  const written = [...(group?.members ?? [])].map(([memberId, assignment]) => `${memberId} ${assignment}`).sort();
  holds(assigned.join() === written.join(), `members are those stored: ${assigned} and ${written}`);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function raise(error: unknown): never {
  throw error;
}
