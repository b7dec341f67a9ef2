// The group coordinator as handlers see it: finds the shard of a group, spreads what names several groups over their
// shards, and says what Kafka says when a shard cannot answer. What a group answers is its machine's business.
import type { Eventual } from '../base/eventual.ts';
import { groupBy } from '../base/group-by.ts';
import { isRefusal } from '../base/result.ts';
import type { Slot } from '../core/coordinator/turn.ts';
import type {
  DeletedTopic,
  DescribedGroup,
  GroupSettings,
  HeartbeatAsk,
  JoinAsk,
  JoinReply,
  LeaveAsk,
  LeaveReply,
  ListedGroup,
  OffsetCommitAsk,
  OffsetCommitReply,
  OffsetDeleteAsk,
  OffsetDeleteReply,
  OffsetFetchAsk,
  OffsetFetchReply,
  SyncAsk,
  SyncReply,
} from '../core/group/asks.ts';
import type { GroupMachine, GroupTurn } from '../core/group/machine.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { ApiRefusal } from './api.ts';

/** One partition of `__consumer_offsets`, as the coordinator runtime runs it. */
export interface GroupShard {
  write<Reply>(
    command: (machine: GroupMachine, turn: GroupTurn, slot: Slot<Reply>) => void,
  ): Eventual<Reply | ApiRefusal>;
  /** Committed state, now. */
  read<Reply>(query: (machine: GroupMachine) => Reply): Reply | ApiRefusal;
}

export interface GroupShards {
  /** NOT_COORDINATOR for a partition that this broker does not lead. */
  shard(partitionIndex: number): GroupShard | ApiRefusal;
  shards(): Iterable<GroupShard>;
}

export interface GroupCoordinatorOptions {
  readonly shards: GroupShards;
  /** Partitions of `__consumer_offsets`. */
  readonly partitionCount: () => number;
  readonly settings: Pick<GroupSettings, 'minSessionTimeoutMs' | 'maxSessionTimeoutMs'>;
}

export class GroupCoordinator {
  private readonly options: GroupCoordinatorOptions;
  private readonly commitListeners = new Set<(groupId: string) => void>();

  constructor(options: GroupCoordinatorOptions) {
    this.options = options;
  }

  async join(ask: JoinAsk): Promise<JoinReply | ApiRefusal> {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.options.settings;
    if (ask.groupId === '') return notJoined(ask, 'INVALID_GROUP_ID');
    if (ask.sessionTimeoutMs < minSessionTimeoutMs || ask.sessionTimeoutMs > maxSessionTimeoutMs) {
      return notJoined(ask, 'INVALID_SESSION_TIMEOUT');
    }
    return this.write(ask.groupId, (machine, turn, slot: Slot<JoinReply>) => machine.join(turn, slot, ask));
  }

  async sync(ask: SyncAsk): Promise<SyncReply | ApiRefusal> {
    if (ask.groupId === '') return failedSync('INVALID_GROUP_ID');
    return this.write(ask.groupId, (machine, turn, slot: Slot<SyncReply>) => machine.sync(turn, slot, ask));
  }

  /** At once where it can be: no other request comes as often. */
  heartbeat(ask: HeartbeatAsk): Eventual<ErrorName> {
    if (ask.groupId === '') return 'INVALID_GROUP_ID';
    const reply = this.write(ask.groupId, (machine, turn, slot: Slot<ErrorName>) => machine.heartbeat(turn, slot, ask));
    return reply instanceof Promise ? reply.then(beatError) : beatError(reply);
  }

  async leave(ask: LeaveAsk): Promise<LeaveReply> {
    if (ask.groupId === '') return { error: 'INVALID_GROUP_ID', members: [] };
    const reply = await this.write(ask.groupId, (machine, turn, slot: Slot<LeaveReply>) =>
      machine.leave(turn, slot, ask),
    );
    if (isRefusal(reply)) return { error: reply.refused, members: [] };
    // A group that is not there is answered for every member.
    if (reply.error !== 'UNKNOWN_MEMBER_ID') return reply;
    const members = ask.members.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId }));
    return { error: 'NONE', members: members.map(member => ({ ...member, error: 'UNKNOWN_MEMBER_ID' as const })) };
  }

  async commitOffsets(ask: OffsetCommitAsk): Promise<OffsetCommitReply | ApiRefusal> {
    const reply = await this.write(ask.groupId, (machine, turn, slot: Slot<OffsetCommitReply>) =>
      machine.commitOffsets(turn, slot, ask),
    );
    if (!isRefusal(reply) && reply.errors.includes('NONE')) {
      for (const listener of this.commitListeners) listener(ask.groupId);
    }
    return reply;
  }

  /** Calls `listener` with the group of every commit that is stored; the returned function ends that. */
  onCommitted(listener: (groupId: string) => void): () => void {
    this.commitListeners.add(listener);
    return () => void this.commitListeners.delete(listener);
  }

  /** With `requireStable` it waits for what is being written, and then finds all of it. */
  async fetchOffsets(ask: OffsetFetchAsk): Promise<OffsetFetchReply> {
    const reply = ask.requireStable
      ? await this.write(ask.groupId, (machine, turn, slot: Slot<OffsetFetchReply>) =>
          turn.answer(slot, machine.fetchOffsets(ask)),
        )
      : this.read(ask.groupId, machine => machine.fetchOffsets(ask));
    if (!isRefusal(reply)) return reply;
    // Consumers before 3.9 do not know COORDINATOR_NOT_AVAILABLE here; NOT_COORDINATOR makes them look it up again.
    const error = reply.refused === 'COORDINATOR_NOT_AVAILABLE' ? 'NOT_COORDINATOR' : reply.refused;
    return { error, partitions: [] };
  }

  async deleteOffsets(ask: OffsetDeleteAsk): Promise<OffsetDeleteReply> {
    if (ask.groupId === '') return { error: 'INVALID_GROUP_ID', errors: [] };
    const reply = await this.write(ask.groupId, (machine, turn, slot: Slot<OffsetDeleteReply>) =>
      machine.deleteOffsets(turn, slot, ask),
    );
    return isRefusal(reply) ? { error: reply.refused, errors: [] } : reply;
  }

  /** The error of each group; every id once. */
  async deleteGroups(groupIds: readonly string[]): Promise<Map<string, ErrorName>> {
    const errors = new Map<string, ErrorName>();
    const byShard = groupBy([...new Set(groupIds)], groupId => this.partitionOf(groupId));
    await Promise.all(
      [...byShard.values()].map(async ids => {
        const reply = await this.write(ids[0]!, (machine, turn, slot: Slot<readonly ErrorName[]>) =>
          machine.deleteGroups(turn, slot, ids),
        );
        ids.forEach((id, i) => {
          errors.set(id, isRefusal(reply) ? reply.refused : reply[i]!);
        });
      }),
    );
    return errors;
  }

  describe(groupId: string): DescribedGroup {
    const group = this.read(groupId, machine => machine.describe(groupId));
    if (!isRefusal(group)) return group;
    return { error: group.refused, message: null, groupId, state: '', protocolType: '', protocol: '', members: [] };
  }

  /** All groups of this broker; one shard that is being loaded refuses for all. */
  list(): readonly ListedGroup[] | ApiRefusal {
    const groups: ListedGroup[] = [];
    for (const shard of this.options.shards.shards()) {
      const listed = shard.read(machine => machine.list());
      if (!isRefusal(listed)) groups.push(...listed);
      else if (listed.refused !== 'NOT_COORDINATOR') return listed;
    }
    return groups;
  }

  /** Their offsets go, from every shard that is loaded; what was not told is found when offsets expire. */
  topicsDeleted(topics: readonly DeletedTopic[]): void {
    for (const shard of this.options.shards.shards()) {
      void shard.write((machine, turn, slot: Slot<undefined>) => {
        machine.topicsDeleted(turn, topics);
        turn.answer(slot, undefined);
      });
    }
  }

  /** Index of the partition of `__consumer_offsets` that keeps the group, by Kafka's rule. */
  partitionOf(groupId: string): number {
    const hash = javaHash(groupId);
    return (hash === minInt32 ? 0 : Math.abs(hash)) % this.options.partitionCount();
  }

  private write<Reply>(
    groupId: string,
    command: (machine: GroupMachine, turn: GroupTurn, slot: Slot<Reply>) => void,
  ): Eventual<Reply | ApiRefusal> {
    const shard = this.options.shards.shard(this.partitionOf(groupId));
    return isRefusal(shard) ? shard : shard.write(command);
  }

  private read<Reply>(groupId: string, query: (machine: GroupMachine) => Reply): Reply | ApiRefusal {
    const shard = this.options.shards.shard(this.partitionOf(groupId));
    return isRefusal(shard) ? shard : shard.read(query);
  }
}

const minInt32 = -(2 ** 31);

/** String.hashCode, over UTF-16 code units. */
export function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

function beatError(reply: ErrorName | ApiRefusal): ErrorName {
  if (!isRefusal(reply)) return reply;
  // A member of a group that is being loaded is taken to be alive: sessions begin anew when it is loaded.
  return reply.refused === 'COORDINATOR_LOAD_IN_PROGRESS' ? 'NONE' : reply.refused;
}

const notJoined = (ask: JoinAsk, error: ErrorName): JoinReply => ({ ...failedJoin(error), memberId: ask.memberId });

export const failedJoin = (error: ErrorName): JoinReply => ({
  error,
  memberId: '',
  generationId: -1,
  protocolType: null,
  protocolName: null,
  leader: '',
  skipAssignment: false,
  members: [],
});

export const failedSync = (error: ErrorName): SyncReply => ({
  error,
  protocolType: null,
  protocolName: null,
  assignment: new Uint8Array(0),
});
