// A classic group: who its members are, what they support, who waits for an answer. Soft state of one coordinator, changed
// by its turns directly; what must survive is written as a GroupMetadata record at each generation (records.ts).
import { assert } from '../../base/assert.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Slot, Turn } from '../coordinator/turn.ts';
import type { JoinedMember, JoinReply, NamedProtocol, SyncReply } from './asks.ts';
import { Member } from './member.ts';
import { ProtocolVotes } from './protocol-votes.ts';
import { refusedJoin, refusedSync, unknownMemberId } from './replies.ts';
import { type GroupState, mayFollow } from './states.ts';
import { consumerProtocolType, subscribedTopics } from './subscription.ts';

/** A timestamp that is not known: groups written by old versions of Kafka. */
export const noTimestamp = -1n;

export class ClassicGroup {
  readonly groupId: string;
  state: GroupState = 'Empty';
  /** Undefined for one that has not moved since it was made or loaded. */
  previousState: GroupState | undefined;
  /** Milliseconds since the epoch, or noTimestamp. */
  stateSinceMs: bigint;
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** In order of arrival. */
  readonly members = new Map<string, Member>();
  /** KIP-394: ids that were given out and have not joined with yet. */
  readonly pendingJoins = new Set<string>();
  /** Members that have been told of the generation and have not sent SyncGroup. */
  readonly pendingSyncs = new Set<string>();
  /** Somebody came during the initial delay: it may be extended. */
  newMemberAdded = false;
  /** Of the generation; undefined when it is not known. */
  private subscriptions: ReadonlySet<string> | undefined;
  private readonly statics = new Map<string, string>();
  private readonly votes = new ProtocolVotes();
  private awaiting = 0;

  constructor(groupId: string, stateSinceMs: bigint) {
    this.groupId = groupId;
    this.stateSinceMs = stateSinceMs;
  }

  transitionTo(state: GroupState, nowMs: bigint): void {
    assert(mayFollow(this.state, state), `a group goes to ${state} from where it may, not from ${this.state}`);
    this.previousState = this.state;
    this.state = state;
    this.stateSinceMs = nowMs;
  }

  get awaitingJoins(): number {
    return this.awaiting;
  }

  /** Of members with an instance id (KIP-345). */
  staticMemberId(groupInstanceId: string): string | undefined {
    return this.statics.get(groupInstanceId);
  }

  get hasAllMembersJoined(): boolean {
    return this.members.size === this.awaiting && this.pendingJoins.size === 0;
  }

  /** The longest of any member: looks at all of them. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId;
  }

  usesConsumerProtocol(): boolean {
    return this.protocolType === consumerProtocolType;
  }

  /** What offsets must not expire or be deleted for: in doubt everything, for a group of consumers. */
  isSubscribedTo(topic: string): boolean {
    return this.subscriptions?.has(topic) ?? this.usesConsumerProtocol();
  }

  get knowsSubscriptions(): boolean {
    return this.subscriptions !== undefined;
  }

  /** Whether somebody with these can be a member beside all that are. */
  supports(protocolType: string, protocols: readonly NamedProtocol[]): boolean {
    if (this.state === 'Empty') return protocolType !== '' && protocols.length > 0;
    if (this.protocolType !== protocolType) return false;
    return protocols.some(({ name }) => this.votes.supportersOf(name) === this.members.size);
  }

  selectProtocol(): string {
    const ballots = [...this.members.values()].map(({ protocols }) => protocols);
    const selected = this.votes.elect(ballots, this.members.size);
    assert(selected !== undefined, 'the members of a group share a protocol');
    return selected;
  }

  /** As KIP-345 has it: an unknown instance id is an unknown member, a known one of another member is fenced. */
  validate(memberId: string, groupInstanceId: string | null): ErrorName {
    if (groupInstanceId !== null) {
      const existing = this.statics.get(groupInstanceId);
      if (existing === undefined) return 'UNKNOWN_MEMBER_ID';
      if (existing !== memberId) return 'FENCED_INSTANCE_ID';
    }
    return this.members.has(memberId) ? 'NONE' : 'UNKNOWN_MEMBER_ID';
  }

  add(member: Member, protocolType: string): void {
    if (this.members.size === 0) this.protocolType = protocolType;
    if (member.groupInstanceId !== null) {
      assert(!this.statics.has(member.groupInstanceId), 'an instance id has one member');
      this.statics.set(member.groupInstanceId, member.memberId);
    }
    this.leaderId ??= member.memberId;
    this.members.set(member.memberId, member);
    this.votes.add(member.protocols);
    this.pendingJoins.delete(member.memberId);
  }

  update(
    member: Member,
    to: { protocols: readonly NamedProtocol[]; rebalanceTimeoutMs: number; sessionTimeoutMs: number },
  ): void {
    this.votes.remove(member.protocols);
    member.protocols = to.protocols;
    this.votes.add(member.protocols);
    member.rebalanceTimeoutMs = to.rebalanceTimeoutMs;
    member.sessionTimeoutMs = to.sessionTimeoutMs;
  }

  /** Whoever still waits in its name is told that it is no member. Pending ids go as well; one that is not there may. */
  remove(turn: Turn, memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.answerJoin(turn, member, refusedJoin('UNKNOWN_MEMBER_ID', unknownMemberId));
      this.answerSync(turn, member, refusedSync('UNKNOWN_MEMBER_ID'));
      this.forget(member);
      if (member.groupInstanceId !== null) this.statics.delete(member.groupInstanceId);
    }
    if (this.isLeader(memberId)) this.leaderId = this.members.keys().next().value ?? null;
    this.pendingJoins.delete(memberId);
    this.pendingSyncs.delete(memberId);
  }

  /** The static member goes on under another id; whoever waits under the old one is fenced. */
  replaceStatic(turn: Turn, old: Member, newMemberId: string): Member {
    const { memberId: oldMemberId, groupInstanceId } = old;
    assert(groupInstanceId !== null, 'only a static member is replaced');
    this.answerJoin(turn, old, refusedJoin('FENCED_INSTANCE_ID', oldMemberId));
    this.answerSync(turn, old, refusedSync('FENCED_INSTANCE_ID'));
    this.forget(old);
    const replacement = new Member({
      memberId: newMemberId,
      groupInstanceId,
      clientId: old.clientId,
      clientHost: old.clientHost,
      rebalanceTimeoutMs: old.rebalanceTimeoutMs,
      sessionTimeoutMs: old.sessionTimeoutMs,
      protocols: old.protocols,
      assignment: old.assignment,
    });
    this.members.set(newMemberId, replacement);
    this.votes.add(replacement.protocols);
    this.statics.set(groupInstanceId, newMemberId);
    if (this.isLeader(oldMemberId)) this.leaderId = newMemberId;
    // Kafka leaves the old id waiting for, and rebalances a stable group over it when the time is up.
    if (this.pendingSyncs.delete(oldMemberId)) this.pendingSyncs.add(newMemberId);
    return replacement;
  }

  private forget(member: Member): void {
    this.members.delete(member.memberId);
    this.votes.remove(member.protocols);
  }

  /** An earlier JoinGroup in the same name comes from a connection that is given up: it may try again. */
  parkJoin(turn: Turn, member: Member, slot: Slot<JoinReply>): void {
    this.answerJoin(turn, member, refusedJoin('REBALANCE_IN_PROGRESS', member.memberId));
    member.join = slot;
    this.awaiting++;
  }

  answerJoin(turn: Turn, member: Member, reply: JoinReply): void {
    if (member.join === undefined) return;
    turn.answer(member.join, reply);
    member.join = undefined;
    this.awaiting--;
  }

  parkSync(turn: Turn, member: Member, slot: Slot<SyncReply>): void {
    this.answerSync(turn, member, refusedSync('REBALANCE_IN_PROGRESS'));
    member.sync = slot;
  }

  /** Whether it waited. */
  answerSync(turn: Turn, member: Member, reply: SyncReply): boolean {
    if (member.sync === undefined) return false;
    turn.answer(member.sync, reply);
    member.sync = undefined;
    return true;
  }

  /**
   * A leader that has not joined again in time loses its office to the oldest member that has. False when there is nobody
   * to lead: no member at all, or none that has joined.
   */
  electJoinedLeader(): boolean {
    if (this.leaderId === null) return false;
    if (this.members.get(this.leaderId)?.join !== undefined) return true;
    for (const member of this.members.values()) {
      if (member.join === undefined) continue;
      this.leaderId = member.memberId;
      return true;
    }
    return false;
  }

  nextGeneration(nowMs: bigint): void {
    this.generationId = nextGenerationId(this.generationId);
    this.protocolName = this.members.size === 0 ? null : this.selectProtocol();
    this.learnSubscriptions();
    this.transitionTo(this.members.size === 0 ? 'Empty' : 'CompletingRebalance', nowMs);
    this.pendingSyncs.clear();
  }

  learnSubscriptions(): void {
    const known = this.usesConsumerProtocol() && (this.members.size === 0 || this.protocolName !== null);
    const metadata = [...this.members.values()].map(member => member.metadata(this.protocolName));
    this.subscriptions = known ? subscribedTopics(metadata) : undefined;
  }

  /** As the leader is told. */
  joinedMembers(): readonly JoinedMember[] {
    return [...this.members.values()].map(member => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadata(this.protocolName),
    }));
  }
}

const generationIdMax = 0x7fff_ffff;
/** After two thousand million rebalances it begins anew: -1 means "none" to clients. */
const nextGenerationId = (generationId: number): number => (generationId === generationIdMax ? 0 : generationId + 1);
