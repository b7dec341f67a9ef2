/**
 * Plays operations on a group of one broker, each on a connection of its own, for JoinGroup and SyncGroup may be parked.
 * Ids are told as the operation that brought them: what is left can be compared.
 */
import { apiOf } from '../../../src/protocol/api.ts';
import { decodeResponse } from '../../../src/protocol/frame.ts';
import {
  FindCoordinatorRequest,
  type FindCoordinatorResponse,
} from '../../../src/protocol/messages/10-find-coordinator.ts';
import {
  DescribeGroupsRequest,
  type DescribeGroupsResponse,
} from '../../../src/protocol/messages/15-describe-groups.ts';
import { ask } from '../../answers/suite.ts';
import { DEADLINE_MS, RawClient } from '../../support/raw-client.ts';
import { type GroupOp, request, type Who } from './group-ops.ts';

export interface Answer {
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Described {
  readonly state: string;
  readonly group: unknown;
  /** Numbers of the operations that brought the members in; the leader is not told. */
  readonly members: readonly number[];
}

const describeVersion = 6;
/** Of a member that has not been told its id itself. */
const generatedId = /^.*-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const offsetsPartitions = 50;
/** How long a state is waited for that must come by itself. */
const stateDeadlineMs = 10_000;
/** How long the first broker is watched for answers that are not tied to anything else. */
const quietMs = 25;
/** What is not answered by then waits for others. */
const parkedAfterMs = 300;

export class GroupPlayer {
  readonly answers: Answer[] = [];
  private readonly port: number;
  private readonly groupId: string;
  private readonly own: RawClient;
  private readonly ids = new Map<number, string>();
  private readonly clients: RawClient[] = [];
  private parked = new Set<number>();
  private wake: () => void = () => {};

  private constructor(port: number, groupId: string, own: RawClient) {
    this.port = port;
    this.groupId = groupId;
    this.own = own;
  }

  static async open(port: number, groupId: string): Promise<GroupPlayer> {
    const player = new GroupPlayer(port, groupId, await RawClient.open(port));
    await player.coordinated();
    return player;
  }

  async close(): Promise<void> {
    await Promise.all([this.own, ...this.clients].map(client => client.close()));
  }

  get waiting(): readonly number[] {
    return [...this.parked];
  }

  knows(at: number): boolean {
    return this.ids.has(at);
  }

  /** The operation that brought this id. */
  memberOf(memberId: unknown): number | undefined {
    for (const [at, id] of this.ids) if (id === memberId) return at;
    return undefined;
  }

  async send(op: GroupOp, at: number): Promise<void> {
    const client = await RawClient.open(this.port);
    this.clients.push(client);
    this.parked.add(at);
    const frame = request(op, this.groupId, who => this.idOf(who));
    client.send(frame);
    client.receive(10 * DEADLINE_MS).then(
      answer => this.answered(frame, answer, at, client),
      () => undefined,
    );
  }

  private idOf(who: Who): string {
    if (who === 'none') return '';
    return who === 'stranger' ? 'stranger' : (this.ids.get(who) ?? 'stranger');
  }

  private answered(frame: Uint8Array, answer: Buffer, at: number, client: RawClient): void {
    const header = Buffer.from(frame);
    const body = decodeResponse(apiOf(header.readInt16BE(0))!, header.readInt16BE(2), answer).body as Answer['body'];
    this.learn(at, body.memberId);
    this.answers.push({ at, body });
    this.parked.delete(at);
    void client.close();
    this.wake();
  }

  private learn(at: number, memberId: unknown): void {
    if (typeof memberId !== 'string' || memberId === '' || memberId === 'stranger') return;
    if (![...this.ids.values()].includes(memberId)) this.ids.set(at, memberId);
  }

  /** What came of an operation: fields as the broker sent them, masked; undefined while it is parked. */
  textOf(at: number, answered: readonly number[]): string | undefined {
    const answer = this.answers.find(one => one.at === at);
    return answer && this.mask(answer.body, answered);
  }

  /**
   * Ids as the operation that brought them, if it was answered by then. Members are told in order of their operations: what
   * order a broker keeps them in is its own affair.
   */
  mask(body: unknown, answered: readonly number[]): string {
    const numbers = new Map(answered.flatMap(at => (this.ids.has(at) ? [[this.ids.get(at)!, at] as const] : [])));
    const masked = (value: unknown): unknown => {
      if (typeof value === 'string') {
        const at = numbers.get(value);
        return at === undefined ? value.replace(generatedId, '(new)') : `(${at})`;
      }
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      if (Array.isArray(value)) {
        return value.map(masked).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      }
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner)]));
    };
    return JSON.stringify(masked(body));
  }

  /** Until the broker coordinates this group: partitions of the topic come up one by one. */
  private async coordinated(): Promise<void> {
    const api = apiOf(FindCoordinatorRequest.key)!;
    const version = 6;
    const frame = ask(FindCoordinatorRequest, version, { keyType: 0, coordinatorKeys: [this.groupId] });
    for (const deadline = Date.now() + DEADLINE_MS; ; ) {
      const { body } = decodeResponse(api, version, await this.own.call(frame));
      const [found] = (body as FindCoordinatorResponse).coordinators;
      if (found?.errorCode === 0 && (await this.describe()).state !== '') return;
      if (Date.now() > deadline) throw new Error(`no coordinator: ${JSON.stringify(found)}`);
    }
  }

  /**
   * Until everything that was decided so far is stored: a commit of another group in the same partition waits for it.
   * (What writes nothing and is refused waits for nothing.)
   */
  async barrier(): Promise<void> {
    const commit: GroupOp = { kind: 'commit', version: 8, who: 'none', instance: null, generationId: -1 };
    await this.own.call(request(commit, neighbourOf(this.groupId), () => ''));
  }

  /** Until nothing has come for a while. */
  async quiet(): Promise<void> {
    for (let before = -1; before !== this.answers.length; ) {
      before = this.answers.length;
      await new Promise(resolve => setTimeout(resolve, quietMs));
    }
  }

  /**
   * Until the broker has taken the operation up: it is answered, or has had the time to be parked. Requests of different
   * connections are in no order.
   */
  async takenUp(at: number): Promise<void> {
    await this.until([at], parkedAfterMs);
  }

  /** Until these are answered; false if that does not happen. */
  async until(answered: readonly number[], deadlineMs = stateDeadlineMs): Promise<boolean> {
    const deadline = Date.now() + deadlineMs;
    while (answered.some(at => this.parked.has(at))) {
      const left = deadline - Date.now();
      if (left <= 0) return false;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  async describe(): Promise<Described> {
    const frame = ask(DescribeGroupsRequest, describeVersion, {
      groups: [this.groupId],
      includeAuthorizedOperations: false,
    });
    const answer = decodeResponse(apiOf(DescribeGroupsRequest.key)!, describeVersion, await this.own.call(frame));
    const [group] = (answer.body as DescribeGroupsResponse).groups;
    const numbers = new Map([...this.ids].map(([at, id]) => [id, at]));
    const members = group!.members.map(({ memberId }) => numbers.get(memberId) ?? -1);
    return { state: group!.groupState, group, members };
  }

  /** The same, once the group is in this state; whatever it is in when that does not happen. */
  async describeIn(state: string): Promise<Described> {
    const deadline = Date.now() + stateDeadlineMs;
    for (;;) {
      const described = await this.describe();
      if (described.state === state || Date.now() > deadline) return described;
    }
  }
}

/** Another group of the same partition of __consumer_offsets. */
function neighbourOf(groupId: string): string {
  for (let at = 0; ; at++) {
    const neighbour = `neighbour-${at}`;
    if (partitionOf(neighbour) === partitionOf(groupId)) return neighbour;
  }
}

/** Java's String.hashCode, and what Kafka makes of it. */
function partitionOf(groupId: string): number {
  let hash = 0;
  for (const letter of Buffer.from(groupId)) hash = (Math.imul(hash, 31) + letter) | 0;
  return (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % offsetsPartitions;
}
