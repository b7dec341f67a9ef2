// What main asks of the data plane and waits for, as promises: each ask carries a ticket that its answer returns.
import type {
  DataPlane,
  DirtQuery,
  PartitionDirt,
  PartitionFacts,
  PartitionHandle,
  PlaneEvent,
} from '../runtime/ports.ts';
import type { Tickets } from '../runtime/tickets.ts';

/** `error` is a Kafka code; `offset` is meaningful when it is 0. */
export interface Done {
  readonly error: number;
  readonly offset: bigint;
}

/** `plan` is meaningful when `error` is 0. */
export interface CleaningPlanned {
  readonly error: number;
  readonly plan: Uint8Array;
}

type Waiting =
  | { readonly kind: 'done'; readonly resolve: (done: Done) => void }
  | { readonly kind: 'queried'; readonly resolve: (facts: readonly PartitionFacts[]) => void }
  | { readonly kind: 'dirty'; readonly resolve: (dirt: readonly PartitionDirt[]) => void }
  | { readonly kind: 'cleaningPlanned'; readonly resolve: (planned: CleaningPlanned) => void };

export class PlaneAsks {
  private readonly plane: Pick<DataPlane, 'submit'>;
  private readonly tickets: Tickets;
  private readonly waiting = new Map<number, Waiting>();

  constructor(plane: Pick<DataPlane, 'submit'>, tickets: Tickets) {
    this.plane = plane;
    this.tickets = tickets;
  }

  /** Moves the start of the log; -1 means to the high watermark. The answer's offset is the new start. */
  deleteBefore(partition: PartitionHandle, offset: bigint): Promise<Done> {
    return this.done(ticket => ({ type: 'deleteBefore', partition, offset, ticket }));
  }

  /** Deletes the partition; it is gone for clients when this returns, for the disk when the promise resolves. */
  drop(partition: PartitionHandle): Promise<Done> {
    return this.done(ticket => ({ type: 'drop', partition, ticket }));
  }

  /** Facts in the order asked. */
  query(what: 'producers' | 'log', partitions: readonly PartitionHandle[]): Promise<readonly PartitionFacts[]> {
    if (partitions.length === 0) return Promise.resolve([]);
    return new Promise(resolve => {
      const ticket = this.tickets.next();
      this.waiting.set(ticket, { kind: 'queried', resolve });
      this.plane.submit({ type: 'query', ticket, what, partitions });
    });
  }

  /** In the order asked; all of one log directory. */
  dirt(logDir: number, nowMs: bigint, partitions: readonly DirtQuery[]): Promise<readonly PartitionDirt[]> {
    if (partitions.length === 0) return Promise.resolve([]);
    return new Promise(resolve => {
      const ticket = this.tickets.next();
      this.waiting.set(ticket, { kind: 'dirty', resolve });
      this.plane.submit({ type: 'dirt', ticket, logDir, nowMs, partitions });
    });
  }

  planCleaning(partition: PartitionHandle, firstDirty: bigint, firstUncleanable: bigint): Promise<CleaningPlanned> {
    return new Promise(resolve => {
      const ticket = this.tickets.next();
      this.waiting.set(ticket, { kind: 'cleaningPlanned', resolve });
      this.plane.submit({ type: 'planCleaning', ticket, partition, firstDirty, firstUncleanable });
    });
  }

  replaceSegments(partition: PartitionHandle, group: Uint8Array): Promise<Done> {
    return this.done(ticket => ({ type: 'replaceSegments', ticket, partition, group }));
  }

  /** True when the event answers an ask made here. */
  onPlaneEvent(event: PlaneEvent): boolean {
    switch (event.type) {
      case 'done':
        return this.settle(event.ticket, 'done', waiting =>
          waiting.resolve({ error: event.error, offset: event.offset }),
        );
      case 'queried':
        return this.settle(event.ticket, 'queried', waiting => waiting.resolve(event.partitions));
      case 'dirty':
        return this.settle(event.ticket, 'dirty', waiting => waiting.resolve(event.partitions));
      case 'cleaningPlanned':
        return this.settle(event.ticket, 'cleaningPlanned', waiting =>
          waiting.resolve({ error: event.error, plan: event.plan }),
        );
      default:
        return false;
    }
  }

  private settle<K extends Waiting['kind']>(
    ticket: number,
    kind: K,
    resolve: (waiting: Extract<Waiting, { kind: K }>) => void,
  ): boolean {
    const waiting = this.waiting.get(ticket);
    if (waiting?.kind !== kind) return false;
    this.waiting.delete(ticket);
    resolve(waiting as Extract<Waiting, { kind: K }>);
    return true;
  }

  private done(command: (ticket: number) => Parameters<DataPlane['submit']>[0]): Promise<Done> {
    return new Promise(resolve => {
      const ticket = this.tickets.next();
      this.waiting.set(ticket, { kind: 'done', resolve });
      this.plane.submit(command(ticket));
    });
  }
}
