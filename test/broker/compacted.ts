/** What the tests of compaction share: records by key and the model of what stays of them, and what of it is open or on disk. */
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchLog } from '../answers/fetch-log.ts';
import { produce } from '../answers/produce.ts';
import { offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { encodeBatch } from '../support/batch.ts';
import { parseRecords } from '../support/parse-records.ts';
import { DEADLINE_MS, RawClient } from '../support/raw-client.ts';

const BETWEEN_LOOKS_MS = 10;

/** By key: what the model says of one is what was sent last. */
export type Contents = Map<string, string | null>;

export type Filling = {
  readonly port: number;
  readonly topic: string;
  readonly records: readonly (readonly [key: string, value: string])[];
  readonly timestampMs?: number;
};

/** One record a batch, pipelined. Resolves with the offset of the last one, when all are durable. */
export async function fill(model: Contents, { port, topic, records, timestampMs }: Filling): Promise<bigint> {
  const client = await RawClient.open(port);
  for (const [i, [key, value]] of records.entries()) {
    model.set(key, value);
    const baseTimestamp = BigInt(timestampMs ?? Date.now());
    const batch = encodeBatch({ baseTimestamp, records: [{ key, value }] });
    client.send(produce(topic, batch, { version: PRODUCE_VERSION, correlationId: i }));
  }
  let last = -1n;
  for (const _ of records) {
    const { errorCode, offset } = offsetProduced(await client.receive());
    if (errorCode !== 0) throw new Error(`a batch was refused with error ${errorCode}`);
    last = offset;
  }
  await client.close();
  return last;
}

/** Looks again and again until there is something; fails after a deadline that is not expected to be met. */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    if (await look()) return;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`);
    await new Promise(resolve => setTimeout(resolve, BETWEEN_LOOKS_MS));
  }
}

/** Files of a partition's directory whose names end so. */
export async function filesEnding(dataDir: string, partition: string, ...suffixes: string[]): Promise<string[]> {
  const names = await readdir(join(dataDir, partition));
  return names.filter(name => suffixes.some(suffix => name.endsWith(suffix)));
}

/** What this process has open below a directory; a file that was removed ends in ` (deleted)`. */
export async function openFiles(below: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const links = await Promise.all(descriptors.map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return links.filter(link => link.startsWith(below));
}

export async function readBack(port: number, topic: string, from = 0n): Promise<{ latest: Contents; records: number }> {
  const latest: Contents = new Map();
  const records = parseRecords(await fetchLog(port, topic, 0, { from }));
  for (const { key, value } of records) latest.set(key!, value);
  return { latest, records: records.length };
}
