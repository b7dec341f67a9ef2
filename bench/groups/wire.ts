import { connect, type Socket } from 'node:net';
import { apiOf } from '../../src/protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frame.ts';

/** With the four bytes of size in front: ready to be written. Nobody looks at correlation ids: answers come in order. */
export function frameOf(apiKey: number, version: number, body: unknown): Buffer {
  const payload = encodeRequest(apiOf(apiKey)!, version, { correlationId: 1, clientId: 'bench' }, body);
  const frame = Buffer.allocUnsafe(4 + payload.length);
  frame.writeInt32BE(payload.length, 0);
  frame.set(payload, 4);
  return frame;
}

/** `frame` as `Wire` hands it over. */
export function bodyOf<Body>(apiKey: number, version: number, frame: Buffer): Body {
  return decodeResponse(apiOf(apiKey)!, version, frame).body as Body;
}

/** A connection with one request at a time, as cheap as Node allows: the broker is to be measured, not this. */
export class Wire {
  private readonly socket: Socket;
  private pieces: Buffer[] = [];
  private length = 0;
  private answered: ((frame: Buffer) => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', chunk => this.take(chunk));
  }

  static open(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        socket.on('error', error => process.stderr.write(`bench: ${error.message}\n`));
        resolve(new Wire(socket));
      });
    });
  }

  get busy(): boolean {
    return this.answered !== undefined;
  }

  /** `answered` gets the response without its size; the bytes are its own only until it returns. */
  send(frame: Buffer, answered: (frame: Buffer) => void): void {
    if (this.answered !== undefined) throw new Error('one request at a time');
    this.answered = answered;
    this.socket.write(frame);
  }

  call(frame: Buffer): Promise<Buffer> {
    return new Promise(resolve => this.send(frame, resolve));
  }

  close(): void {
    this.answered = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.pieces.push(chunk);
    this.length += chunk.length;
    if (this.length < 4) return;
    const all = this.pieces.length === 1 ? chunk : this.joined();
    if (all.length < 4 + all.readInt32BE(0)) return;
    this.pieces = [];
    this.length = 0;
    const { answered } = this;
    this.answered = undefined;
    answered?.(all.subarray(4));
  }

  private joined(): Buffer {
    // A long answer in many pieces is joined once, when it is whole; its size is known from the first.
    const size = this.pieces[0]!.length < 4 ? 0 : this.pieces[0]!.readInt32BE(0);
    if (this.length < 4 + size) return this.pieces[0]!;
    const all = Buffer.concat(this.pieces);
    this.pieces = [all];
    return all;
  }
}

/** So many connections; opened a few at a time, since listen queues are short. */
export async function openWires(port: number, count: number): Promise<Wire[]> {
  const wires: Wire[] = [];
  const atOnce = 100;
  while (wires.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - wires.length) }, () => Wire.open(port));
    wires.push(...(await Promise.all(some)));
  }
  return wires;
}
