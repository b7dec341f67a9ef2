/**
 * What was sent against what was read back. Events travel to and from the client programs as lines: `key TAB value` in, `partition TAB key TAB value` out.
 */
import { createHash } from 'node:crypto';
import { type Event, loadEvents } from '../../support/events.ts';

/** A short stream is enough for a smoke run: MILENA_CLIENTS_EVENTS=5000. */
const limit = process.env.MILENA_CLIENTS_EVENTS;
export const stream = loadEvents(limit === undefined ? undefined : Number(limit));

export const PARTITIONS = 4;

export const inputLines = (events: readonly Event[]): string =>
  events.map(event => `${event.key}\t${event.value}\n`).join('');

export type Read = { partition: number; key: string; value: string };

export function parseRead(output: string): Read[] {
  return output
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [partition, key, ...value] = line.split('\t');
      if (partition === undefined || key === undefined || value.length === 0) throw new Error(`not a record: ${line}`);
      return { partition: Number(partition), key, value: value.join('\t') };
    });
}

const digest = (lines: readonly { key: string; value: string }[]): string => {
  const hash = createHash('sha256');
  for (const { key, value } of lines) hash.update(`${key}\t${value}\n`);
  return hash.digest('hex').slice(0, 16);
};

export type Summary = { partition: number; count: number; digest: string };

const summary = (partition: number, lines: readonly { key: string; value: string }[]): Summary => ({
  partition,
  count: lines.length,
  digest: digest(lines),
});

/**
 * Per partition, what was read and what must have been: a key lives in one partition only, and a partition holds its keys' events in the order they were sent.
 * Prints both, so that a report shows them.
 */
export function compareExchange(
  label: string,
  sent: readonly Event[],
  read: readonly Read[],
): { expected: Summary[]; actual: Summary[] } {
  const home = new Map<string, number>();
  const byPartition = new Map<number, Read[]>();
  for (const record of read) {
    if (!home.has(record.key)) home.set(record.key, record.partition);
    const list = byPartition.get(record.partition) ?? [];
    list.push(record);
    byPartition.set(record.partition, list);
  }
  const wanted = new Map<number, Event[]>();
  for (const event of sent) {
    // -1: an event whose key was never read back shows up as a partition of its own.
    const partition = home.get(event.key) ?? -1;
    const list = wanted.get(partition) ?? [];
    list.push(event);
    wanted.set(partition, list);
  }
  const order = (a: Summary, b: Summary): number => a.partition - b.partition;
  const expected = [...wanted].map(([partition, lines]) => summary(partition, lines)).sort(order);
  const actual = [...byPartition].map(([partition, lines]) => summary(partition, lines)).sort(order);
  console.log(`${label}: sent ${sent.length}, read ${read.length}`);
  for (const one of actual) console.log(`  partition ${one.partition}: ${one.count} records, digest ${one.digest}`);
  return { expected, actual };
}
