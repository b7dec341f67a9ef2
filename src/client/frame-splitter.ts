import { ClientFailure } from './failure.ts';

/** No answer a client of this kind asks for is larger; what claims to be is no Kafka broker. */
export const responseBytesMax = 256 * 1024 * 1024;

/** Cuts a stream of bytes into the payloads of its frames: four bytes of size, then so many bytes. */
export class FrameSplitter {
  #pieces: Uint8Array[] = [];
  #held = 0;

  /** The payloads that `bytes` completes, in order. Throws ClientFailure on an impossible size. */
  push(bytes: Uint8Array): Uint8Array[] {
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    const whole: Uint8Array[] = [];
    for (let size = this.#nextSize(); size !== undefined && this.#held >= 4 + size; size = this.#nextSize()) {
      whole.push(this.#take(4 + size).subarray(4));
    }
    return whole;
  }

  #nextSize(): number | undefined {
    if (this.#held < 4) return undefined;
    if (this.#pieces[0]!.length < 4) this.#pieces = [Buffer.concat(this.#pieces)];
    const first = this.#pieces[0]!;
    const size = new DataView(first.buffer, first.byteOffset, first.length).getInt32(0);
    if (size < 0 || size > responseBytesMax)
      throw new ClientFailure(`an answer of ${size} bytes: is this a Kafka broker?`);
    return size;
  }

  #take(count: number): Uint8Array {
    const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = all.length > count ? [all.subarray(count)] : [];
    this.#held = all.length - count;
    return all.subarray(0, count);
  }
}
