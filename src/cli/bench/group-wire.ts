import { connect, type Socket } from 'node:net';
import { type Address, addressText } from '../../client/address.ts';
import { ClientFailure, unreachable } from '../../client/failure.ts';
import { apiOf } from '../../protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../protocol/frame.ts';

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
  const api = apiOf(apiKey)!;
  try {
    return decodeResponse(api, version, frame).body as Body;
  } catch (error) {
    throw new ClientFailure(`the answer to ${api.name} is not what the protocol says: ${(error as Error).message}`);
  }
}

export type Lost = (why: Error) => void;

/** What claims to be longer is no answer to what is asked here. */
const answerBytesMax = 64 << 20;

/** A connection with one request at a time, as cheap as Node allows: the broker is to be measured, not this. */
export class Wire {
  private readonly socket: Socket;
  private readonly lost: Lost;
  private pieces: Buffer[] = [];
  private length = 0;
  private answered: ((frame: Buffer) => void) | undefined;

  private constructor(socket: Socket, address: Address, lost: Lost) {
    this.socket = socket;
    this.lost = lost;
    socket.setNoDelay(true);
    // Whoever runs a load stays; a load that has failed leaves nothing that holds the process.
    socket.unref();
    socket.on('data', chunk => this.take(chunk));
    socket.on('error', error => lost(unreachable(addressText(address), error)));
    socket.on('end', () => lost(new ClientFailure(`${addressText(address)} closed the connection`)));
  }

  /** `lost` is told when the broker is gone or answers nonsense; what is under way then is never answered. */
  static open(address: Address, lost: Lost): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect(address);
      const refused = (error: Error) => reject(unreachable(addressText(address), error));
      socket.once('error', refused);
      socket.once('connect', () => {
        socket.off('error', refused);
        resolve(new Wire(socket, address, lost));
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
    const size = all.readInt32BE(0);
    if (size < 4 || size > answerBytesMax) {
      this.close();
      this.lost(new ClientFailure(`an answer of ${size} bytes: is this a Kafka broker?`));
      return;
    }
    if (all.length < 4 + size) return;
    this.pieces = [];
    this.length = 0;
    const { answered } = this;
    this.answered = undefined;
    try {
      answered?.(all.subarray(4));
    } catch (error) {
      this.lost(error as Error);
    }
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
export async function openWires(address: Address, count: number, lost: Lost): Promise<Wire[]> {
  const wires: Wire[] = [];
  const atOnce = 100;
  while (wires.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - wires.length) }, () => Wire.open(address, lost));
    wires.push(...(await Promise.all(some)));
  }
  return wires;
}
