// What main asks of the data plane and waits for, as promises: each ask carries a ticket that its answer returns.
import type { DataPlane, PartitionFacts, PartitionHandle, PlaneEvent } from '../runtime/ports.ts';
import type { Tickets } from '../runtime/tickets.ts';

/** `error` is a Kafka code; `offset` is meaningful when it is 0. */
export interface Done {
  readonly error: number;
  readonly offset: bigint;
}

type Waiting =
  | { readonly kind: 'done'; readonly resolve: (done: Done) => void }
  | { readonly kind: 'queried'; readonly resolve: (facts: readonly PartitionFacts[]) => void };

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

  /** True when the event answers an ask made here. */
  onPlaneEvent(event: PlaneEvent): boolean {
    if (event.type !== 'done' && event.type !== 'queried') return false;
    const waiting = this.waiting.get(event.ticket);
    if (waiting?.kind !== event.type) return false;
    this.waiting.delete(event.ticket);
    if (waiting.kind === 'done' && event.type === 'done') waiting.resolve({ error: event.error, offset: event.offset });
    if (waiting.kind === 'queried' && event.type === 'queried') waiting.resolve(event.partitions);
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
