/** Connections of a fake data plane: one request at a time to main, the others wait behind it, answers in order. */
import type { ConnectionHandle, PlaneEvent } from '../runtime/ports.ts';

interface Asked {
  readonly frame: Uint8Array;
  readonly answer: (response: Uint8Array) => void;
  readonly gone: (error: Error) => void;
}

export class FakeConnection {
  readonly handle: ConnectionHandle;
  private readonly ask: (frame: Uint8Array) => Promise<Uint8Array>;
  private readonly hangUp: () => void;
  readonly whenClosed: Promise<void>;
  /** By the plane only. */
  closed: () => void = () => {};

  constructor(handle: ConnectionHandle, ask: (frame: Uint8Array) => Promise<Uint8Array>, hangUp: () => void) {
    this.handle = handle;
    this.ask = ask;
    this.hangUp = hangUp;
    this.whenClosed = new Promise(resolve => {
      this.closed = resolve;
    });
  }

  /** Sends a frame (without its length); resolves with the answer, rejects when the connection goes first. */
  call(frame: Uint8Array): Promise<Uint8Array> {
    return this.ask(frame);
  }

  /** The client goes away. */
  close(): void {
    this.hangUp();
  }
}

interface Entry {
  readonly connection: FakeConnection;
  readonly listener: number;
  readonly peerAddress: string;
  readonly line: Asked[];
  knownToMain: boolean;
}

export class FakeConnections {
  private readonly entries = new Map<number, Entry>();
  private readonly emit: (event: PlaneEvent) => void;
  private next = 0;

  constructor(emit: (event: PlaneEvent) => void) {
    this.emit = emit;
  }

  open(listener: number, peerAddress: string): FakeConnection {
    const handle = { index: this.next++, generation: 1 };
    const connection = new FakeConnection(
      handle,
      frame => this.ask(handle, frame),
      () => this.close(handle),
    );
    this.entries.set(handle.index, { connection, listener, peerAddress, line: [], knownToMain: false });
    return connection;
  }

  respond(handle: ConnectionHandle, response: Uint8Array): void {
    const entry = this.find(handle);
    const asked = entry?.line.shift();
    if (entry === undefined || asked === undefined) return;
    asked.answer(response.slice());
    if (entry.line.length > 0) this.forward(entry);
  }

  close(handle: ConnectionHandle): void {
    const entry = this.find(handle);
    if (entry === undefined) return;
    this.entries.delete(handle.index);
    entry.connection.closed();
    for (const asked of entry.line) asked.gone(new Error('the connection was closed'));
    if (entry.knownToMain) this.emit({ type: 'closed', connection: handle });
  }

  closeAll(): void {
    for (const { connection } of [...this.entries.values()]) this.close(connection.handle);
  }

  private ask(handle: ConnectionHandle, frame: Uint8Array): Promise<Uint8Array> {
    return new Promise((answer, gone) => {
      const entry = this.find(handle);
      if (entry === undefined) {
        gone(new Error('the connection was closed'));
        return;
      }
      entry.line.push({ frame: frame.slice(), answer, gone });
      if (entry.line.length === 1) this.forward(entry);
    });
  }

  private forward(entry: Entry): void {
    entry.knownToMain = true;
    const { connection, listener, peerAddress } = entry;
    const frame = entry.line[0]?.frame ?? new Uint8Array();
    this.emit({ type: 'request', connection: connection.handle, listener, peerAddress, frame });
  }

  private find(handle: ConnectionHandle): Entry | undefined {
    return handle.generation === 1 ? this.entries.get(handle.index) : undefined;
  }
}
