/**
 * A raw TCP connection to a broker: whole frames in and out, any bytes, pipelined at will. It knows nothing of the protocol but the length prefix and the correlation id,
 * so that a test says exactly what is sent and sees exactly what comes back.
 */
import { connect, type Socket } from 'node:net';

/** How long a test waits for something that must happen before it fails; never how long it expects to take. */
export const DEADLINE_MS = 60_000;

export class ConnectionClosed extends Error {
  constructor() {
    super('the broker closed the connection');
  }
}

type Waiter = { resolve: (frame: Buffer) => void; reject: (error: Error) => void; timer: NodeJS.Timeout };

export class RawClient {
  private readonly socket: Socket;
  private readonly frames: Buffer[] = [];
  private readonly waiters: Waiter[] = [];
  private readonly pieces: Buffer[] = [];
  private buffered = 0;
  private ended = false;
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise(resolve => socket.once('close', () => resolve()));
    socket.setNoDelay(true);
    socket.on('data', data => this.take(data));
    socket.on('error', () => undefined);
    socket.on('close', () => this.end());
  }

  static open(port: number, host = '127.0.0.1'): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  /** True once the broker closed or reset the connection and all its frames were handed out. */
  get isClosed(): boolean {
    return this.ended && this.frames.length === 0;
  }

  /** Sends one frame: the length prefix is added. */
  send(frame: Uint8Array): void {
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    this.socket.cork();
    this.socket.write(length);
    this.socket.write(frame);
    this.socket.uncork();
  }

  /** Sends bytes as they are, without a prefix; resolves when the kernel took them. */
  sendBytes(bytes: Uint8Array): Promise<void> {
    return new Promise(resolve => this.socket.write(bytes, () => resolve()));
  }

  /** Sends one frame and resolves when it left the process, so that a long run does not pile up in memory. */
  sendFlushed(frame: Uint8Array): Promise<void> {
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    this.socket.write(length);
    return this.sendBytes(frame);
  }

  /** The next frame without its length prefix. Rejects with ConnectionClosed, or after the deadline. */
  receive(deadlineMs = DEADLINE_MS): Promise<Buffer> {
    const ready = this.frames.shift();
    if (ready) return Promise.resolve(ready);
    if (this.ended) return Promise.reject(new ConnectionClosed());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
      this.waiters.push({ resolve, reject, timer });
    });
  }

  /** One request, one answer; nothing else may be in flight. */
  call(frame: Uint8Array): Promise<Buffer> {
    this.send(frame);
    return this.receive();
  }

  /** Half-closes our side. */
  finish(): void {
    this.socket.end();
  }

  /** Vanishes without a goodbye (RST). */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  private take(data: Buffer): void {
    this.pieces.push(data);
    this.buffered += data.length;
    while (this.buffered >= 4) {
      if (this.pieces[0]!.length < 4) this.join();
      const length = this.pieces[0]!.readInt32BE(0);
      if (this.buffered < 4 + length) return;
      this.join();
      const all = this.pieces[0]!;
      this.deliver(all.subarray(4, 4 + length));
      this.pieces[0] = all.subarray(4 + length);
      this.buffered -= 4 + length;
      if (this.buffered === 0) this.pieces.length = 0;
    }
  }

  private join(): void {
    if (this.pieces.length > 1) this.pieces.splice(0, this.pieces.length, Buffer.concat(this.pieces));
  }

  private deliver(frame: Buffer): void {
    const waiter = this.waiters.shift();
    if (!waiter) {
      this.frames.push(frame);
      return;
    }
    clearTimeout(waiter.timer);
    waiter.resolve(frame);
  }

  private end(): void {
    this.ended = true;
    for (const waiter of this.waiters.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(new ConnectionClosed());
    }
  }
}
