/**
 * Operations by chance, chosen as the first broker's answers come in, so that groups really form. Left out is what Apache
 * Kafka itself leaves to chance: who of several members leads after the leader (it takes the first of a hash map), and which
 * of two protocols with as many votes wins.
 */
import type { Random } from '../../support/random.ts';
import type { GroupOp, Who } from './group-ops.ts';
import type { Answer, Described, GroupPlayer } from './group-player.ts';

const memberIdRequired = 79;

/** `group.max.size` of both brokers. */
export const maxSize = 4;

/** Lists that share protocols agree in their order. */
const protocolSets = [['a'], ['a', 'b'], ['d', 'a'], ['d', 'a', 'b'], ['z'], []];

export class Chooser {
  private readonly random: Random;
  private readonly player: GroupPlayer;
  private readonly instances = new Map<number, string | null>();

  constructor(random: Random, player: GroupPlayer) {
    this.random = random;
    this.player = player;
  }

  next(at: number, described: Described): GroupOp {
    const op = this.choose(described);
    if (op.kind === 'join') {
      this.instances.set(at, op.version >= 5 ? op.instance : null);
    }
    return op;
  }

  private choose(described: Described): GroupOp {
    const { random } = this;
    const leader = this.leader(described);
    if (described.state === 'PreparingRebalance') {
      // The leader first: were it refused for the size of the group, who leads then would be chance.
      if (leader !== undefined && !this.isParked(leader)) return this.join(leader);
      const absent = described.members.filter(member => member >= 0 && !this.isParked(member));
      if (absent.length > 0 && random.chance(0.6)) return this.join(random.pick(absent));
    }
    if (described.state === 'CompletingRebalance' && random.chance(0.6)) {
      const syncing = described.members.filter(member => member >= 0 && !this.isParked(member));
      if (syncing.length > 0) return this.sync(random.pick(syncing), described);
    }
    const given = this.player.answers.at(-1);
    if (given?.body.errorCode === memberIdRequired && random.chance(0.8)) return this.join(given.at);
    if (described.members.length === 0 && random.chance(0.6)) return this.join('none');
    const who = this.anybody(described);
    const dice = random.below(100);
    if (dice < 30) return this.join(random.chance(0.6) ? 'none' : who);
    if (dice < 50) return this.sync(who, described);
    if (dice < 65) return this.heartbeat(who);
    if (dice < 78) return this.leave(described, leader);
    if (dice < 92) return this.commit(who);
    if (dice < 96) return { kind: 'delete', version: random.below(3) };
    return this.join('none');
  }

  /** Whether the last JoinGroup or SyncGroup in this name still waits. */
  private isParked(member: number): boolean {
    return this.parkedAs.has(member);
  }

  /** Filled by the test as operations are sent and answered. */
  readonly parkedAs = new Set<number>();

  private leader({ members }: Described): number | undefined {
    const joins = this.player.answers.filter(({ body }) => 'leader' in body && body.errorCode === 0);
    const leader = this.player.memberOf(joins.at(-1)?.body.leader);
    return leader !== undefined && members.includes(leader) ? leader : members[0];
  }

  private anybody({ members }: Described): Who {
    const { random } = this;
    if (random.chance(0.06)) return 'stranger';
    if (members.length > 0 && random.chance(0.85)) {
      const member = random.pick(members);
      return member < 0 ? 'stranger' : member;
    }
    const known = [...this.instances.keys()].filter(at => this.player.knows(at));
    return known.length === 0 ? 'none' : random.pick(known);
  }

  private instanceOf(who: Who): string | null {
    const own = typeof who === 'number' ? (this.instances.get(who) ?? null) : null;
    return this.random.chance(0.08) ? this.random.pick([null, 'i', 'j', 'k']) : own;
  }

  private generation(): number {
    const last = this.player.answers.findLast(({ body }: Answer) => Number(body.generationId ?? -1) >= 0);
    const generationId = Number(last?.body.generationId ?? 0);
    return this.random.chance(0.1) ? this.random.pick([-1, 0, generationId + 1, generationId - 1]) : generationId;
  }

  private join(who: Who): GroupOp {
    const { random } = this;
    const isNew = who === 'none';
    return {
      kind: 'join',
      who,
      version: random.pick([0, 3, 4, 5, 6, 7, 8, 9, 9, 9]),
      instance: isNew ? random.pick([null, null, 'i', 'j']) : this.instanceOf(who),
      protocolType: random.chance(0.04) ? random.pick(['connect', '']) : 'consumer',
      protocols: random.chance(0.75) ? ['d', 'a'] : random.pick(protocolSets),
      mark: random.chance(0.85) ? 1 : random.below(3),
    };
  }

  private sync(who: Who, { members }: Described): GroupOp {
    const { random } = this;
    return {
      kind: 'sync',
      who,
      version: random.below(6),
      instance: this.instanceOf(who),
      generationId: this.generation(),
      protocolName: this.protocolName(),
      assigned: members.filter(member => member >= 0 && random.chance(0.9)),
    };
  }

  private protocolName(): string {
    if (this.random.chance(0.05)) return 'x';
    const last = this.player.answers.findLast(({ body }) => typeof body.protocolName === 'string' && body.protocolName);
    return String(last?.body.protocolName ?? 'a');
  }

  private heartbeat(who: Who): GroupOp {
    const version = this.random.below(5);
    return { kind: 'heartbeat', who, version, instance: this.instanceOf(who), generationId: this.generation() };
  }

  private commit(who: Who): GroupOp {
    const { random } = this;
    const simple = random.chance(0.2);
    return {
      kind: 'commit',
      who: simple ? 'none' : who,
      version: 2 + random.below(8),
      instance: simple ? null : this.instanceOf(who),
      generationId: simple ? -1 : this.generation(),
    };
  }

  private leave(described: Described, leader: number | undefined): GroupOp {
    const { random } = this;
    const version = random.below(6);
    const leaving = described.members.filter(
      member => member >= 0 && (member !== leader || described.members.length <= 2),
    );
    const count = version < 3 ? 1 : 1 + random.below(2);
    const members = Array.from({ length: count }, () => {
      const who: Who = leaving.length > 0 && random.chance(0.9) ? random.pick(leaving) : 'stranger';
      const instance = this.instanceOf(who);
      const byInstance = instance !== null && who !== 'stranger' && random.chance(0.3);
      return { who: byInstance ? ('none' as const) : who, instance: version < 3 ? null : instance };
    });
    return { kind: 'leave', version, members };
  }
}
