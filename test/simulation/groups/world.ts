// Coordinators of two partitions over simulated time, and everything that invariants must be told of them.
import { Prng } from '../../../src/base/prng.ts';
import { isRefusal } from '../../../src/base/result.ts';
import { zeroUuid } from '../../../src/base/uuid.ts';
import type { WireRefusal } from '../../../src/core/controller/decision.ts';
import type { MachineKind } from '../../../src/core/coordinator/machine.ts';
import type { Slot } from '../../../src/core/coordinator/turn.ts';
import type { OffsetFetchReply } from '../../../src/core/group/asks.ts';
import {
  type GroupMachine,
  type GroupRecord,
  type GroupRecordInit,
  type GroupTurn,
  groupMachineKind,
} from '../../../src/core/group/machine.ts';
import { CoordinatorNode } from '../../support/coordinator-node.ts';
import type { GroupEvent, Invariant } from './events.ts';
import { Answers } from './invariants/answers.ts';
import { CommittedOffsets } from './invariants/committed-offsets.ts';
import { Generations } from './invariants/generations.ts';
import { Ownership } from './invariants/ownership.ts';
import { Sessions } from './invariants/sessions.ts';
import { groupSettings, nameOf, type Place, places, shards } from './settings.ts';

type Command<Reply> = (machine: GroupMachine, turn: GroupTurn, slot: Slot<Reply>) => void;

/** What came of a request, and when it was decided; undefined if it never was. */
export interface Called<Reply> {
  readonly reply: Reply | WireRefusal;
  readonly decidedMs: number | undefined;
}

export class World {
  readonly chance: Prng;
  readonly node: CoordinatorNode<GroupMachine, GroupRecordInit, GroupRecord>;
  readonly committed = new CommittedOffsets();
  readonly answers = new Answers();
  /** The first thing that did not hold. */
  failure: unknown;
  /** Nobody asks anything while it is true. */
  quiet = false;
  /** How much of each happened, for the story of a seed. */
  readonly counts = new Map<string, number>();
  private readonly invariants: readonly Invariant[];
  private readonly latencyMs: number;
  private requests = 0;

  constructor(seed: number) {
    this.chance = new Prng(seed);
    this.node = new CoordinatorNode(this.watched(), this.chance.u32());
    this.node.delayMsMax = this.chance.pick([1, 5, 50]);
    this.node.limits = { ...this.node.limits, loadBufferBytes: 2_000 };
    this.latencyMs = this.chance.pick([1, 20, 200]);
    this.invariants = [this.committed, this.answers, new Ownership(), new Generations(), new Sessions()];
  }

  get nowMs(): number {
    return this.node.clock.monotonicMs();
  }

  start(): void {
    this.node.start();
    for (let shard = 0; shard < shards; shard++) this.node.elect(shard);
  }

  emit(event: GroupEvent): void {
    this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
    // Whoever emits may be in the middle of a turn, which must not end in our exception.
    for (const invariant of this.invariants) {
      this.guard(() => invariant.see(event));
    }
  }

  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.failure ??= error;
    }
  }

  sleep(ms: number): Promise<void> {
    return this.node.clock.sleep(ms);
  }

  /** A request over a network that takes its time, both ways. */
  async call<Reply>(what: string, groupId: string, command: Command<Reply>): Promise<Called<Reply>> {
    do await this.sleep(1 + this.chance.below(this.latencyMs));
    while (this.quiet);
    const request = this.requests++;
    let decidedMs: number | undefined;
    this.emit({ type: 'asked', request, what: `${what} ${groupId}`, atMs: this.nowMs });
    const reply = await this.node.ask<Reply>(shardOf(groupId), (machine, turn, slot) => {
      decidedMs = this.nowMs;
      command(machine, turn, slot);
    });
    this.emit({ type: 'answered', request });
    await this.sleep(this.chance.below(this.latencyMs));
    return { reply, decidedMs };
  }

  /** What a group has committed, as one of its members asks; undefined when there is no answer. */
  async fetch(groupId: string, wanted: readonly Place[]): Promise<ReadonlyMap<string, bigint> | undefined> {
    let read: ((reply: OffsetFetchReply) => void) | undefined;
    const ask = {
      groupId,
      memberId: null,
      memberEpoch: -1,
      partitions: wanted.map(place => ({ ...place, topicId: zeroUuid })),
      requireStable: true,
    };
    const { reply } = await this.call<OffsetFetchReply>('fetch', groupId, (machine, turn, slot) => {
      read = this.reader(groupId, wanted);
      turn.answer(slot, machine.fetchOffsets(ask));
    });
    if (isRefusal(reply) || reply.error !== 'NONE') return undefined;
    read?.(reply);
    return offsetsOf(reply);
  }

  /** Somebody looks at what is committed of a group now. */
  look(groupId: string): void {
    const shard = this.node.up ? this.node.runtime.shard(shardOf(groupId)) : undefined;
    if (shard === undefined || isRefusal(shard)) return;
    const read = this.reader(groupId, places);
    const ask = { groupId, memberId: null, memberEpoch: -1, partitions: null, requireStable: false };
    const reply = shard.read(machine => machine.fetchOffsets(ask));
    if (!isRefusal(reply)) read(reply);
  }

  /** Remembers what must be there now, for an answer that may come later. */
  private reader(groupId: string, wanted: readonly Place[]): (reply: OffsetFetchReply) => void {
    const marks = wanted.map(place => ({
      place,
      floor: this.committed.floor(groupId, place),
      since: this.committed.mark(groupId, place),
    }));
    return reply => {
      const offsets = offsetsOf(reply);
      for (const { place, floor, since } of marks) {
        this.emit({ type: 'read', groupId, place, offset: offsets.get(nameOf(place)) ?? -1n, floor, since });
      }
    };
  }

  /** The machine under test, seen when it writes tombstones. */
  private watched(): MachineKind<GroupMachine, GroupRecordInit, GroupRecord> {
    const kind = groupMachineKind(groupSettings);
    return {
      ...kind,
      encode: record => {
        if (record.value === null && record.type === 'offsetCommit') {
          const { group: groupId, topic, partition } = record.key;
          this.emit({ type: 'offsetBuried', groupId, place: { topic, partition }, atMs: this.nowMs });
        } else if (record.value === null && record.type === 'groupMetadata') {
          this.emit({ type: 'groupBuried', groupId: record.key.group });
        }
        return kind.encode(record);
      },
    };
  }
}

/** 'group 3' lives in shard 1. */
export const shardOf = (groupId: string): number => Number(groupId.split(' ')[1]) % shards;

const offsetsOf = ({ partitions }: OffsetFetchReply): ReadonlyMap<string, bigint> =>
  new Map(partitions.map(fetched => [nameOf(fetched), fetched.offset]));
