import { connect, type Socket } from 'node:net';
import { apiOf } from '../protocol/api.ts';
import { errorCode } from '../protocol/errors.ts';
import { decodeResponse, encodeRequest, sized } from '../protocol/frame.ts';
import { ApiVersionsRequest, type ApiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import type { Fields, Infer, Init, Message } from '../protocol/schema.ts';
import { type Address, addressText } from './address.ts';
import { ClientFailure, unreachable } from './failure.ts';
import { FrameSplitter } from './frame-splitter.ts';

const clientId = 'milena-cli';
const lost = (message: string): ClientFailure => new ClientFailure(message, errorCode.NETWORK_EXCEPTION);
const clientSoftware = { clientSoftwareName: 'milena', clientSoftwareVersion: '0.1.0' };

interface Waiting {
  resolve(payload: Uint8Array): void;
  reject(why: Error): void;
}

/** One connection to one broker. Requests are answered in the order they were sent; several may be under way. */
export class Connection {
  readonly address: Address;
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  readonly #splitter = new FrameSplitter();
  #versions: ReadonlyMap<number, { min: number; max: number }> = new Map();
  #correlationId = 0;
  #ended: Error | undefined;

  private constructor(address: Address, socket: Socket) {
    this.address = address;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', bytes => this.#receive(bytes));
    socket.on('error', error => this.#end(unreachable(addressText(address), error)));
    socket.on('close', () => this.#end(lost(`${addressText(address)} closed the connection`)));
  }

  /** Connects and learns which versions the broker speaks. */
  static async open(address: Address): Promise<Connection> {
    const socket = connect(address);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', error => reject(unreachable(addressText(address), error)));
    });
    const connection = new Connection(address, socket);
    await connection.#learnVersions();
    return connection;
  }

  /**
   * Sends a request at the newest version both sides speak, or at `versionMax` if that is less. Brokers of other makes may
   * lack an API: ClientFailure.
   */
  async call<Q extends Fields, A extends Fields>(
    request: Message<Q>,
    response: Message<A>,
    body: Init<Message<Q>>,
    versionMax = Number.POSITIVE_INFINITY,
  ): Promise<Infer<Message<A>>> {
    const version = Math.min(this.versionOf(request), versionMax);
    const payload = await this.#send(this.#frame(request.key, version, body));
    const api = { ...apiOf(request.key)!, response };
    return this.#understood(api.name, () => decodeResponse(api, version, payload).body as Infer<Message<A>>);
  }

  /** Sends a request that is not answered (Produce with acks=0). */
  tell<Q extends Fields>(request: Message<Q>, body: Init<Message<Q>>): void {
    this.#socket.write(this.#frame(request.key, this.versionOf(request), body));
  }

  versionOf(request: { readonly key: number; readonly name: string }): number {
    const ours = apiOf(request.key)!;
    const theirs = this.#versions.get(request.key);
    const version = Math.min(ours.max, theirs?.max ?? -1);
    if (!theirs || version < Math.max(ours.min, theirs.min)) {
      throw new ClientFailure(
        `${addressText(this.address)} does not serve ${ours.name} in a version this client speaks`,
      );
    }
    return version;
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  close(): void {
    this.#ended ??= lost('the connection was closed here');
    this.#socket.destroy();
  }

  async #learnVersions(): Promise<void> {
    const newest = apiOf(ApiVersionsRequest.key)!.max;
    let answer = await this.#versionsAt(newest);
    if (answer.errorCode === errorCode.UNSUPPORTED_VERSION) answer = await this.#versionsAt(0);
    this.#versions = new Map(answer.apiKeys.map(k => [k.apiKey, { min: k.minVersion, max: k.maxVersion }]));
  }

  /** A broker that does not speak `version` answers in version 0 (KIP-511). */
  async #versionsAt(version: number): Promise<Infer<typeof ApiVersionsResponse>> {
    const api = apiOf(ApiVersionsRequest.key)!;
    const payload = await this.#send(this.#frame(api.key, version, version < 3 ? {} : clientSoftware));
    return this.#understood(api.name, () => {
      const refused = new DataView(payload.buffer, payload.byteOffset).getInt16(4) === errorCode.UNSUPPORTED_VERSION;
      const { body } = decodeResponse(api, refused ? 0 : version, payload);
      return body as Infer<typeof ApiVersionsResponse>;
    });
  }

  /** What `read` makes of an answer; one that cannot be read is the broker's failure, and the connection's end. */
  #understood<T>(api: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const failure = new ClientFailure(
        `the answer of ${addressText(this.address)} to ${api} is not what the protocol says: ${why}`,
      );
      this.#end(failure);
      this.#socket.destroy();
      throw failure;
    }
  }

  #frame(key: number, version: number, body: unknown): Uint8Array {
    return sized(encodeRequest(apiOf(key)!, version, { correlationId: this.#correlationId++, clientId }, body));
  }

  #send(frame: Uint8Array): Promise<Uint8Array> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(frame);
    });
  }

  #receive(bytes: Uint8Array): void {
    try {
      for (const payload of this.#splitter.push(bytes)) this.#waiting.shift()?.resolve(payload);
    } catch (error) {
      this.#end(error as Error);
      this.#socket.destroy();
    }
  }

  #end(why: Error): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
