/** Murmur2 with the seed that Kafka's Java client uses, so that keys land where its producers put them. */
const seed = 0x9747b28c;
const mix = 0x5bd1e995;

/** The partition of a keyed record among `count`, as the Java client's default partitioner chooses it. */
export function partitionOf(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fff_ffff) % count;
}

export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(view.getInt32(at, true), mix);
    k = Math.imul(k ^ (k >>> 24), mix);
    hash = Math.imul(hash, mix) ^ k;
  }
  const left = bytes.length - whole;
  if (left >= 3) hash ^= bytes[whole + 2]! << 16;
  if (left >= 2) hash ^= bytes[whole + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ bytes[whole]!, mix);
  hash = Math.imul(hash ^ (hash >>> 13), mix);
  return hash ^ (hash >>> 15);
}
