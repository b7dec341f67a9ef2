import { encodeSubscription } from '../../protocol/consumer-protocol.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import { bodyOf, frameOf, type Wire } from './group-wire.ts';

const joinVersion = 7;
const syncVersion = 5;
/** The last that is not flexible: the error is at a fixed place. */
const heartbeatVersion = 3;
/** Of the answer: correlation id, throttle time, error. */
const heartbeatErrorAt = 8;
const afterFailureMs = 100;

/** Sound, and as long as what clients send: Kafka 4.3.1 never completes the rebalance of a group whose subscriptions are not. */
const subscription = encodeSubscription({ topics: ['a-topic-of-some-length'], userData: null });
const assignment = Buffer.alloc(40, 2);

/** A consumer as far as its coordinator can tell. It joins again whenever it is told to. */
export class Member {
  readonly wire: Wire;
  generation = -1;
  memberId = '';
  private readonly group: Group;
  private heartbeatFrame: Buffer | undefined;

  constructor(wire: Wire, group: Group) {
    this.wire = wire;
    this.group = group;
  }

  get stable(): boolean {
    return this.heartbeatFrame !== undefined;
  }

  join(): void {
    this.heartbeatFrame = undefined;
    const body = {
      groupId: this.group.id,
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 300_000,
      memberId: this.memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription }],
    };
    this.wire.send(frameOf(11, joinVersion, body), frame => this.joined(bodyOf(11, joinVersion, frame)));
  }

  private joined(reply: JoinGroupResponse): void {
    if (reply.errorCode === errorCode.MEMBER_ID_REQUIRED) {
      this.memberId = reply.memberId;
      this.join();
    } else if (reply.errorCode === errorCode.NONE) {
      this.memberId = reply.memberId;
      this.generation = reply.generationId;
      this.sync(reply.members.map(({ memberId }) => ({ memberId, assignment })));
    } else {
      this.again(reply.errorCode);
    }
  }

  private sync(assignments: readonly { memberId: string; assignment: Buffer }[]): void {
    const body = {
      groupId: this.group.id,
      generationId: this.generation,
      memberId: this.memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments,
    };
    this.wire.send(frameOf(14, syncVersion, body), frame => {
      const reply = bodyOf<SyncGroupResponse>(14, syncVersion, frame);
      if (reply.errorCode !== errorCode.NONE) {
        this.again(reply.errorCode);
        return;
      }
      const { generation: generationId, memberId } = this;
      const heartbeat = { groupId: this.group.id, generationId, memberId, groupInstanceId: null };
      this.heartbeatFrame = frameOf(12, heartbeatVersion, heartbeat);
      this.group.assigned(this);
    });
  }

  /** Sends one unless something else is under way; `told` is called when it is answered. */
  heartbeat(told: () => void): void {
    if (this.heartbeatFrame === undefined || this.wire.busy) return;
    this.wire.send(this.heartbeatFrame, frame => {
      told();
      const error = frame.readInt16BE(heartbeatErrorAt);
      if (error !== errorCode.NONE) this.again(error);
    });
  }

  private again(error: number): void {
    if (error === errorCode.UNKNOWN_MEMBER_ID) this.memberId = '';
    if (error === errorCode.REBALANCE_IN_PROGRESS || error === errorCode.ILLEGAL_GENERATION) {
      this.join();
      return;
    }
    this.heartbeatFrame = undefined;
    this.group.failures++;
    setTimeout(() => this.join(), afterFailureMs).unref();
  }
}

export class Group {
  readonly id: string;
  readonly members: Member[] = [];
  /** Errors that are no part of a rebalance. */
  failures = 0;
  private done: (() => void) | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** More members join; resolves when all of the group hold an assignment of one generation. */
  grow(wires: readonly Wire[]): Promise<void> {
    const added = wires.map(wire => new Member(wire, this));
    this.members.push(...added);
    return new Promise(resolve => {
      this.done = resolve;
      for (const member of added) member.join();
    });
  }

  assigned({ generation }: Member): void {
    if (this.done === undefined || !this.members.every(other => other.stable && other.generation === generation))
      return;
    this.done();
    this.done = undefined;
  }
}

/** Heartbeats of all who are in `members` by then, spread evenly over the interval, until the returned function is called. */
export function beat(members: readonly Member[], intervalMs: number, latencies: (ms: number) => void = () => {}) {
  let lastMs = performance.now();
  let due = 0;
  let next = 0;
  const ticker = setInterval(() => {
    const nowMs = performance.now();
    // What a busy machine has made late is left out rather than sent in a burst.
    due = Math.min(due + ((nowMs - lastMs) / intervalMs) * members.length, members.length);
    lastMs = nowMs;
    for (; due >= 1; due--) {
      const sentMs = performance.now();
      members[next++ % members.length]!.heartbeat(() => latencies(performance.now() - sentMs));
    }
  }, 1);
  ticker.unref();
  return () => clearInterval(ticker);
}
