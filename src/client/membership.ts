import {
  consumerProtocolType,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../protocol/consumer-protocol.ts';
import { errorCode } from '../protocol/errors.ts';
import { JoinGroupRequest, JoinGroupResponse } from '../protocol/messages/11-join-group.ts';
import { HeartbeatRequest, HeartbeatResponse } from '../protocol/messages/12-heartbeat.ts';
import { LeaveGroupRequest, LeaveGroupResponse } from '../protocol/messages/13-leave-group.ts';
import { SyncGroupRequest, SyncGroupResponse } from '../protocol/messages/14-sync-group.ts';
import type { Assignor, AssignorMember } from './assignors/assignor.ts';
import type { Cluster } from './cluster.ts';
import { Connection } from './connection.ts';
import { findCoordinator } from './coordinator.ts';
import { ClientFailure, expectNone } from './failure.ts';
import type { Committer } from './group-offsets.ts';
import type { TopicPartition } from './partition-map.ts';
import { passes, pause, retryMs } from './retry.ts';

export interface MembershipOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** In order of preference. */
  readonly assignors: readonly Assignor[];
  /** Makes the member a static one (KIP-345). */
  readonly instanceId: string | null;
  readonly sessionTimeoutMs: number;
  /** How long members may take to join again when the group rebalances. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
}

/** How often a leader looks for new partitions: with heartbeats of 3 s, every 30 s. */
const beatsPerLook = 10;

/** The first version that asks static members to leave by instance id, and dynamic ones in a list. */
const leaveInListVersion = 3;

/** Errors after which the old generation is gone and the member joins once more. */
const joinAgain: ReadonlySet<number> = new Set([
  errorCode.REBALANCE_IN_PROGRESS,
  errorCode.ILLEGAL_GENERATION,
  errorCode.UNKNOWN_MEMBER_ID,
  errorCode.MEMBER_ID_REQUIRED,
]);

/**
 * One member of a classic group: joins, assigns when it leads, keeps its session alive, leaves. Rebalances are eager: all
 * partitions are given up before the member joins again.
 */
export class Membership {
  readonly #cluster: Cluster;
  readonly #options: MembershipOptions;
  #connection: Connection | undefined;
  #memberId = '';
  #generation = -1;
  #owned: readonly TopicPartition[] = [];
  #mustJoin = true;
  #joining = false;
  #left = false;
  #fatal: ClientFailure | undefined;
  #heart: NodeJS.Timeout | undefined;
  /** What the leader shared out; undefined for the others. */
  #counts: ReadonlyMap<string, number> | undefined;
  #beats = 0;

  constructor(cluster: Cluster, options: MembershipOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Must `join` be called (again) before anything is read or committed? Throws when the group has expelled this member. */
  get mustJoin(): boolean {
    if (this.#fatal) throw this.#fatal;
    return this.#mustJoin;
  }

  /** Of the last join that came to an end; -1 before and outside. */
  get generation(): number {
    return this.#generation;
  }

  get committer(): Committer {
    return { memberId: this.#memberId, generation: this.#generation, instanceId: this.#options.instanceId };
  }

  /** The connection to the coordinator, this member's own: a join that waits holds up nobody else. */
  async coordinator(): Promise<Connection> {
    if (!this.#connection?.isOpen) {
      this.#connection = await Connection.open(await findCoordinator(this.#cluster, this.#options.group));
    }
    return this.#connection;
  }

  /** Takes part in rebalances until one comes to an end; returns what this member reads from now on. */
  async join(): Promise<readonly TopicPartition[]> {
    clearTimeout(this.#heart);
    this.#joining = true;
    try {
      for (;;) {
        try {
          this.#owned = await this.#joinOnce();
          this.#mustJoin = false;
          this.#beatLater();
          return this.#owned;
        } catch (error) {
          if (this.#left) return [];
          await this.#orAgain(error);
        }
      }
    } finally {
      this.#joining = false;
    }
  }

  /** No more joins: one that is waiting for other members ends now, without partitions. */
  giveUp(): void {
    this.#left = true;
    if (this.#joining) this.#connection?.close();
  }

  /** What a request of this member was refused with: joins again next time, or throws what that cannot mend. */
  refused(error: unknown): void {
    if (!(error instanceof ClientFailure) || !(joinAgain.has(error.code) || passes(error))) throw error;
    this.#mustJoin = true;
    this.#note(error.code);
  }

  /** Ends the session. A static member stays in the group until its session times out, so that it may come back. */
  async leave(): Promise<void> {
    this.giveUp();
    clearTimeout(this.#heart);
    const { group, instanceId } = this.#options;
    if (this.#memberId !== '' && instanceId === null) {
      const connection = await this.coordinator();
      const inList = connection.versionOf(LeaveGroupRequest) >= leaveInListVersion;
      const answer = await connection.call(LeaveGroupRequest, LeaveGroupResponse, {
        groupId: group,
        memberId: inList ? '' : this.#memberId,
        members: inList ? [{ memberId: this.#memberId, reason: 'the consumer was closed' }] : [],
      });
      const code = answer.errorCode || (answer.members[0]?.errorCode ?? 0);
      if (!joinAgain.has(code)) expectNone(code, `leaving group ${group}`);
    }
    this.#connection?.close();
    this.#mustJoin = true;
    this.#memberId = '';
  }

  async #orAgain(error: unknown): Promise<void> {
    if (!(error instanceof ClientFailure)) throw error;
    if (passes(error)) {
      this.#connection?.close();
      await pause(retryMs);
    } else if (!joinAgain.has(error.code)) throw error;
    this.#note(error.code);
  }

  #note(code: number): void {
    if (code === errorCode.UNKNOWN_MEMBER_ID) this.#memberId = '';
    if (code === errorCode.UNKNOWN_MEMBER_ID || code === errorCode.ILLEGAL_GENERATION) this.#generation = -1;
  }

  async #joinOnce(): Promise<readonly TopicPartition[]> {
    const { group, sessionTimeoutMs, rebalanceTimeoutMs, instanceId, assignors } = this.#options;
    const connection = await this.coordinator();
    const answer = await connection.call(JoinGroupRequest, JoinGroupResponse, {
      groupId: group,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId: this.#memberId,
      groupInstanceId: instanceId,
      protocolType: consumerProtocolType,
      protocols: assignors.map(assignor => ({ name: assignor.name, metadata: this.#subscription(assignor) })),
    });
    // The id comes first and is to be sent again (KIP-394), so that a lost answer leaves no member behind.
    if (answer.errorCode === errorCode.MEMBER_ID_REQUIRED) this.#memberId = answer.memberId;
    expectNone(answer.errorCode, `joining group ${group}`);
    this.#memberId = answer.memberId;
    this.#generation = answer.generationId;
    const leads = answer.leader === answer.memberId;
    const subscribed = leads ? answer.members.map(subscriptionOf) : [];
    this.#counts = leads ? await this.#countPartitions(subscribed.flatMap(({ topics }) => topics)) : undefined;
    const assigns = this.#counts !== undefined && !answer.skipAssignment;
    return this.#sync(connection, answer, assigns ? this.#assign(answer.protocolName, subscribed, this.#counts!) : []);
  }

  #subscription(assignor: Assignor): Uint8Array {
    const userData = assignor.userData?.(this.#owned, this.#generation) ?? null;
    return encodeSubscription({ topics: this.#options.topics, userData });
  }

  async #sync(
    connection: Connection,
    joined: JoinGroupResponse,
    assignments: readonly { memberId: string; assignment: Uint8Array }[],
  ): Promise<readonly TopicPartition[]> {
    const { group, instanceId } = this.#options;
    const answer = await connection.call(SyncGroupRequest, SyncGroupResponse, {
      groupId: group,
      generationId: this.#generation,
      memberId: this.#memberId,
      groupInstanceId: instanceId,
      protocolType: consumerProtocolType,
      protocolName: joined.protocolName,
      assignments,
    });
    expectNone(answer.errorCode, `joining group ${group}`);
    return decodeAssignment(answer.assignment).assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map(partition => ({ topic, partition })),
    );
  }

  #assign(protocol: string | null, subscribed: readonly AssignorMember[], counts: ReadonlyMap<string, number>) {
    const assignor = this.#options.assignors.find(({ name }) => name === protocol);
    if (!assignor) throw new ClientFailure(`group ${this.#options.group} has chosen ${protocol}, unknown here`);
    return [...assignor.assign(subscribed, counts)].map(([memberId, share]) => ({
      memberId,
      assignment: encodeAssignment({ assignedPartitions: groupedByTopic(share) }),
    }));
  }

  /** Topics that do not exist (yet) are left out. */
  async #countPartitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const answer = await this.#cluster.metadata([...new Set(topics)]);
    return new Map(answer.topics.filter(t => t.errorCode === 0).map(t => [t.name!, t.partitions.length]));
  }

  /** Partitions that were added, and topics that came or went, are shared out in a rebalance of the leader's making. */
  async #lookForPartitions(before: ReadonlyMap<string, number>): Promise<void> {
    const now = await this.#countPartitions([...before.keys(), ...this.#options.topics]);
    if (now.size !== before.size || [...now].some(([topic, count]) => before.get(topic) !== count))
      this.#mustJoin = true;
  }

  #beatLater(): void {
    clearTimeout(this.#heart);
    this.#heart = setTimeout(() => void this.#beat(), this.#options.heartbeatIntervalMs);
  }

  async #beat(): Promise<void> {
    const { group, instanceId } = this.#options;
    try {
      const connection = await this.coordinator();
      const answer = await connection.call(HeartbeatRequest, HeartbeatResponse, {
        groupId: group,
        generationId: this.#generation,
        memberId: this.#memberId,
        groupInstanceId: instanceId,
      });
      expectNone(answer.errorCode, `heartbeat of group ${group}`);
      if (this.#counts && ++this.#beats % beatsPerLook === 0) await this.#lookForPartitions(this.#counts);
      if (!this.#mustJoin && !this.#left) this.#beatLater();
    } catch (error) {
      // Nobody waits for a heartbeat: whoever looks at `mustJoin` next hears of it.
      try {
        this.refused(error);
      } catch {
        this.#fatal = error instanceof ClientFailure ? error : new ClientFailure(String(error));
      }
    }
  }
}

function subscriptionOf({ memberId, groupInstanceId, metadata }: JoinGroupResponse['members'][number]): AssignorMember {
  const { topics, userData } = decodeSubscription(metadata);
  return { memberId, instanceId: groupInstanceId, topics, userData };
}

function groupedByTopic(share: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of share) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  return [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
}
