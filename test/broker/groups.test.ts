/** Consumer groups over sockets on the real broker: what a restart, a kill -9 in a rebalance, a disk that does not sync and a long load leave of them. */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { OffsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { DeleteTopicsRequest } from '../../src/protocol/messages/20-delete-topics.ts';
import { COMMIT_VERSION, commit } from '../answers/groups.ts';
import { createTopics } from '../answers/play.ts';
import { ask } from '../answers/suite.ts';
import { startMilena } from '../peers/support/milena.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { scratchDir } from '../support/paths.ts';
import { RawClient } from '../support/raw-client.ts';
import { startFaultyBroker } from './faulty-broker.ts';
import { GroupClient, LOADING } from './group-client.ts';

const TEST_DEADLINE_MS = 120_000;
const NOT_COORDINATOR = 16;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;

/** What a test leaves open is closed behind it, last first. */
const leftovers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of leftovers.splice(0).reverse()) await close();
});

async function broker(config: Readonly<Record<string, string>> = {}, dataDir?: string): Promise<Embedded> {
  const milena = await startEmbedded(config, dataDir);
  leftovers.push(() => milena.broker.stop());
  return milena;
}

async function client(port: number): Promise<GroupClient> {
  const opened = await GroupClient.open(port);
  leftovers.push(() => opened.close());
  return opened;
}

async function topics(port: number, ...names: readonly string[]): Promise<void> {
  const raw = await RawClient.open(port);
  await createTopics(
    raw,
    names.map(name => ({ name })),
  );
  await raw.close();
}

test(
  'a restart keeps groups, members, assignments and offsets',
  async () => {
    const before = await broker();
    await topics(before.port, 't');
    const one = await client(before.port);
    await one.ready('g');
    const member = await one.settle('g', 'everything');
    expect(await one.commit('g', 't', 41n, member)).toBe(0);
    await one.ready('outside');
    expect(await one.commit('outside', 't', 7n)).toBe(0);
    const described = await one.describe('g');
    expect(described).toMatchObject({ groupState: 'Stable', protocolType: 'consumer', protocolData: 'range' });
    await before.broker.stop();

    const after = await broker({}, before.dataDir);
    const again = await client(after.port);
    await again.ready('g');
    await again.ready('outside');
    expect(await again.describe('g')).toEqual(described);
    expect(await again.fetch('g', 't')).toBe(41n);
    expect(await again.fetch('outside', 't')).toBe(7n);
    expect(await again.heartbeat('g', ...member)).toBe(0);
    expect(await again.commit('g', 't', 42n, member)).toBe(0);
    expect((await again.join('g', member[0])).generationId).toBe(2);
  },
  TEST_DEADLINE_MS,
);

test(
  'after kill -9 in a rebalance the group is where it last was, and goes on from there',
  async () => {
    const dataDir = join(scratchDir('groups'), 'data');
    const doomed = await startMilena({ dataDir });
    leftovers.push(doomed.kill);
    await topics(doomed.port, 't');
    const first = await client(doomed.port);
    await first.ready('g');
    const member = await first.settle('g');
    expect(await first.commit('g', 't', 5n, member)).toBe(0);
    const second = await client(doomed.port);
    const joining = second.join('g').catch(() => 'gone');
    // The rebalance has begun when the first member is told of it.
    while ((await first.heartbeat('g', ...member)) !== REBALANCE_IN_PROGRESS);
    await doomed.kill();
    expect(await joining).toBe('gone');

    const after = await broker({}, dataDir);
    const again = await client(after.port);
    await again.ready('g');
    const { groupState, members } = await again.describe('g');
    expect([groupState, members.map(({ memberId }) => memberId)]).toEqual(['Stable', [member[0]]]);
    expect(await again.fetch('g', 't')).toBe(5n);
    expect(await again.heartbeat('g', ...member)).toBe(0);

    const other = await client(after.port);
    const others = other.join('g');
    while ((await again.heartbeat('g', ...member)) !== REBALANCE_IN_PROGRESS);
    const [mine, theirs] = await Promise.all([again.join('g', member[0]), others]);
    expect([mine.errorCode, theirs.errorCode, mine.generationId, theirs.generationId]).toEqual([0, 0, 2, 2]);
    expect(mine.members).toHaveLength(2);
  },
  TEST_DEADLINE_MS,
);

test(
  'commits that were acknowledged are there after kill -9',
  async () => {
    const committers = 8;
    const enough = 400;
    const dataDir = join(scratchDir('groups'), 'data');
    const doomed = await startMilena({ dataDir });
    leftovers.push(doomed.kill);
    await topics(doomed.port, 't');
    const groups = Array.from({ length: committers }, (_, i) => `g${i}`);
    const acknowledged = new Map<string, bigint>();
    const sent = new Map<string, bigint>();
    let total = 0;
    let kill: Promise<void> | undefined;
    await Promise.all(
      groups.map(async groupId => {
        const one = await client(doomed.port);
        await one.ready(groupId);
        for (let offset = 1n; ; offset++) {
          sent.set(groupId, offset);
          const code = await one.commit(groupId, 't', offset).catch(() => undefined);
          if (code === undefined) return;
          expect(code).toBe(0);
          acknowledged.set(groupId, offset);
          if (++total === enough) kill = doomed.kill();
        }
      }),
    );
    await kill;

    const after = await broker({}, dataDir);
    const again = await client(after.port);
    for (const groupId of groups) {
      await again.ready(groupId);
      const offset = await again.fetch(groupId, 't');
      expect(offset).toBeGreaterThanOrEqual(acknowledged.get(groupId) ?? 0n);
      expect(offset).toBeLessThanOrEqual(sent.get(groupId)!);
    }
  },
  TEST_DEADLINE_MS,
);

test(
  'a commit is seen and acknowledged when it is synced; who asks for stable offsets waits for it',
  async () => {
    const milena = await startFaultyBroker(join(scratchDir('groups'), 'data'));
    leftovers.push(milena.kill);
    await topics(milena.port, 't');
    const [one, two, three] = [await client(milena.port), await client(milena.port), await client(milena.port)];
    await one.ready('g');
    expect(await one.commit('g', 't', 1n)).toBe(0);
    const written = await two.writtenBytes();
    await milena.holdSyncs(true);
    const order: string[] = [];
    const note = <T>(what: string, work: Promise<T>): Promise<T> => {
      void work.then(() => order.push(what));
      return work;
    };
    const committing = note('committed', one.commit('g', 't', 2n));
    while ((await two.writtenBytes()) === written);
    const stable = note('stable', three.fetch('g', 't', true));
    expect(await note('seen', two.fetch('g', 't'))).toBe(1n);
    await milena.holdSyncs(false);
    expect(await committing).toBe(0);
    expect(await stable).toBe(2n);
    expect(await two.fetch('g', 't')).toBe(2n);
    expect(order[0]).toBe('seen');
    expect(order.slice(1).sort()).toEqual(['committed', 'stable']);
  },
  TEST_DEADLINE_MS,
);

test(
  'while one partition is loaded in slices, groups of others are answered',
  async () => {
    const perRequest = 4000;
    const requests = 25;
    const before = await broker();
    await topics(before.port, 't');
    const filler = await client(before.port);
    await filler.ready('large');
    const offsets = Array.from({ length: perRequest }, (_, i) => ({ partition: 0, offset: BigInt(i) }));
    const frame = commit(COMMIT_VERSION, { groupId: 'large', topics: [{ name: 't', offsets }] });
    for (let i = 0; i < requests; i++) {
      const answer = await filler.call<OffsetCommitResponse>(frame);
      expect(answer.topics[0]!.partitions.every(({ errorCode }) => errorCode === 0)).toBe(true);
    }
    await filler.ready('small');
    const member = await filler.settle('small');
    await before.broker.stop();

    const after = await broker({ 'offsets.load.buffer.size': '65536' }, before.dataDir);
    const [large, small] = [await client(after.port), await client(after.port)];
    // Both begin to load at once; the small one is there long before the large one.
    await small.ready('small');
    let served = 0;
    let loading = 0;
    for (;;) {
      const [code, state] = await Promise.all([small.heartbeat('small', ...member), large.describe('large')]);
      expect(code).toBe(0);
      if (state.errorCode !== LOADING) break;
      loading++;
      served += await small.commit('small', 't', 1n, member);
    }
    expect(served).toBe(0);
    expect(loading).toBeGreaterThan(2);
    expect(await large.fetch('large', 't')).toBe(BigInt(perRequest - 1));
  },
  TEST_DEADLINE_MS,
);

test(
  'members that wait in a rebalance are told when the broker stops',
  async () => {
    const milena = await broker();
    const [one, two] = [await client(milena.port), await client(milena.port)];
    await one.ready('g');
    const member = await one.settle('g');
    const joining = two.join('g');
    while ((await one.heartbeat('g', ...member)) !== REBALANCE_IN_PROGRESS);
    const stopped = milena.broker.stop();
    expect((await joining).errorCode).toBe(NOT_COORDINATOR);
    await stopped;
  },
  TEST_DEADLINE_MS,
);

test(
  'a member that is silent loses its place, and who waited goes on without it',
  async () => {
    const milena = await broker({ 'group.min.session.timeout.ms': '1' });
    const [one, two] = [await client(milena.port), await client(milena.port)];
    await one.ready('g');
    const silent = await one.join('g', '', 300);
    await one.sync('g', silent.memberId, 1, { [silent.memberId]: 'all' });
    const joined = await two.join('g');
    expect(joined).toMatchObject({ errorCode: 0, generationId: 2, leader: joined.memberId });
    expect(joined.members.map(({ memberId }) => memberId)).toEqual([joined.memberId]);
    expect(await one.heartbeat('g', silent.memberId, 1)).toBe(UNKNOWN_MEMBER_ID);
  },
  TEST_DEADLINE_MS,
);

test(
  'offsets of a deleted topic go, also from the log; a namesake starts without',
  async () => {
    const before = await broker();
    await topics(before.port, 'kept', 'dropped');
    const one = await client(before.port);
    await one.ready('g');
    for (const topic of ['kept', 'dropped']) expect(await one.commit('g', topic, 3n)).toBe(0);
    await one.call(ask(DeleteTopicsRequest, 1, { topicNames: ['dropped'], topics: [], timeoutMs: 30_000 }));
    await topics(before.port, 'dropped');
    // The offsets go in a turn of their own: a commit behind it is stored behind it.
    expect(await one.commit('g', 'kept', 4n)).toBe(0);
    expect([await one.fetch('g', 'kept'), await one.fetch('g', 'dropped')]).toEqual([4n, -1n]);
    await before.broker.stop();

    const after = await broker({}, before.dataDir);
    const again = await client(after.port);
    await again.ready('g');
    expect([await again.fetch('g', 'kept'), await again.fetch('g', 'dropped')]).toEqual([4n, -1n]);
  },
  TEST_DEADLINE_MS,
);
