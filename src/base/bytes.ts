// Small helpers on Uint8Array. Results are copies unless the comment says otherwise.

export const noBytes: Uint8Array = new Uint8Array(0);

// A byte order mark is part of the text: Kafka's strings keep it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Malformed sequences become U+FFFD, as in Java's decoder. */
export const text = (bytes: Uint8Array): string => decoder.decode(bytes);

/** What Buffers decode with: a third of the decoder's time for short texts, and no view of their bytes is made. */
const { utf8Slice } = Buffer.prototype as unknown as {
  utf8Slice(this: Uint8Array, from: number, to: number): string;
};

/** `text` of the bytes from `from` to `to`, which must be there. */
export const textBetween = (bytes: Uint8Array, from: number, to: number): string => utf8Slice.call(bytes, from, to);

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Unsigned lexicographic order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += hexOf[byte]!;
  return out;
}

/** Reads pairs of hex digits, ignoring white space; undefined for anything else. */
export function fromHex(hex: string): Uint8Array | undefined {
  const digits = hex.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) return undefined;
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}
