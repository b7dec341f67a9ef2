/**
 * Random clients of consumer groups, live against Apache Kafka and Milena: the same operations, the same answers, the same
 * groups to see. Nothing depends on clocks: sessions and rebalances outlast the run, the initial delay is none.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { Random, runSeed } from '../support/random.ts';
import { RawClient } from '../support/raw-client.ts';
import { committedTopic, type GroupOp } from './support/group-ops.ts';
import { type Answer, type Described, GroupPlayer } from './support/group-player.ts';
import { Chooser, maxSize } from './support/group-script.ts';
import { SINGLE_NODE, startKafka } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const scripts = Number(process.env.MILENA_GROUP_SCRIPTS ?? 20);
const opsPerScript = 40;

const config = { ...SINGLE_NODE, 'group.max.size': String(maxSize), 'group.max.session.timeout.ms': '1800000' };
let kafka: ProcessPeer;
let other: ProcessPeer;
beforeAll(async () => {
  const second = process.env.MILENA_GROUPS_AGAINST === 'kafka' ? startKafka({ config }) : startMilena({ config });
  [kafka, other] = await Promise.all([startKafka({ config }), second]);
  for (const { port } of [kafka, other]) {
    const client = await RawClient.open(port);
    await createTopics(client, [{ name: committedTopic }]);
    await client.close();
  }
});
afterAll(async () => {
  await Promise.all([kafka, other].map(peer => peer?.stop()));
});

interface Moment {
  readonly op: GroupOp;
  /** Operations that were answered by then. */
  readonly answered: readonly number[];
  readonly described: Described;
}

/** Chooses and plays on the first broker. */
async function record(random: Random, groupId: string): Promise<{ moments: Moment[]; player: GroupPlayer }> {
  const player = await GroupPlayer.open(kafka.port, groupId);
  const chooser = new Chooser(random, player);
  const moments: Moment[] = [];
  let described = await player.describe();
  for (let at = 0; at < opsPerScript; at++) {
    const op = chooser.next(at, described);
    const before = described.state;
    await player.send(op, at);
    await player.takenUp(at);
    await player.barrier();
    await player.quiet();
    described = await player.describe();
    // The initial delay of 0 ms is a timer all the same.
    if (isFresh(before) && described.state === 'PreparingRebalance')
      described = await player.describeIn('CompletingRebalance');
    await player.quiet();
    note(chooser, op, at, player);
    const answered = player.answers.map(answer => answer.at);
    moments.push({ op, answered, described });
  }
  return { moments, player };
}

const isFresh = (state: string): boolean => state === 'Empty' || state === 'Dead';

/** Who waits for an answer, by the number of the member. */
function note(chooser: Chooser, op: GroupOp, at: number, player: GroupPlayer): void {
  const waiting = new Set(player.waiting);
  if ((op.kind === 'join' || op.kind === 'sync') && waiting.has(at)) {
    parkedOps.set(at, typeof op.who === 'number' ? op.who : at);
  }
  chooser.parkedAs.clear();
  for (const [parked, member] of parkedOps) {
    if (waiting.has(parked)) chooser.parkedAs.add(member);
    else parkedOps.delete(parked);
  }
}
const parkedOps = new Map<number, number>();

/** The same on the second broker, as far as it answers alike. */
async function repeat(moments: readonly Moment[], first: GroupPlayer, groupId: string): Promise<void> {
  const player = await GroupPlayer.open(other.port, groupId);
  for (const [at, { op, answered, described }] of moments.entries()) {
    await player.send(op, at);
    await player.takenUp(at);
    await player.barrier();
    const inTime = await player.until(answered);
    const theirs = {
      answers: textsOf(first, answered),
      described: first.mask(described.group, answered),
    };
    const ours = {
      answers: inTime ? textsOf(player, answered) : [`not all of ${answered} are answered`],
      described: player.mask((await player.describeIn(described.state)).group, answered),
    };
    const label = `${groupId}, operation ${at}: ${JSON.stringify(op)}`;
    expect({ label, ...ours }).toEqual({ label, ...theirs });
  }
  expect(first.waiting).toEqual(expect.arrayContaining([...player.waiting]));
  // A JoinGroup or SyncGroup that a later one in the same name has replaced, or whose member left: Kafka never answers it.
  for (const at of first.waiting) {
    if (!player.waiting.includes(at)) expect(player.textOf(at, [])).toMatch(/"errorCode":(25|27),/);
  }
  await player.close();
}

function textsOf(player: GroupPlayer, answered: readonly number[]): readonly string[] {
  return answered.map(at => `${at}: ${player.textOf(at, answered)}`);
}

const seed = runSeed('groups');
const codes = new Map<string, number>();

test.each(Array.from({ length: scripts }, (_, script) => script))('script %i is answered alike', async script => {
  const groupId = `group-${seed}-${script}`;
  parkedOps.clear();
  const { moments, player } = await record(new Random(seed * 1_000 + script), groupId);
  await repeat(moments, player, groupId);
  for (const { body } of player.answers) count(body);
  await player.close();
});

function count({ errorCode, members = [] }: Answer['body']): void {
  const inside = (members as readonly { errorCode?: number }[]).map(member => member.errorCode);
  for (const code of [errorCode, ...inside]) {
    if (code !== undefined) codes.set(String(code), (codes.get(String(code)) ?? 0) + 1);
  }
}

afterAll(() => {
  console.log(`Kafka's answers: ${[...codes].map(([code, times]) => `${code}: ${times}`).join(', ')}`);
});
