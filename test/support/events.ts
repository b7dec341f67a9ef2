/**
 * The event stream that goes through real clients: one event per file changed per commit, keyed by the file, oldest first.
 * MILENA_EVENTS names a gzipped JSON-lines file; by default the shared one beside the checkout; where neither is, a seeded stream of the same shape and size.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { REPO_ROOT } from './paths.ts';

export type Event = { readonly key: string; readonly value: string };

const DEFAULT_FILE = join(REPO_ROOT, '..', 'shared', 'data', 'commits.jsonl.gz');
const SEED = 20_260_617;
/** Size of the real stream: 101,078 events over about 10,000 files. */
const SEEDED_EVENTS = 101_078;
const SEEDED_FILES = 10_000;

export type EventStream = { readonly source: string; readonly events: readonly Event[] };

/** At most `limit` events from the start of the stream. */
export function loadEvents(limit = Number.POSITIVE_INFINITY): EventStream {
  const named = process.env.MILENA_EVENTS;
  if (named !== undefined && !existsSync(named)) throw new Error(`MILENA_EVENTS names ${named}, which does not exist`);
  const file = named ?? DEFAULT_FILE;
  if (!existsSync(file))
    return { source: `seeded stream ${SEED}`, events: seededEvents(Math.min(limit, SEEDED_EVENTS)) };
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const events: Event[] = [];
  for (const line of lines) {
    if (events.length >= limit) break;
    if (line === '') continue;
    const event: unknown = JSON.parse(line);
    if (typeof event !== 'object' || event === null || !('file' in event) || typeof event.file !== 'string') {
      throw new Error(`${file}: not an event: ${line.slice(0, 80)}`);
    }
    events.push({ key: event.file, value: line });
  }
  return { source: file, events };
}

/** mulberry32: tests of different languages and years see the same stream. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

function seededEvents(count: number): Event[] {
  const chance = seeded(SEED);
  const events: Event[] = [];
  let at = 1_312_242_084_000;
  while (events.length < count) {
    at += Math.floor(chance() * 4e7);
    const commit = createHash('sha256').update(String(events.length)).digest('hex').slice(0, 12);
    const files = 1 + Math.floor(chance() ** 3 * 20);
    for (let i = 0; i < files && events.length < count; i++) {
      // The square skews the keys: a few files change all the time.
      const file = `src/main/java/module-${Math.floor(chance() * 40)}/File${Math.floor(chance() ** 2 * (SEEDED_FILES / 40))}.java`;
      const [added, deleted] = [Math.floor(chance() * 120), Math.floor(chance() * 60)];
      events.push({ key: file, value: JSON.stringify({ file, commit, at, added, deleted }) });
    }
  }
  return events;
}
