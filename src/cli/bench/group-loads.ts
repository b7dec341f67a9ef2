import type { Address } from '../../client/address.ts';
import { errorCode } from '../../protocol/errors.ts';
import { beat, Group, type Member } from './group-members.ts';
import { frameOf, type Lost, openWires } from './group-wire.ts';

export type GroupFigures = Readonly<Record<string, number>>;

/** What a load on a group coordinator needs of its surroundings. */
export interface GroupSite {
  /** Where the coordinator of a group listens. */
  coordinator(group: string): Promise<Address>;
  /** Tells the groups of this run from others'. */
  readonly run: string;
  readonly seconds: number;
  /** CPU seconds of the broker so far; undefined when it is out of sight, on another machine. */
  readonly cpuSeconds?: () => number;
  readonly lost: Lost;
}

/** Members that rebalance ask often; those that only live ask as Kafka's consumer does. */
const rebalanceHeartbeatMs = 100;
const heartbeatMs = 3_000;
const groupsFormedAtOnce = 10;
const commitVersion = 7;
const warmUpMs = 1_000;

/** `count` members join an empty group at once; then one more joins. Until all hold an assignment of the same generation. */
export async function rebalance(site: GroupSite, count: number): Promise<GroupFigures> {
  const id = `rebalance-${count}-${site.run}`;
  const wires = await openWires(await site.coordinator(id), count + 1, site.lost);
  const group = new Group(id);
  const cpu = meter(site);
  const late = wires.pop()!;
  // The members are there when `grow` returns its promise, to be beaten from the start.
  const formed = timed(() => group.grow(wires));
  const stop = beat(group.members, rebalanceHeartbeatMs);
  const joinMs = await formed;
  const rejoinMs = await timed(() => group.grow([late]));
  stop();
  const used = cpu();
  for (const { wire } of group.members) wire.close();
  return { joinMs, rejoinMs, ...(used !== undefined && { cpuSeconds: used }), failures: group.failures };
}

/** Members that do nothing but live. */
export async function heartbeats(site: GroupSite, groupCount: number, membersEach: number): Promise<GroupFigures> {
  const groups = Array.from({ length: groupCount }, (_, i) => new Group(`heartbeats-${site.run}-${i}`));
  const members: Member[] = [];
  const latencies = new Latencies();
  const stop = beat(members, heartbeatMs, ms => latencies.add(ms));
  const form = async (group: Group) => {
    const formed = group.grow(await openWires(await site.coordinator(group.id), membersEach, site.lost));
    const stopForming = beat(group.members, rebalanceHeartbeatMs);
    await formed;
    stopForming();
    members.push(...group.members);
  };
  const formMs = await timed(async () => {
    for (let i = 0; i < groups.length; i += groupsFormedAtOnce)
      await Promise.all(groups.slice(i, i + groupsFormedAtOnce).map(form));
  });
  await sleep(Math.min(heartbeatMs, site.seconds * 1000));
  latencies.clear();
  const cpu = meter(site);
  const tookMs = await timed(() => sleep(site.seconds * 1000));
  const used = cpu();
  stop();
  const failures = groups.reduce((sum, group) => sum + group.failures, 0);
  for (const { wire } of members) wire.close();
  return {
    heartbeatsPerSecond: latencies.count / (tookMs / 1000),
    ...(used !== undefined && {
      coreShare: used / (tookMs / 1000),
      cpuMicrosPerHeartbeat: (used / latencies.count) * 1e6,
    }),
    ...latencies.figures(),
    formMs,
    failures,
  };
}

/** So many members, each of a group of its own, commit one partition of `topic`, one commit in flight each. */
export async function commits(site: GroupSite, groupCount: number, topic: string): Promise<GroupFigures> {
  const groups = Array.from({ length: groupCount }, (_, i) => new Group(`commits-${site.run}-${i}`));
  await Promise.all(
    groups.map(async group => group.grow(await openWires(await site.coordinator(group.id), 1, site.lost))),
  );
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
  await sleep(Math.min(warmUpMs, site.seconds * 1000));
  latencies.clear();
  const cpu = meter(site);
  const tookMs = await timed(() => sleep(site.seconds * 1000));
  const used = cpu();
  const { count } = latencies;
  const figures = latencies.figures();
  running = false;
  await Promise.all(loops);
  for (const group of groups) group.members[0]!.wire.close();
  return {
    commitsPerSecond: count / (tookMs / 1000),
    ...(used !== undefined && { cpuMicrosPerCommit: (used / count) * 1e6 }),
    ...figures,
    errors,
  };
}

/** CPU seconds of the broker since now. */
function meter({ cpuSeconds }: GroupSite): () => number | undefined {
  const before = cpuSeconds?.();
  return () => (before === undefined ? undefined : cpuSeconds!() - before);
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

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms).unref());
