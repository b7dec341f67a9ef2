/** A group coordinator driven by hand, with what consumers usually send. */
import type {
  GroupSettings,
  HeartbeatAsk,
  JoinAsk,
  JoinReply,
  LeaveAsk,
  LeaveReply,
  NamedProtocol,
  OffsetCommitAsk,
  OffsetCommitReply,
  SyncAsk,
  SyncReply,
} from '../../src/core/group/asks.ts';
import {
  type GroupMachine,
  type GroupRecord,
  type GroupRecordInit,
  groupMachineKind,
} from '../../src/core/group/machine.ts';
import type { ErrorName } from '../../src/protocol/errors.ts';
import { type Asked, HandDriven } from './turn.ts';

export const groupSettings: GroupSettings = {
  maxSize: 0x7fff_ffff,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3_000,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 604_800_000n,
  offsetsRetentionCheckIntervalMs: 600_000,
};

export const sessionTimeoutMs = 45_000;
export const rebalanceTimeoutMs = 300_000;

export const named = (name: string, metadata: readonly number[] = [1]): NamedProtocol => ({
  name,
  metadata: Uint8Array.from(metadata),
});

/** A subscription in the consumer protocol, version 0. */
export function subscription(...topics: string[]): Uint8Array {
  const parts = [Buffer.from([0, 0]), int32(topics.length)];
  for (const topic of topics) parts.push(Buffer.from([0, topic.length]), Buffer.from(topic));
  return Uint8Array.from(Buffer.concat([...parts, int32(-1)]));
}

function int32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeInt32BE(value);
  return out;
}

/** As many as were asked for; more than three have to be looked up. */
export type MemberIds = [string, string, string, ...string[]];

export class Coordinator extends HandDriven<GroupMachine, GroupRecordInit, GroupRecord> {
  constructor(settings: Partial<GroupSettings> = {}) {
    super(groupMachineKind({ ...groupSettings, ...settings }));
  }

  join(ask: Partial<JoinAsk> = {}): Asked<JoinReply> {
    const whole: JoinAsk = {
      groupId: 'g',
      memberId: '',
      groupInstanceId: null,
      clientId: 'c',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolType: 'consumer',
      protocols: [named('range')],
      requiresKnownMemberId: true,
      supportsSkippingAssignment: true,
      reason: null,
      ...ask,
    };
    return this.ask((machine, turn, slot) => machine.join(turn, slot, whole));
  }

  sync(ask: Partial<SyncAsk> = {}): Asked<SyncReply> {
    const whole: SyncAsk = {
      groupId: 'g',
      memberId: '',
      groupInstanceId: null,
      generationId: 1,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [],
      ...ask,
    };
    return this.ask((machine, turn, slot) => machine.sync(turn, slot, whole));
  }

  heartbeat(ask: Partial<HeartbeatAsk> = {}): ErrorName {
    const whole: HeartbeatAsk = { groupId: 'g', memberId: '', groupInstanceId: null, generationId: 1, ...ask };
    return this.ask<ErrorName>((machine, turn, slot) => machine.heartbeat(turn, slot, whole)).answer;
  }

  leave(...members: Partial<LeaveAsk['members'][number]>[]): Asked<LeaveReply> {
    const whole = members.map(member => ({ memberId: '', groupInstanceId: null, reason: null, ...member }));
    return this.ask((machine, turn, slot) => machine.leave(turn, slot, { groupId: 'g', members: whole }));
  }

  /** Offset 1 of partition 0 of topic 't', unless told otherwise. */
  commitOffset(ask: Partial<OffsetCommitAsk> = {}): Asked<OffsetCommitReply> {
    const partition = { topic: 't', partition: 0, offset: 1n, leaderEpoch: -1, metadata: '' };
    const whole = {
      groupId: 'g',
      memberId: '',
      groupInstanceId: null,
      generationId: -1,
      retentionTimeMs: -1n,
      partitions: [{ ...partition, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }],
      ...ask,
    } as OffsetCommitAsk;
    return this.ask((machine, turn, slot) => machine.commitOffsets(turn, slot, whole));
  }

  deleteGroups(...groupIds: string[]): Asked<readonly ErrorName[]> {
    return this.ask((machine, turn, slot) => machine.deleteGroups(turn, slot, groupIds));
  }

  get state(): string {
    return this.machine.describe('g').state;
  }

  /** The id that a dynamic member is given; it is pending. */
  newMemberId(ask: Partial<JoinAsk> = {}): string {
    return this.join(ask).answer.memberId;
  }

  /** Both steps of a dynamic member's JoinGroup. */
  joinTwice(ask: Partial<JoinAsk> = {}): { memberId: string; asked: Asked<JoinReply> } {
    const memberId = this.newMemberId(ask);
    return { memberId, asked: this.join({ ...ask, memberId }) };
  }

  /** `size` dynamic members of the first generation, the leader first, in CompletingRebalance. */
  completing(size: number, ask: Partial<JoinAsk> = {}): MemberIds {
    const memberIds = Array.from({ length: size }, () => this.joinTwice(ask).memberId) as MemberIds;
    // The second member extends the delay once.
    this.advance(size > 1 ? 6_000 : 3_000);
    return memberIds;
  }

  /** The same, assigned: member n has the bytes [n]. */
  stable(size: number, ask: Partial<JoinAsk> = {}): MemberIds {
    const memberIds = this.completing(size, ask);
    this.assign(memberIds, 1);
    return memberIds;
  }

  assign(memberIds: readonly string[], generationId: number): void {
    const assignments = memberIds.map((memberId, at) => ({ memberId, assignment: Uint8Array.of(at) }));
    for (const memberId of memberIds) this.sync({ memberId, generationId, protocolName: null, assignments });
  }
}
