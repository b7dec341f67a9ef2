// A consumer as clients write them: joins, syncs, fetches its offsets, works, beats, commits. It may be slow, crash, leave,
// and wake up to commit in the name of a generation that is over.
import type { Prng } from '../../../src/base/prng.ts';
import { isRefusal } from '../../../src/base/result.ts';
import { zeroUuid } from '../../../src/base/uuid.ts';
import type { WireRefusal } from '../../../src/core/controller/decision.ts';
import type { JoinReply, LeaveReply, OffsetCommitReply, SyncReply } from '../../../src/core/group/asks.ts';
import type { ErrorName } from '../../../src/protocol/errors.ts';
import { subscription } from '../../support/groups.ts';
import type { MemberView } from './events.ts';
import { idlePartition, nameOf, type Place, places, rebalanceTimeoutMs, sessionTimeoutMs, topics } from './settings.ts';
import type { World } from './world.ts';

/** What a client does next: the process is gone, it joins as it is, or as somebody new. */
type Next = 'die' | 'rejoin' | 'stay';

/** How often, of a thousand turns of the poll loop. */
export interface Habits {
  readonly crash: number;
  readonly leave: number;
  readonly slow: number;
  readonly slowMsMax: number;
}

export const calm: Habits = { crash: 0, leave: 0, slow: 0, slowMsMax: 0 };

export class Member {
  readonly groupId: string;
  habits: Habits;
  /** Of the generation it works in, while it does. */
  owned: readonly Place[] = [];
  working = false;
  private readonly world: World;
  private readonly chance: Prng;
  private readonly name: string;
  private readonly groupInstanceId: string | null;
  private memberId = '';
  private generation = -1;
  private readonly positions = new Map<string, bigint>();
  private readonly uncommitted = new Set<string>();
  private over = false;

  constructor(world: World, groupId: string, name: string, habits: Habits) {
    this.world = world;
    this.chance = world.chance.fork();
    this.groupId = groupId;
    this.name = name;
    this.habits = habits;
    this.groupInstanceId = this.chance.chance(0.2) ? `static ${name}` : null;
  }

  /** One process after the other, until `stop`. */
  async run(): Promise<void> {
    await this.world.sleep(this.chance.below(5_000));
    while (!this.over) {
      this.memberId = '';
      await this.live();
      this.working = false;
      await this.world.sleep(this.chance.below(10_000));
    }
  }

  /** Leaves when it is next awake. */
  stop(): void {
    this.over = true;
  }

  private get view(): MemberView {
    return { groupId: this.groupId, memberId: this.memberId, groupInstanceId: this.groupInstanceId };
  }

  private async live(): Promise<void> {
    for (let next: Next = 'rejoin'; next !== 'die'; ) {
      next = await this.join();
      if (next === 'stay') next = await this.work();
      this.working = false;
      if (this.over && next !== 'die') {
        await this.leave();
        return;
      }
      if (next === 'rejoin') await this.world.sleep(this.chance.below(200));
    }
  }

  private async join(): Promise<Next> {
    const { world, groupId, groupInstanceId } = this;
    const asked = this.view;
    const { reply, decidedMs } = await world.call<JoinReply>('join', groupId, (machine, turn, slot) =>
      machine.join(turn, slot, {
        groupId,
        memberId: asked.memberId,
        groupInstanceId,
        clientId: this.name,
        clientHost: '/127.0.0.1',
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: subscription(...topics) }],
        requiresKnownMemberId: true,
        supportsSkippingAssignment: true,
        reason: null,
      }),
    );
    if (isRefusal(reply) || reply.error !== 'NONE') {
      const next = this.refused(asked, isRefusal(reply) ? reply.refused : reply.error, decidedMs);
      if (!isRefusal(reply) && reply.error === 'MEMBER_ID_REQUIRED') this.memberId = reply.memberId;
      return next;
    }
    this.memberId = reply.memberId;
    this.generation = reply.generationId;
    world.emit({ type: 'joined', member: this.view, generation: this.generation });
    return this.sync(reply);
  }

  private async sync({ leader, members, memberId, generationId, skipAssignment }: JoinReply): Promise<Next> {
    const { world, groupId, groupInstanceId } = this;
    const leads = leader === memberId && !skipAssignment;
    const assignments = leads ? assign(members.map(member => member.memberId)) : [];
    const { reply, decidedMs } = await world.call<SyncReply>('sync', groupId, (machine, turn, slot) =>
      machine.sync(turn, slot, {
        groupId,
        memberId,
        groupInstanceId,
        generationId,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments,
      }),
    );
    const error = errorOf(reply, ({ error }) => error);
    if (error !== 'NONE' || isRefusal(reply)) return this.refused(this.view, error, decidedMs);
    this.owned = Array.from(reply.assignment, place => places[place]!);
    world.emit({
      type: 'synced',
      member: this.view,
      generation: generationId,
      owned: this.owned,
      atMs: decidedMs ?? world.nowMs,
    });
    return 'stay';
  }

  private async work(): Promise<Next> {
    const { world, chance } = this;
    const committed = await world.fetch(this.groupId, this.owned);
    if (committed === undefined) return 'rejoin';
    this.positions.clear();
    this.uncommitted.clear();
    for (const place of this.owned) {
      const offset = committed.get(nameOf(place)) ?? -1n;
      this.positions.set(nameOf(place), offset < 0n ? 0n : offset);
      if (offset < 0n) this.uncommitted.add(nameOf(place));
    }
    this.working = true;
    while (!this.over) {
      await world.sleep(chance.below(2_000));
      const { habits } = this;
      const fate = chance.below(1_000);
      if (fate < habits.crash) return 'die';
      if (fate < habits.crash + habits.leave) {
        await this.leave();
        return 'die';
      }
      if (fate < habits.crash + habits.leave + habits.slow) await world.sleep(chance.below(habits.slowMsMax));
      this.consume();
      const next = chance.chance(0.5) ? await this.beatThenCommit() : await this.commitThenBeat();
      if (next !== 'stay') return next;
    }
    return 'rejoin';
  }

  private consume(): void {
    for (const place of this.owned) {
      if (place.partition === idlePartition || this.chance.chance(0.3)) continue;
      this.positions.set(nameOf(place), this.positions.get(nameOf(place))! + BigInt(1 + this.chance.below(5)));
      this.uncommitted.add(nameOf(place));
    }
  }

  private async beatThenCommit(): Promise<Next> {
    const next = await this.beat();
    return next === 'stay' ? this.commit() : next;
  }

  private async commitThenBeat(): Promise<Next> {
    const next = await this.commit();
    return next === 'stay' ? this.beat() : next;
  }

  private async beat(): Promise<Next> {
    const { world, groupId, memberId, groupInstanceId, generation: generationId } = this;
    const { reply, decidedMs } = await world.call<ErrorName>('heartbeat', groupId, (machine, turn, slot) =>
      machine.heartbeat(turn, slot, { groupId, memberId, groupInstanceId, generationId }),
    );
    const error = errorOf(reply, error => error);
    if (error !== 'NONE') return this.refused(this.view, error, decidedMs);
    world.emit({ type: 'kept', member: this.view, atMs: decidedMs ?? world.nowMs });
    return 'stay';
  }

  private async commit(): Promise<Next> {
    const { world, groupId, memberId, groupInstanceId, generation: generationId } = this;
    const changed = this.owned.filter(place => this.uncommitted.has(nameOf(place)));
    if (changed.length === 0) return 'stay';
    const offsets = changed.map(place => ({ place, offset: this.positions.get(nameOf(place))! }));
    let marks: readonly number[] = [];
    const { reply, decidedMs } = await world.call<OffsetCommitReply>('commit', groupId, (machine, turn, slot) => {
      marks = changed.map(place => world.committed.mark(groupId, place));
      machine.commitOffsets(turn, slot, {
        groupId,
        memberId,
        groupInstanceId,
        generationId,
        retentionTimeMs: -1n,
        partitions: offsets.map(({ place, offset }) => ({
          ...place,
          topicId: zeroUuid,
          offset,
          leaderEpoch: -1,
          metadata: null,
        })),
      });
    });
    const error = errorOf(reply, ({ errors }) => errors.find(each => each !== 'NONE') ?? 'NONE');
    if (error !== 'NONE') return this.refused(this.view, error, decidedMs);
    this.uncommitted.clear();
    for (const [i, { place, offset }] of offsets.entries()) {
      world.emit({ type: 'committed', groupId, place, offset, since: marks[i]! });
    }
    world.emit({ type: 'kept', member: this.view, atMs: decidedMs ?? world.nowMs });
    return 'stay';
  }

  private async leave(): Promise<void> {
    const { world, groupId, memberId } = this;
    // Static members keep their place when they stop.
    if (memberId === '' || this.groupInstanceId !== null) return;
    const left = this.view;
    await world.call<LeaveReply>('leave', groupId, (machine, turn, slot) => {
      world.emit({ type: 'left', member: left });
      machine.leave(turn, slot, { groupId, members: [{ memberId, groupInstanceId: null, reason: null }] });
    });
  }

  private refused(member: MemberView, error: ErrorName, decidedMs: number | undefined): Next {
    if (decidedMs !== undefined) this.world.emit({ type: 'refused', member, error, atMs: decidedMs });
    if (error === 'FENCED_INSTANCE_ID') return 'die';
    if (error === 'UNKNOWN_MEMBER_ID') this.memberId = '';
    // A coordinator that is away or loads is asked again with everything as it was.
    const passing = error.startsWith('COORDINATOR_') || error === 'NOT_COORDINATOR' || error === 'NETWORK_EXCEPTION';
    return passing && this.working ? 'stay' : 'rejoin';
  }
}

const errorOf = <Reply>(reply: Reply | WireRefusal, of: (reply: Reply) => ErrorName): ErrorName =>
  isRefusal(reply) ? (reply as WireRefusal).refused : of(reply as Reply);

/** Partition by partition, round and round. */
function assign(memberIds: readonly string[]): { readonly memberId: string; readonly assignment: Uint8Array }[] {
  return memberIds.map((memberId, at) => ({
    memberId,
    assignment: Uint8Array.from([...places.keys()].filter(place => place % memberIds.length === at)),
  }));
}
