import { errorCode } from '../../src/protocol/errors.ts';
import type { FindCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import type { Running } from '../contestants.ts';
import { createTopic } from '../load.ts';
import { cpuSeconds } from '../process.ts';
import { beat, Group, type Member } from './group.ts';
import { bodyOf, frameOf, openWires, Wire } from './wire.ts';

export type GroupFigures = Readonly<Record<string, number>>;

/** A load with a name; resolves with what was seen, by name and unit. */
export interface GroupShape {
  readonly name: string;
  run(broker: Running, round: number, seconds: number): Promise<GroupFigures>;
}

/** Members that rebalance ask often; those that only live ask as Kafka's consumer does. */
const rebalanceHeartbeatMs = 100;
const heartbeatMs = 3_000;
const groupsHeartbeating = 500;
const membersPerGroup = 20;
const committers = 64;
const commitVersion = 7;

/** `members` join an empty group at once; then one more joins. Until all hold an assignment of the same generation. */
const rebalance = (members: number): GroupShape => ({
  name: `rebalance-${members}`,
  async run(broker, round) {
    const wires = await openWires(broker.port, members + 1);
    const group = new Group(`rebalance-${members}-${round}`);
    const before = cpuSeconds(broker.pid);
    const late = wires.pop()!;
    // The members are there when `grow` returns its promise, to be beaten from the start.
    const formed = timed(() => group.grow(wires));
    const stop = beat(group.members, rebalanceHeartbeatMs);
    const joinMs = await formed;
    const rejoinMs = await timed(() => group.grow([late]));
    stop();
    const cpu = cpuSeconds(broker.pid) - before;
    for (const { wire } of group.members) wire.close();
    return { joinMs, rejoinMs, cpuSeconds: cpu, failures: group.failures };
  },
});

/** 10,000 members of 500 groups that do nothing but live. */
const heartbeats: GroupShape = {
  name: 'heartbeats-10000',
  async run(broker, round, seconds) {
    const groups = Array.from({ length: groupsHeartbeating }, (_, i) => new Group(`heartbeats-${round}-${i}`));
    const members: Member[] = [];
    const latencies = new Latencies();
    const stop = beat(members, heartbeatMs, ms => latencies.add(ms));
    const form = async (group: Group) => {
      const formed = group.grow(await openWires(broker.port, membersPerGroup));
      const stopForming = beat(group.members, rebalanceHeartbeatMs);
      await formed;
      stopForming();
      members.push(...group.members);
    };
    const formMs = await timed(async () => {
      const atOnce = 10;
      for (let i = 0; i < groups.length; i += atOnce) await Promise.all(groups.slice(i, i + atOnce).map(form));
    });
    await sleep(heartbeatMs);
    latencies.clear();
    const before = cpuSeconds(broker.pid);
    const tookMs = await timed(() => sleep(seconds * 1000));
    const cpu = cpuSeconds(broker.pid) - before;
    stop();
    const failures = groups.reduce((sum, group) => sum + group.failures, 0);
    for (const { wire } of members) wire.close();
    return {
      heartbeatsPerSecond: latencies.count / (tookMs / 1000),
      coreShare: cpu / (tookMs / 1000),
      cpuMicrosPerHeartbeat: (cpu / latencies.count) * 1e6,
      ...latencies.figures(),
      formMs,
      failures,
    };
  },
};

/** 64 members, each of a group of its own, commit one partition, one commit in flight each. */
const commits: GroupShape = {
  name: `commits-${committers}`,
  async run(broker, round, seconds) {
    const topic = `commits-${round}`;
    await createTopic(broker.port, topic, 1);
    const wires = await openWires(broker.port, committers);
    const groups = wires.map((_, i) => new Group(`commits-${round}-${i}`));
    await Promise.all(groups.map((group, i) => group.grow([wires[i]!])));
    const latencies = new Latencies();
    let errors = 0;
    let running = true;
    const loops = groups.map(({ id, members: [member] }) => {
      const { frame, offsetAt } = commitFrame(id, member!.generation, member!.memberId, topic);
      let offset = 0n;
      return new Promise<void>(resolve => {
        const next = (): void => {
          if (!running) {
            resolve();
            return;
          }
          frame.writeBigInt64BE(offset++, offsetAt);
          const sentMs = performance.now();
          member!.wire.send(frame, answer => {
            latencies.add(performance.now() - sentMs);
            // The only partition's error is the last field.
            if (answer.readInt16BE(answer.length - 2) !== errorCode.NONE) errors++;
            next();
          });
        };
        next();
      });
    });
    await sleep(1_000);
    latencies.clear();
    const before = cpuSeconds(broker.pid);
    const tookMs = await timed(() => sleep(seconds * 1000));
    const cpu = cpuSeconds(broker.pid) - before;
    const { count } = latencies;
    const figures = latencies.figures();
    running = false;
    await Promise.all(loops);
    for (const wire of wires) wire.close();
    return { commitsPerSecond: count / (tookMs / 1000), cpuMicrosPerCommit: (cpu / count) * 1e6, ...figures, errors };
  },
};

export const groupShapes: readonly GroupShape[] = [rebalance(100), rebalance(1_000), heartbeats, commits];

/** Until the coordinator is found and serves: it may have to make its topic and load it first. */
export async function untilCoordinated(port: number, deadlineMs: number): Promise<void> {
  const giveUpMs = performance.now() + deadlineMs;
  const wire = await Wire.open(port);
  for (;;) {
    const frame = await wire.call(frameOf(10, 1, { key: 'bench', keyType: 0 }));
    if (bodyOf<FindCoordinatorResponse>(10, 1, frame).errorCode === errorCode.NONE) break;
    if (performance.now() > giveUpMs) throw new Error('no group coordinator');
    await sleep(100);
  }
  wire.close();
  const [one] = await openWires(port, 1);
  await new Group('bench').grow([one!]);
  one!.close();
}

function commitFrame(groupId: string, generationIdOrMemberEpoch: number, memberId: string, topic: string) {
  const marker = 0x0102030405060708n;
  const partitions = [{ partitionIndex: 0, committedOffset: marker, committedLeaderEpoch: 0, committedMetadata: '' }];
  const body = {
    groupId,
    generationIdOrMemberEpoch,
    memberId,
    groupInstanceId: null,
    topics: [{ name: topic, partitions }],
  };
  const frame = frameOf(8, commitVersion, body);
  return { frame, offsetAt: frame.indexOf(Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])) };
}

class Latencies {
  private all: number[] = [];

  add(ms: number): void {
    this.all.push(ms);
  }

  clear(): void {
    this.all = [];
  }

  get count(): number {
    return this.all.length;
  }

  figures(): { p50Ms: number; p99Ms: number; maxMs: number } {
    const sorted = Float64Array.from(this.all).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
