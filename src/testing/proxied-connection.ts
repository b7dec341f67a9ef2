import { connect, type Socket } from 'node:net';
import { ClientFailure } from '../client/failure.ts';
import { FrameSplitter } from '../client/frame-splitter.ts';
import { decodeRequest, sized } from '../protocol/frame.ts';
import { ProduceRequest } from '../protocol/messages/00-produce.ts';
import { WireError } from '../protocol/wire.ts';
import type { AppendFaults, FailedAppends } from './append-faults.ts';

/** A request whose answer the client still waits for, in the order of the requests. */
interface Pending {
  readonly apiKey: number;
  readonly failed: FailedAppends | undefined;
  /** True when nothing was sent on and the answer is ours alone. */
  readonly own: boolean;
}

export interface ProxyRules {
  readonly appends: AppendFaults;
  /** How long the answers of an API are held back, in ms. */
  delayMsOf(apiKey: number): number;
}

const apiKeyBytes = 2;
/** The one kind of request that is not answered: Produce with acks=0. */
const acksNone = 0;

/** One connection of a client, led through to the broker frame by frame. Order is kept whatever is done to an answer. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #rules: ProxyRules;
  readonly #pending: Pending[] = [];
  /** Resolves when all answers before the next one are written. */
  #written: Promise<void> = Promise.resolve();
  /** Answers that are held back, and how each is let go. */
  readonly #held = new Map<NodeJS.Timeout, () => void>();

  constructor(client: Socket, brokerPort: number, rules: ProxyRules, onEnd: () => void) {
    this.#client = client;
    this.#broker = connect({ port: brokerPort, host: 'localhost', allowHalfOpen: true });
    this.#rules = rules;
    pump(client, this.#broker, payload => this.#request(payload));
    pump(this.#broker, client, payload => this.#answered(payload));
    // Who has said all may still be answered.
    client.once('end', () => this.#broker.end());
    this.#broker.once('end', () => void this.#written.then(() => client.end()));
    this.#broker.once('close', () => void this.#written.then(() => client.destroySoon()));
    client.once('close', () => {
      this.drop();
      onEnd();
    });
  }

  /** As if the network broke: nothing more is answered. */
  drop(): void {
    for (const timer of this.#held.keys()) clearTimeout(timer);
    this.#client.destroy();
    this.#broker.destroy();
  }

  /** Lets go all answers that are held back. */
  release(): void {
    for (const [timer, letGo] of this.#held) {
      clearTimeout(timer);
      letGo();
    }
    this.#held.clear();
  }

  unref(): void {
    this.#client.unref();
    this.#broker.unref();
  }

  ref(): void {
    this.#client.ref();
    this.#broker.ref();
  }

  #request(payload: Uint8Array): void {
    const apiKey = payload.length < apiKeyBytes ? -1 : new DataView(payload.buffer, payload.byteOffset).getInt16(0);
    const failed = apiKey === ProduceRequest.key ? this.#failedAppends(payload) : undefined;
    if (failed && !failed.answered) {
      this.drop();
      return;
    }
    const forwarded = failed ? failed.forwarded : payload;
    if (forwarded) this.#broker.write(sized(forwarded));
    if (apiKey === ProduceRequest.key && acksOf(payload) === acksNone) return;
    this.#pending.push({ apiKey, failed, own: forwarded === undefined });
    this.#answerOwn();
  }

  /** What does not parse is the broker's to refuse. */
  #failedAppends(payload: Uint8Array): FailedAppends | undefined {
    try {
      return this.#rules.appends.take(payload);
    } catch (error) {
      if (error instanceof WireError) return undefined;
      throw error;
    }
  }

  #answered(payload: Uint8Array): void {
    const first = this.#pending.shift();
    this.#write(first?.failed ? first.failed.answer(payload) : payload, first?.apiKey ?? -1);
    this.#answerOwn();
  }

  /** Answers of which the broker knows nothing, as soon as those before them are through. */
  #answerOwn(): void {
    while (this.#pending[0]?.own) {
      const { failed, apiKey } = this.#pending.shift()!;
      this.#write(failed!.answer(undefined), apiKey);
    }
  }

  #write(payload: Uint8Array, apiKey: number): void {
    const due = this.#after(this.#rules.delayMsOf(apiKey));
    this.#written = this.#written.then(() => due).then(() => void this.#client.write(sized(payload)));
  }

  #after(ms: number): Promise<void> | undefined {
    if (ms === 0) return undefined;
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        this.#held.delete(timer);
        resolve();
      }, ms);
      this.#held.set(timer, resolve);
    });
  }
}

/** Of a Produce request; what does not parse is answered by the broker closing the connection. */
function acksOf(payload: Uint8Array): number | undefined {
  try {
    return (decodeRequest(payload).body as ProduceRequest).acks;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Hands the frames of `from` to `take`, and reads no more while `to` cannot write. */
function pump(from: Socket, to: Socket, take: (payload: Uint8Array) => void): void {
  const frames = new FrameSplitter();
  from.setNoDelay(true);
  from.on('error', () => from.destroy());
  from.on('data', bytes => {
    try {
      for (const payload of frames.push(bytes)) take(payload);
    } catch (error) {
      // A size beyond sense: the broker would close the connection too.
      if (!(error instanceof ClientFailure)) throw error;
      from.destroy();
    }
    if (!to.writableNeedDrain) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
}
