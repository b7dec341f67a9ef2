// All shards of one internal topic on this node: routes the plane's events to them, loads them, finds them.

import type { WireRefusal } from '../../core/controller/decision.ts';
import type { Machine } from '../../core/coordinator/machine.ts';
import { sameHandle } from '../handles.ts';
import { PlanePartition } from '../plane-partition.ts';
import type { PartitionHandle, PlaneEvent } from '../ports.ts';
import { Tickets } from '../tickets.ts';
import type { LogRange } from './loader.ts';
import type { CoordinatorOptions } from './options.ts';
import { refusalOf } from './pending-slot.ts';
import { CoordinatorShard } from './shard.ts';
import { Slices } from './slices.ts';

/** Shards that load side by side, each with one read of the log in memory. */
const loadsAtOnce = 8;

interface Seat<M extends Machine<Stored, Rec>, Stored, Rec> {
  readonly partition: PlanePartition;
  readonly shard: CoordinatorShard<M, Stored, Rec>;
  /** The `led` of its election has come and loading has begun. */
  opened: boolean;
}

export class CoordinatorRuntime<M extends Machine<Stored, Rec>, Stored, Rec> {
  private readonly options: CoordinatorOptions<M, Stored, Rec>;
  private readonly slices: Slices;
  private readonly seats = new Map<number, Seat<M, Stored, Rec>>();
  /** By index in the plane's table. */
  private readonly byHandle = new Map<number, Seat<M, Stored, Rec>>();
  /** Elections whose `led` has not come, by index in the plane's table. */
  private readonly leads = new Map<number, { readonly handle: PartitionHandle; pending: number }>();
  private readonly byTicket = new Map<number, PlanePartition>();
  private readonly toLoad: (() => void)[] = [];
  private loads = 0;
  private closing = false;

  constructor(options: CoordinatorOptions<M, Stored, Rec>) {
    this.options = options;
    this.slices = new Slices(options.soon);
  }

  /** `lead` was submitted for the partition and is not answered yet. Again with a later epoch: leadership goes on. */
  elected(partitionIndex: number, handle: PartitionHandle, leaderEpoch: number): void {
    if (this.closing) return;
    this.expectLed(handle);
    const known = this.seats.get(partitionIndex);
    if (known !== undefined && !known.shard.closed && sameHandle(known.partition.handle, handle)) {
      known.shard.continueAt(leaderEpoch);
      return;
    }
    this.resigned(partitionIndex);
    const { plane, tickets } = this.options;
    const taken = new RoutedTickets(tickets, ticket => this.byTicket.set(ticket, partition));
    const partition = new PlanePartition(plane, taken, handle);
    const shard = new CoordinatorShard(this.options, partitionIndex, partition, leaderEpoch);
    const seat = { partition, shard, opened: false };
    this.seats.set(partitionIndex, seat);
    this.byHandle.set(handle.index, seat);
    plane.submit({ type: 'watch', partition: handle });
  }

  /** The partition was dropped, moved away or has failed. */
  resigned(partitionIndex: number): void {
    const seat = this.seats.get(partitionIndex);
    if (seat === undefined) return;
    this.seats.delete(partitionIndex);
    this.byHandle.delete(seat.partition.handle.index);
    seat.shard.unload();
  }

  /** False when the event was not, or not only, for a coordinator. */
  onPlaneEvent(event: PlaneEvent): boolean {
    switch (event.type) {
      case 'led':
        this.led(event);
        return false;
      case 'highWatermark':
        return this.byHandle.get(event.partition.index)?.partition.onPlaneEvent(event) ?? false;
      case 'appended':
      case 'readDone': {
        const partition = this.byTicket.get(event.ticket);
        this.byTicket.delete(event.ticket);
        return partition?.onPlaneEvent(event) ?? false;
      }
      default:
        return false;
    }
  }

  shard(partitionIndex: number): CoordinatorShard<M, Stored, Rec> | WireRefusal {
    return this.seats.get(partitionIndex)?.shard ?? refusalOf('NOT_COORDINATOR');
  }

  *shards(): Iterable<CoordinatorShard<M, Stored, Rec>> {
    for (const { shard } of this.seats.values()) yield shard;
  }

  /** Resolves when the shard is not loading (any more): it serves, has failed or is not here. */
  whenLoaded(partitionIndex: number): Promise<void> {
    return this.seats.get(partitionIndex)?.shard.loaded() ?? Promise.resolve();
  }

  /** Answers what is parked, refuses the rest; the plane must still be open. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.shards()].map(shard => shard.close()));
  }

  private expectLed(handle: PartitionHandle): void {
    const known = this.leads.get(handle.index);
    if (known !== undefined && sameHandle(known.handle, handle)) known.pending++;
    else this.leads.set(handle.index, { handle, pending: 1 });
  }

  private led(event: Extract<PlaneEvent, { type: 'led' }>): void {
    const { partition } = event;
    const lead = this.leads.get(partition.index);
    if (lead === undefined || !sameHandle(lead.handle, partition)) return;
    // Only the last one says where the log ends: behind the ones before it, an earlier epoch may still have written.
    if (--lead.pending > 0) return;
    this.leads.delete(partition.index);
    const seat = this.byHandle.get(partition.index);
    if (seat === undefined || seat.opened || !sameHandle(seat.partition.handle, partition)) return;
    seat.opened = true;
    // Whoever reports that a log could not be opened has done so; here it is only not served.
    if (event.error !== 0) seat.shard.unload();
    else this.load(seat, event);
  }

  private load(seat: Seat<M, Stored, Rec>, range: LogRange): void {
    if (this.loads >= loadsAtOnce) {
      this.toLoad.push(() => this.load(seat, range));
      return;
    }
    this.loads++;
    void seat.shard.load(range, this.slices);
    void seat.shard.loaded().then(() => {
      this.loads--;
      this.toLoad.shift()?.();
    });
  }
}

/** Numbers of the plane's one sequence, with a note of who took each. */
class RoutedTickets extends Tickets {
  private readonly all: Tickets;
  private readonly taken: (ticket: number) => void;

  constructor(all: Tickets, taken: (ticket: number) => void) {
    super();
    this.all = all;
    this.taken = taken;
  }

  override next(): number {
    const ticket = this.all.next();
    this.taken(ticket);
    return ticket;
  }
}
