// What befalls a coordinator in a simulation. Each seed has some kinds of faults and not others, so that rare ones are
// not drowned by common ones.
import type { Prng } from '../../src/base/prng.ts';
import type { Machine } from '../../src/core/coordinator/machine.ts';
import { errorCode } from '../../src/protocol/errors.ts';
import type { CoordinatorNode } from './coordinator-node.ts';

export const faultKinds = ['append', 'sync', 'rot', 'move', 'reelect', 'crash', 'wall', 'stall'] as const;
export type FaultKind = (typeof faultKinds)[number];

const appendErrors = [
  errorCode.NOT_ENOUGH_REPLICAS,
  errorCode.NOT_LEADER_OR_FOLLOWER,
  errorCode.KAFKA_STORAGE_ERROR,
  errorCode.REQUEST_TIMED_OUT,
];

export interface FaultOptions {
  readonly partitions: number;
  /** One fault in so much time, on average. */
  readonly everyMs: number;
  /** How long one of them may last. */
  readonly lastsMsMax: number;
  readonly kinds?: readonly FaultKind[];
}

export class Faults<M extends Machine<Stored, Rec>, Stored, Rec> {
  readonly kinds: readonly FaultKind[];
  /** What happened, for the story of a seed. */
  readonly story: string[] = [];
  private readonly node: CoordinatorNode<M, Stored, Rec>;
  private readonly chance: Prng;
  private readonly options: FaultOptions;
  private over = false;

  constructor(node: CoordinatorNode<M, Stored, Rec>, chance: Prng, options: FaultOptions) {
    this.node = node;
    this.chance = chance;
    this.options = options;
    this.kinds = (options.kinds ?? faultKinds).filter(() => chance.chance(0.5));
    node.onLogFailure = partition => this.restartFor(partition);
  }

  /** Faults come until `end`. */
  begin(): void {
    if (this.kinds.length === 0) return;
    const next = (): void => {
      this.node.clock.after(1 + this.chance.below(2 * this.options.everyMs), () => {
        if (this.over) return;
        this.befall(this.chance.pick(this.kinds));
        next();
      });
    };
    next();
  }

  /** All is well from now on: what was broken is repaired. */
  end(): void {
    this.over = true;
    const { node } = this;
    node.plane.appendFault = () => 0;
    // A sync that was to fail and did not come yet would fail after the end.
    if (!node.up || this.kinds.includes('rot')) this.restart();
    else node.plane.holdSyncs(false);
    for (let partition = 0; partition < this.options.partitions; partition++) this.electMissing(partition);
  }

  private befall(kind: FaultKind): void {
    const { node, chance, options } = this;
    if (!node.up) return;
    this.story.push(`${Math.floor(node.clock.monotonicMs())} ${kind}`);
    const partition = chance.below(options.partitions);
    switch (kind) {
      case 'append':
        this.failAppends();
        return;
      case 'sync':
        this.holdSyncs();
        return;
      case 'rot':
        node.plane.failNextSync();
        return;
      case 'move':
        node.runtime.resigned(partition);
        node.clock.after(chance.below(options.lastsMsMax), () => this.electMissing(partition));
        return;
      case 'reelect':
        if (!('refused' in node.runtime.shard(partition))) node.elect(partition);
        return;
      case 'crash':
        this.restart();
        return;
      case 'wall':
        node.clock.setWall(chance.between(-7_200_000, 7_200_000));
        return;
      case 'stall':
        node.clock.stall(chance.below(options.lastsMsMax));
        return;
    }
  }

  private failAppends(): void {
    const { node, chance } = this;
    const { plane } = node;
    const error = chance.pick(appendErrors);
    const share = chance.chance(0.5) ? 1 : 0.3;
    plane.appendFault = () => (chance.chance(share) ? error : 0);
    node.clock.after(chance.below(this.options.lastsMsMax), () => {
      plane.appendFault = () => 0;
    });
  }

  private holdSyncs(): void {
    const { node } = this;
    const { plane } = node;
    plane.holdSyncs(true);
    node.clock.after(this.chance.below(this.options.lastsMsMax), () => {
      if (node.up && node.plane === plane) plane.holdSyncs(false);
    });
  }

  /** The log of the partition is closed for good; a restart opens it again. */
  private restartFor(partition: number): void {
    this.story.push(`${Math.floor(this.node.clock.monotonicMs())} log ${partition} failed`);
    const { plane } = this.node;
    this.node.clock.after(this.chance.below(this.options.lastsMsMax), () => {
      if (this.node.plane === plane) this.restart();
    });
  }

  private restart(): void {
    const { node, chance } = this;
    if (node.up) node.crash();
    const start = (): void => {
      if (node.up) return;
      node.start();
      for (let partition = 0; partition < this.options.partitions; partition++) node.elect(partition);
    };
    if (this.over) start();
    else node.clock.after(chance.below(this.options.lastsMsMax), start);
  }

  private electMissing(partition: number): void {
    const { node } = this;
    if (node.up && 'refused' in node.runtime.shard(partition)) node.elect(partition);
  }
}
