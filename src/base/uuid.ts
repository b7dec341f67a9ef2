// Kafka's UUIDs: 16 bytes on the wire, 22 characters of unpadded base64url in text (topic, directory and cluster ids).
// Held as that text: it is what logs show, it compares with ===, and it is a Map key.
import type { Brand } from './brand.ts';

export type Uuid = Brand<string, 'Uuid'>;

const bytesLength = 16;
const textLength = 22;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const notADigit = 255;
const digitOf = new Uint8Array(128).fill(notADigit);
for (let i = 0; i < alphabet.length; i++) digitOf[alphabet.charCodeAt(i)] = i;

/** "No id". */
export const zeroUuid = 'AAAAAAAAAAAAAAAAAAAAAA' as Uuid;
/** Topic id of __cluster_metadata, which exists before any topic id could be recorded. */
export const metadataTopicId = 'AAAAAAAAAAAAAAAAAAAAAQ' as Uuid;
/** Directory ids with a meaning of their own (KIP-858): not assigned, lost, migrating. */
export const unassignedDirectory = zeroUuid;
export const lostDirectory = metadataTopicId;
export const migratingDirectory = 'AAAAAAAAAAAAAAAAAAAAAg' as Uuid;

/** The id that 16 bytes at `at` spell. The caller has checked that they are there. */
export function uuidAt(bytes: Uint8Array, at = 0): Uuid {
  let out = '';
  for (let i = at; i < at + 15; i += 3) {
    const triple = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    out +=
      alphabet[triple >> 18]! + alphabet[(triple >> 12) & 63]! + alphabet[(triple >> 6) & 63]! + alphabet[triple & 63]!;
  }
  const last = bytes[at + 15]!;
  return (out + alphabet[last >> 2]! + alphabet[(last & 3) << 4]!) as Uuid;
}

/** Writes the 16 bytes of `id` into `out` at `at`; false when the text is not a canonical id. */
export function putUuid(id: string, out: Uint8Array, at = 0): boolean {
  if (id.length !== textLength) return false;
  let bad = 0;
  const digit = (i: number): number => {
    const code = id.charCodeAt(i);
    const value = code < 128 ? digitOf[code]! : notADigit;
    bad |= value & 0xc0;
    return value;
  };
  for (let i = 0, to = at; i < 20; i += 4, to += 3) {
    const triple = (digit(i) << 18) | (digit(i + 1) << 12) | (digit(i + 2) << 6) | digit(i + 3);
    out[to] = triple >> 16;
    out[to + 1] = triple >> 8;
    out[to + 2] = triple;
  }
  const tail = digit(21);
  out[at + 15] = (digit(20) << 2) | (tail >> 4);
  return bad === 0 && (tail & 15) === 0;
}

export function uuidToBytes(id: Uuid): Uint8Array {
  const out = new Uint8Array(bytesLength);
  putUuid(id, out);
  return out;
}

/** Undefined when `text` is not the 22 characters of an id. */
export const parseUuid = (text: string): Uuid | undefined =>
  putUuid(text, new Uint8Array(bytesLength)) ? (text as Uuid) : undefined;

/** A new random (version 4) id out of `entropy(16)`. Never starts with '-', which shells would take for an option. */
export function makeUuid(entropy: (length: number) => Uint8Array): Uuid {
  for (;;) {
    const bytes = entropy(bytesLength).slice();
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const id = uuidAt(bytes);
    if (!id.startsWith('-')) return id;
  }
}
