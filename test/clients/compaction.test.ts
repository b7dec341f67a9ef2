/**
 * A compacted topic as clients know it: filled while the cleaner works on it, then read back by the same client as the map of last values.
 * Random keys and tombstones, every codec one after the other; the cleaner is waited for in its checkpoint, half way and at the end.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { must } from '../support/child.ts';
import { activeBase, cleanEnd, untilCleaned, untilCleanedTo } from '../support/cleaned.ts';
import { CODECS, type Codec } from '../support/codecs.ts';
import { REPO_ROOT } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { Random, runSeed } from '../support/random.ts';
import { RawClient } from '../support/raw-client.ts';
import { startBroker } from './support/broker.ts';
import { stream } from './support/exchange.ts';
import { buildFranzGo, compileJava, installConfluentKafka } from './support/install.ts';

const PARTITIONS = 2;
const KEYS = 300;
const TOMBSTONES = 0.15;
const VALUE_BYTES_MAX = 3_000;
const FULL_EVENTS = 20_000;
/** Of one codec: as many events as the run has, and at least some segments of each partition. */
const RECORDS = Math.max(2_000, Math.min(stream.events.length, 40_000) / CODECS.length);

const smoke = stream.events.length < FULL_EVENTS;

const topicConfig = {
  'cleanup.policy': 'compact',
  'segment.bytes': '1048576',
  'segment.ms': '1000',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '100',
};

interface Client {
  readonly name: string;
  /** In a smoke run; JVMs take their time to start. */
  readonly smokeCodecs?: readonly Codec[];
  /** Brings the client here; says how to start it with `produce BOOTSTRAP TOPIC CODEC` or `consume BOOTSTRAP TOPIC`. */
  prepare(): Promise<(args: readonly string[]) => readonly [string, ...string[]]>;
}

const clients: readonly Client[] = [
  {
    name: 'confluent-kafka-python',
    prepare: async () => {
      const python = await installConfluentKafka();
      return args => [python, join(REPO_ROOT, 'test', 'clients', 'python', 'events.py'), ...args];
    },
  },
  {
    name: 'java',
    smokeCodecs: ['lz4', 'zstd'],
    prepare: async () => {
      const program = await compileJava('Events');
      return args => ['java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...program, ...args];
    },
  },
  {
    name: 'franz-go',
    prepare: async () => {
      const program = await buildFranzGo();
      return ([verb = '', ...args]) => [program, verb === 'consume' ? 'drain' : verb, ...args];
    },
  },
];

/** null: a tombstone. */
type Values = Map<string, string | null>;

/** Random text, which no codec makes much smaller: segments fill. */
function longText(random: Random): string {
  const bytes = random.below(VALUE_BYTES_MAX);
  let text = '';
  while (text.length < bytes) text += random.below(2 ** 31).toString(36);
  return text;
}

/** The next records as a client takes them; what they say goes into `model`. */
function draw(random: Random, count: number, model: Values): string {
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const key = `key-${random.below(KEYS)}`;
    const value = random.chance(TOMBSTONES) ? null : longText(random);
    model.set(key, value);
    lines.push(value === null ? `${key}\n` : `${key}\t${value}\n`);
  }
  return lines.join('');
}

/** What lines `partition TAB key [TAB value]` say, the last of a key; a key lives in one partition. */
function readBack(output: string): { values: Values; records: number } {
  const values: Values = new Map();
  const home = new Map<string, string>();
  const lines = output.split('\n').filter(line => line !== '');
  for (const line of lines) {
    const [partition = '', key = '', value] = line.split('\t');
    expect(home.get(key) ?? partition).toBe(partition);
    home.set(key, partition);
    values.set(key, value ?? null);
  }
  return { values, records: lines.length };
}

const living = (values: Values): Values => new Map([...values].filter(([, value]) => value !== null).sort());

let broker: ProcessPeer;
beforeAll(async () => {
  broker = await startBroker({ config: { 'log.cleaner.backoff.ms': '20' } });
});
afterAll(() => broker?.stop());

for (const client of clients) {
  test(`${client.name}: a compacted topic reads back as the map of last values`, async () => {
    const random = new Random(runSeed(`compaction ${client.name}`));
    const start = await client.prepare();
    const topic = `compacted-${client.name}`;
    const names = Array.from({ length: PARTITIONS }, (_, partition) => `${topic}-${partition}`);
    const raw = await RawClient.open(broker.port);
    await createTopics(raw, [{ name: topic, partitions: PARTITIONS, config: topicConfig }]);
    await raw.close();

    const model: Values = new Map();
    const codecs = smoke ? (client.smokeCodecs ?? CODECS) : CODECS;
    for (const [i, codec] of codecs.entries()) {
      const [command, ...args] = start(['produce', broker.bootstrap, topic, codec]);
      await must(command, args, { input: draw(random, RECORDS, model) });
      // The cleaner has been at work before the last ones are written.
      if (i === codecs.length - 2) for (const name of names) await untilCleanedTo(broker.dataDir, name, 1n);
    }
    await untilCleaned(broker.dataDir, names);
    const [command, ...args] = start(['consume', broker.bootstrap, topic]);
    const { values, records } = readBack((await must(command, args)).stdout);
    const written = RECORDS * codecs.length;
    let dirty = written;
    for (const name of names) {
      const base = await activeBase(broker.dataDir, name);
      expect(await cleanEnd(broker.dataDir, name)).toBeGreaterThanOrEqual(base);
      expect(base).toBeGreaterThan(0n);
      dirty -= Number(base);
    }
    console.log(
      `${client.name}: ${written} records written, ${records} read, ${model.size} keys, ${dirty} not to be cleaned`,
    );
    expect(living(values)).toEqual(living(model));
    // Below the active segments a key has one record at most.
    expect(records).toBeLessThanOrEqual(model.size + dirty);
    expect(records).toBeLessThan(written);
  });
}
