/** The client's own group consumer against an embedded broker: several members in one process, no timer waited for. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { addPartitions, createTopic } from '../../src/client/admin.ts';
import { assignors } from '../../src/client/assignors/assignors.ts';
import { Cluster } from '../../src/client/cluster.ts';
import { openCodecs } from '../../src/client/codecs.ts';
import { describeGroup } from '../../src/client/group-admin.ts';
import { GroupConsumer, type GroupConsumerOptions } from '../../src/client/group-consumer.ts';
import { commitAsOutsider, committedOffsets } from '../../src/client/group-offsets.ts';
import { PartitionMap, spell } from '../../src/client/partition-map.ts';
import { Producer } from '../../src/client/producer.ts';
import { Broker } from '../../src/index.ts';
import { errorCode } from '../../src/protocol/errors.ts';
import { freshDir } from './support.ts';

const deadlineMs = 60_000;
const codec = await openCodecs();
let dataDir: string;
let broker: Broker;
let cluster: Cluster;
let members: Member[];

beforeEach(async () => {
  dataDir = freshDir();
  broker = await Broker.start({ dataDir });
  cluster = await Cluster.connect(broker.bootstrapServers);
  members = [];
});
afterEach(async () => {
  await Promise.all(members.map(member => member.stop()));
  await cluster.close();
  await broker.stop();
});

/** A consumer that polls by itself; with a connection of its own, like a process of its own. */
class Member {
  readonly seen: string[] = [];
  readonly consumer: GroupConsumer;
  readonly #cluster: Cluster;
  readonly #done: Promise<void>;
  #stopped = false;

  private constructor(own: Cluster, options: GroupConsumerOptions) {
    this.#cluster = own;
    this.consumer = new GroupConsumer(own, codec, options);
    this.#done = this.#run();
  }

  static async join(options: Partial<GroupConsumerOptions> = {}): Promise<Member> {
    const fast = { heartbeatIntervalMs: 50, autoCommitIntervalMs: 50 };
    const member = new Member(await Cluster.connect(broker.bootstrapServers), {
      group: 'g',
      topics: ['t'],
      reset: 'earliest',
      ...fast,
      ...options,
    });
    members.push(member);
    return member;
  }

  get owned(): string[] {
    return [...this.consumer.positions].map(spell).sort();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      for (const { batch } of await this.consumer.poll()) {
        this.seen.push(...batch.records.map(record => text(record.value!)));
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.consumer.giveUp();
    await this.#done;
    await this.consumer.close();
    await this.#cluster.close();
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still not: ${what}`);
    await new Promise(resolve => setImmediate(resolve));
  }
}

const topic = (name: string, partitions: number) =>
  createTopic(cluster, { name, partitions, replicationFactor: 1, configs: new Map() }, false);

async function send(name: string, from: number, count: number): Promise<void> {
  const options = { topic: name, partition: undefined, acks: -1, compression: 'none', codec } as const;
  const values = Array.from({ length: count }, (_, i) => ({ timestamp: 1n, value: utf8(String(from + i)) }));
  await (await Producer.open(cluster, options)).send(values);
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i)).sort();
const allSeen = (): string[] => [...new Set(members.flatMap(({ seen }) => seen))].sort();
const share =
  (count: number): ((member: Member) => boolean) =>
  member =>
    member.owned.length === count;

test('members share partitions, and share them anew when one joins or leaves', {
  timeout: deadlineMs * 2,
}, async () => {
  await topic('t', 6);
  const first = await Member.join();
  await until('the first has all', () => share(6)(first));
  const second = await Member.join();
  const third = await Member.join();
  await until('two each', () => members.every(share(2)));
  expect(members.flatMap(({ owned }) => owned).sort()).toEqual([0, 1, 2, 3, 4, 5].map(p => `t-${p}`));
  await send('t', 0, 60);
  await until('all is read', () => allSeen().length === 60);
  await second.stop();
  await until('three each', () => [first, third].every(share(3)));
  await send('t', 60, 60);
  await until('the rest is read', () => allSeen().length === 120);
  expect(allSeen()).toEqual(numbers(120));
  await Promise.all([first.stop(), third.stop()]);
  expect((await describeGroup(cluster, 'g')).state).toBe('Empty');
  const committed = await committedOffsets(cluster, 'g');
  expect([...committed].reduce((sum, { value }) => sum + value.offset, 0n)).toBe(120n);
});

test('a group goes on where it was; what nobody committed begins as told', { timeout: deadlineMs }, async () => {
  await topic('t', 1);
  await send('t', 0, 10);
  await commitAsOutsider(cluster, 'g', new PartitionMap([{ topic: 't', partition: 0, value: 7n }]));
  const goesOn = await Member.join();
  await until('three are left', () => goesOn.seen.length === 3);
  expect(goesOn.seen).toEqual(['7', '8', '9']);

  const fromEnd = await Member.join({ group: 'late', reset: 'latest' });
  await until('the end is taken', () => share(1)(fromEnd));
  await send('t', 10, 1);
  await until('the new one comes', () => fromEnd.seen.length > 0);
  expect(fromEnd.seen).toEqual(['10']);

  await commitAsOutsider(cluster, 'lost', new PartitionMap([{ topic: 't', partition: 0, value: 99n }]));
  const lost = await Member.join({ group: 'lost' });
  await until('an offset that is not there is none', () => lost.seen.length === 11);
});

test('a leader shares out partitions and topics that are added', { timeout: deadlineMs }, async () => {
  await topic('t', 1);
  const member = await Member.join({ topics: ['t', 'later'] });
  await until('one', () => share(1)(member));
  await addPartitions(cluster, 't', 3);
  await until('three', () => share(3)(member));
  await topic('later', 1);
  await until('four', () => share(4)(member));
});

test.each(Object.keys(assignors))('%s works between members', { timeout: deadlineMs }, async name => {
  await topic('t', 5);
  await topic('u', 3);
  for (let i = 0; i < 2; i++) await Member.join({ topics: ['t', 'u'], assignors: [assignors[name]!] });
  await until(
    'all are owned once',
    () => members.flatMap(({ owned }) => owned).length === 8 && members.every(m => m.owned.length > 0),
  );
  expect(new Set(members.flatMap(({ owned }) => owned)).size).toBe(8);
  expect((await describeGroup(cluster, 'g')).protocol).toBe(name);
});

test('a static member that comes back has its partitions without a rebalance', { timeout: deadlineMs }, async () => {
  await topic('t', 2);
  const before = await Member.join({ instanceId: 'i' });
  await until('it has all', () => share(2)(before));
  const { generation } = before.consumer;
  await before.stop();
  const after = await Member.join({ instanceId: 'i' });
  await until('it has all again', () => share(2)(after));
  expect(after.consumer.generation).toBe(generation);
  expect((await describeGroup(cluster, 'g')).members.map(({ instanceId }) => instanceId)).toEqual(['i']);
});

test('one that is taken over is told so', { timeout: deadlineMs }, async () => {
  await topic('t', 1);
  const old = new GroupConsumer(cluster, codec, {
    group: 'g',
    topics: ['t'],
    reset: 'earliest',
    instanceId: 'i',
    heartbeatIntervalMs: 20,
  });
  await old.poll();
  const taker = await Member.join({ instanceId: 'i' });
  await until('it is taken over', () => share(1)(taker));
  const fate = async (): Promise<unknown> => {
    for (;;) await old.poll();
  };
  await expect(fate()).rejects.toMatchObject({ code: errorCode.FENCED_INSTANCE_ID });
});

test('a broker that restarts is waited for, and nothing is lost', { timeout: deadlineMs * 2 }, async () => {
  await topic('t', 2);
  await send('t', 0, 10);
  const member = await Member.join({ autoCommitIntervalMs: 0 });
  await until('ten are read', () => allSeen().length === 10);
  const port = Number(broker.bootstrapServers.split(':').at(-1));
  await broker.stop();
  broker = await Broker.start({ dataDir, port });
  await cluster.revive();
  await send('t', 10, 10);
  await until('twenty are read', () => allSeen().length === 20);
  await member.stop();
  const committed = await committedOffsets(cluster, 'g');
  expect([...committed].reduce((sum, { value }) => sum + value.offset, 0n)).toBe(20n);
});

test('a member that waits for others can give up', { timeout: deadlineMs }, async () => {
  await topic('t', 1);
  // This one has joined and is not heard of any more until its rebalance timeout: others wait for it.
  const silent = new GroupConsumer(cluster, codec, {
    group: 'g',
    topics: ['t'],
    reset: 'earliest',
    heartbeatIntervalMs: 100_000,
    sessionTimeoutMs: 30_000,
  });
  await until('it has joined', async () => {
    await silent.poll();
    return silent.positions.size === 1;
  });
  const waiting = await Member.join();
  await until('the group rebalances', async () => (await describeGroup(cluster, 'g')).state === 'PreparingRebalance');
  await waiting.stop();
  await silent.close();
  expect((await describeGroup(cluster, 'g')).state).toBe('Empty');
});
