// One partition of the data plane that main writes and reads itself, as promises. The caller routes the plane's events.
import { errorOf } from '../protocol/errors.ts';
import { sameHandle } from './handles.ts';
import type { DataPlane, PartitionHandle, PlaneCommand, PlaneEvent } from './ports.ts';
import type { Tickets } from './tickets.ts';

/** The plane refused or failed; `code` is Kafka's. */
export class PlaneError extends Error {
  override name = 'PlaneError';
  readonly code: number;

  constructor(what: string, code: number, message = '') {
    const { name, message: meaning } = errorOf(code);
    super(`${what}: ${message === '' ? `${name}, ${meaning}` : message}`);
    this.code = code;
  }
}

export interface LogEnds {
  readonly logStartOffset: bigint;
  readonly logEndOffset: bigint;
}

type Settle = (event: PlaneEvent) => void;
type TicketedCommand = Extract<PlaneCommand, { ticket: number; partition: PartitionHandle }>;
type WithoutTicket<C> = C extends unknown ? Omit<C, 'ticket' | 'partition'> : never;

export class PlanePartition {
  readonly handle: PartitionHandle;
  /** Exclusive; 0 until the plane has said. */
  highWatermark = 0n;
  /** Called whenever the high watermark has moved. */
  onHighWatermark: () => void = () => {};
  private readonly plane: Pick<DataPlane, 'submit'>;
  private readonly tickets: Tickets;
  private readonly waiting = new Map<number, Settle>();
  private readonly waitingForMove: (() => void)[] = [];
  private led: Settle | undefined;

  constructor(plane: Pick<DataPlane, 'submit'>, tickets: Tickets, handle: PartitionHandle) {
    this.plane = plane;
    this.tickets = tickets;
    this.handle = handle;
  }

  /** True when the event was this partition's. */
  onPlaneEvent(event: PlaneEvent): boolean {
    switch (event.type) {
      case 'led':
        if (this.led === undefined || !sameHandle(event.partition, this.handle)) return false;
        this.led(event);
        return true;
      case 'highWatermark':
        if (!sameHandle(event.partition, this.handle)) return false;
        if (event.offset > this.highWatermark) {
          this.highWatermark = event.offset;
          this.onHighWatermark();
          for (const resolve of this.waitingForMove.splice(0)) resolve();
        }
        return true;
      case 'appended':
      case 'readDone':
      case 'done':
      case 'queried': {
        const settle = this.waiting.get(event.ticket);
        if (settle === undefined) return false;
        this.waiting.delete(event.ticket);
        settle(event);
        return true;
      }
      default:
        return false;
    }
  }

  /** Opens the log, recovering it if need be, and watches its high watermark. */
  lead(command: Omit<Extract<PlaneCommand, { type: 'lead' }>, 'type' | 'partition'>): Promise<LogEnds> {
    return new Promise((resolve, reject) => {
      this.led = event => {
        if (event.type !== 'led') return;
        this.led = undefined;
        if (event.error === 0) resolve(event);
        else reject(new PlaneError('opening the log', event.error, event.message));
      };
      this.plane.submit({ type: 'lead', partition: this.handle, ...command });
      this.plane.submit({ type: 'watch', partition: this.handle });
    });
  }

  /** Resolves when the high watermark moves next. */
  moved(): Promise<void> {
    return new Promise(resolve => {
      this.waitingForMove.push(resolve);
    });
  }

  /** Appends one batch; resolves with its base offset when it is written, which is before it is committed. */
  append(leaderEpoch: number, batch: Uint8Array): Promise<bigint> {
    return this.ask({ type: 'append', leaderEpoch, batch }, (event, resolve, reject) => {
      if (event.type !== 'appended') return;
      if (event.error === 0) resolve(event.baseOffset);
      else reject(new PlaneError('appending', event.error));
    });
  }

  /** Whole batches from `from` up to the high watermark; empty when there are none. */
  read(from: bigint, maxBytes: number): Promise<Uint8Array> {
    return this.ask({ type: 'read', from, maxBytes }, (event, resolve, reject) => {
      if (event.type !== 'readDone') return;
      if (event.error === 0) resolve(event.batches);
      else reject(new PlaneError(`reading from offset ${from}`, event.error));
    });
  }

  /** Moves the log's start; resolves with the new one. */
  deleteBefore(offset: bigint): Promise<bigint> {
    return this.ask({ type: 'deleteBefore', offset }, (event, resolve, reject) => {
      if (event.type !== 'done') return;
      if (event.error === 0) resolve(event.offset);
      else reject(new PlaneError(`deleting before offset ${offset}`, event.error));
    });
  }

  /** Bytes of the log on disk. */
  size(): Promise<bigint> {
    return new Promise((resolve, reject) => {
      const ticket = this.tickets.next();
      this.waiting.set(ticket, event => {
        const facts = event.type === 'queried' ? event.partitions[0] : undefined;
        if (facts?.error === 0) resolve(facts.sizeBytes);
        else reject(new PlaneError('asking for the size of the log', facts?.error ?? -1));
      });
      this.plane.submit({ type: 'query', ticket, what: 'log', partitions: [this.handle] });
    });
  }

  private ask<T>(
    command: WithoutTicket<TicketedCommand>,
    settle: (event: PlaneEvent, resolve: (value: T) => void, reject: (error: PlaneError) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const ticket = this.tickets.next();
      this.waiting.set(ticket, event => settle(event, resolve, reject));
      this.plane.submit({ ...command, partition: this.handle, ticket } as TicketedCommand);
    });
  }
}
