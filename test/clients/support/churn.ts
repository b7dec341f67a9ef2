/**
 * Drives one group through a plan: 8 member processes over 24 partitions that join, leave, are killed and frozen, and a broker that is killed in the middle of a rebalance.
 * Nothing waits for time: the driver goes on when so many events are consumed, a member has its partitions, or the group is in a state. A deadline only ends a run that hangs.
 */

import { Connection } from '../../../src/client/connection.ts';
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/messages/19-create-topics.ts';
import type { Event } from '../../support/events.ts';
import type { Random } from '../../support/random.ts';
import { GroupHistory } from '../group-invariants.ts';
import { type ClientsBroker, startBroker } from './broker.ts';
import { drawPlan, MEMBERS_MAX, planText, type Step } from './churn-plan.ts';
import { EventFeed } from './event-feed.ts';
import { GroupMember, type MemberLine } from './group-member.ts';
import { GroupWatch } from './group-watch.ts';
import type { MemberKind, MemberMaker } from './member-kinds.ts';

export const GROUP_PARTITIONS = 24;
const TOPIC = 'churned';
/** Sessions of 3 s, so that a killed member is not missed for long. */
const BROKER_CONFIG = { 'group.min.session.timeout.ms': '1000', 'group.initial.rebalance.delay.ms': '0' };
const DEADLINE_MS = 120_000;

export type ChurnOptions = {
  readonly kind: MemberKind;
  readonly events: readonly Event[];
  readonly random: Random;
  readonly steps: number;
};

export class Churn {
  readonly history = new GroupHistory();
  private readonly options: ChurnOptions;
  private readonly group: string;
  private readonly make: MemberMaker;
  private readonly feed: EventFeed;
  private readonly all: GroupMember[] = [];
  private readonly instances = new Map<GroupMember, string>();
  private broker: ClientsBroker;
  private readonly watch: GroupWatch;
  private readonly failures: string[] = [];
  private readonly waiters = new Set<() => void>();

  private constructor(options: ChurnOptions, make: MemberMaker, broker: ClientsBroker) {
    this.options = options;
    this.make = make;
    this.broker = broker;
    this.group = `churn-${options.kind.name}`;
    this.feed = new EventFeed(options.events, GROUP_PARTITIONS);
    const { host, port } = broker;
    this.watch = new GroupWatch(
      { host, port, group: this.group, topic: TOPIC, partitions: GROUP_PARTITIONS },
      (partition, position) => this.history.committed(partition, position),
      failure => this.news(failure),
    );
  }

  /** One whole run; resolves with every promise that was broken. */
  static async run(options: ChurnOptions): Promise<string[]> {
    const make = await options.kind.prepare();
    const broker = await startBroker({ config: BROKER_CONFIG });
    const churn = new Churn(options, make, broker);
    try {
      await createTopic(broker);
      await churn.play(drawPlan(options.random, options.steps));
    } finally {
      await churn.end();
    }
    return churn.history.finish();
  }

  private get live(): GroupMember[] {
    return this.all.filter(member => member.ending === undefined);
  }

  private async play(plan: readonly Step[]): Promise<void> {
    const label = this.options.kind.name;
    console.log(`${label}: ${planText(plan)}`);
    const began = Date.now();
    const first = Array.from({ length: MEMBERS_MAX }, () => this.start());
    await this.until('all members have an assignment', () => first.every(member => member.assignments > 0));
    for (const [index, step] of plan.entries()) {
      const stepBegan = Date.now();
      await this.play1(step, Math.ceil(this.feed.left / (plan.length - index)));
      console.log(`${label}: step ${index}, ${step.action}, ${Date.now() - stepBegan} ms`);
    }
    await this.until('every position is committed', () => this.history.behind().length === 0);
    for (const member of this.live) member.leave();
    await Promise.all(this.all.map(member => member.exited));
    this.check();
    console.log(`${label}: ${this.history.summary()}, ${this.all.length} processes, ${Date.now() - began} ms`);
  }

  private async play1({ action, after }: Step, size: number): Promise<void> {
    const half = Math.floor(size / 2);
    const target = this.history.distinct + Math.floor(half * after);
    await this.produce(half);
    await this.until(`${target} records consumed before ${action}`, () => this.history.distinct >= target);
    // What else the step brings arrives while the group rebalances; a crash has its own place for it.
    if (action === 'crash') await this.crash();
    const feeding = this.produce(size - half);
    if (action === 'join') await this.join();
    if (action === 'leave') await this.leave();
    if (action === 'kill') await this.kill();
    if (action === 'freeze') await this.freeze();
    await feeding;
    await this.until(`everything consumed after ${action}`, () => this.history.pending === 0);
  }

  private async join(): Promise<void> {
    const member = this.start();
    await this.until(`${member.name} has an assignment`, () => member.assignments > 0);
  }

  private async leave(): Promise<void> {
    const member = this.options.random.pick(this.live);
    member.leave();
    await this.until(`${member.name} has left`, () => member.hasExited);
  }

  private async kill(): Promise<void> {
    const member = this.options.random.pick(this.live);
    member.kill();
    await member.exited;
  }

  /** A member that wakes up in a group that has gone on without it: what it had read it may not commit any more. */
  private async freeze(): Promise<void> {
    const member = this.options.random.pick(this.live);
    const generation = this.history.latestGeneration;
    member.freeze();
    try {
      await this.until(`the group goes on without ${member.name}`, () => {
        const latest = this.history.latestGeneration;
        return latest > generation && this.history.owned(latest) === GROUP_PARTITIONS;
      });
    } finally {
      member.thaw();
    }
    const before = member.assignments;
    await this.until(`${member.name} is back`, () => member.assignments > before);
  }

  /** A rebalance that cannot end, because a member of it is frozen, and in the middle of it the broker's. */
  private async crash(): Promise<void> {
    const frozen = this.options.random.pick(this.live);
    const joined = this.live.length < MEMBERS_MAX;
    frozen.freeze();
    let other: GroupMember;
    try {
      if (joined) other = this.start();
      else {
        other = this.options.random.pick(this.live.filter(member => member !== frozen));
        other.leave();
      }
      await this.until('the group rebalances', () => this.watch.state === 'PreparingRebalance');
      await this.broker.kill();
    } finally {
      frozen.thaw();
    }
    const { port, dataDir } = this.broker;
    this.broker = await startBroker({ config: BROKER_CONFIG, port, dataDir });
    if (joined) await this.until(`${other.name} has an assignment`, () => other.assignments > 0);
    else await this.until(`${other.name} has left`, () => other.hasExited);
  }

  private start(): GroupMember {
    const { bootstrap } = this.broker;
    const taken = new Set(this.live.map(member => this.instances.get(member)));
    const free = Array.from({ length: MEMBERS_MAX + 1 }, (_, i) => `instance-${i}`).find(one => !taken.has(one))!;
    const instance = this.options.kind.static ? free : undefined;
    const command = this.make({ bootstrap, group: this.group, topic: TOPIC }, instance);
    const member = new GroupMember(
      `member-${this.all.length}`,
      command,
      (from, line) => this.hear(from, line),
      failure => this.news(failure),
    );
    this.all.push(member);
    if (instance !== undefined) this.instances.set(member, instance);
    member.exited.then(() => this.news());
    return member;
  }

  private hear(member: GroupMember, line: MemberLine): void {
    if (line.type === 'records') {
      for (const [offset, event] of line.records) this.history.consume(member.name, line.partition, offset, event);
    }
    if (line.type === 'assigned') {
      const { generation, partitions } = line;
      const memberId = this.instances.get(member) ?? line.memberId;
      this.history.claim({ process: member.name, generation, memberId, partitions });
    }
    this.news();
  }

  private produce(count: number): Promise<void> {
    return this.feed.produce(this.broker, TOPIC, count, one =>
      this.history.produce(one.partition, one.offset, one.event),
    );
  }

  private news(failure?: string): void {
    if (failure !== undefined) this.failures.push(failure);
    for (const waiter of this.waiters) waiter();
  }

  private check(): void {
    const wrong = [...this.failures, ...this.history.violations];
    if (wrong.length > 0) throw new Error(`${this.options.kind.name}:\n${wrong.join('\n')}\n${this.report()}`);
  }

  private until(what: string, arrived: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.waiters.delete(look);
        then();
      };
      const look = (): void => {
        try {
          this.check();
          if (arrived()) settle(resolve);
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const late = (): Error => new Error(`not within ${DEADLINE_MS} ms: ${what}\n${this.report()}`);
      const timer = setTimeout(() => settle(() => reject(late())), DEADLINE_MS);
      this.waiters.add(look);
      look();
    });
  }

  private report(): string {
    const { watch, history } = this;
    return [
      `${history.summary()}; latest generation ${history.latestGeneration}`,
      `group ${watch.state || 'silent'} with ${watch.members.length} members; ${watch.trouble}`,
      ...history.missing().slice(0, GROUP_PARTITIONS),
      ...history.behind().slice(0, GROUP_PARTITIONS),
      ...this.all.map(member => member.report()),
      `broker:\n${this.broker.output().slice(-3000)}`,
    ].join('\n');
  }

  private async end(): Promise<void> {
    for (const member of this.live) member.kill();
    await Promise.all(this.all.map(member => member.exited));
    await this.watch.stop();
    await this.broker.stop();
  }
}

async function createTopic(broker: ClientsBroker): Promise<void> {
  const connection = await Connection.open(broker);
  try {
    const topic = { name: TOPIC, numPartitions: GROUP_PARTITIONS, replicationFactor: 1, assignments: [] };
    const configs = [{ name: 'retention.ms', value: '-1' }];
    const body = { topics: [{ ...topic, configs }] };
    const answer = await connection.call(CreateTopicsRequest, CreateTopicsResponse, body);
    const code = answer.topics[0]!.errorCode;
    if (code !== 0) throw new Error(`CreateTopics was refused with ${code}`);
  } finally {
    connection.close();
  }
}
