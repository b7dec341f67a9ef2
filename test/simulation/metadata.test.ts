// The metadata log under seeded faults: appends fail, syncs are held, the process dies at any moment and a power cut
// takes what was not synced. What was acknowledged is there afterwards, what was refused is not, and nobody is answered
// before the listener knew.
import { expect, test } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { Prng } from '../../src/base/prng.ts';
import { isRefusal } from '../../src/base/result.ts';
import { createTopics } from '../../src/core/controller/create-topics.ts';
import { deleteTopics } from '../../src/core/controller/delete-topics.ts';
import { allocateProducerIds } from '../../src/core/controller/producer-ids.ts';
import { emptyImage, topicByName } from '../../src/core/metadata/image.ts';
import { MetadataLoader } from '../../src/core/metadata/loader.ts';
import { parseSnapshotName } from '../../src/core/metadata/snapshot-name.ts';
import { errorCode } from '../../src/protocol/errors.ts';
import { contents, rules, settings, topic } from '../support/metadata.ts';
import { MetadataNode, unlimited } from '../support/metadata-node.ts';

const seeds = Number(process.env.MILENA_SIM_SEEDS ?? 60);
const firstSeed = Number(process.env.MILENA_SIM_SEED ?? 1);

/** What a client was told of a topic; while an answer is outstanding, either may be true. */
interface Fate {
  exists: boolean;
  outstanding: number;
}

/** What clients were told, as far as it binds the broker. */
class Told {
  readonly topics = new Map<string, Fate>();
  nextProducerId = 0n;
  /** What the listener has ever been told. */
  readonly created = new Set<string>();
  readonly deleted = new Set<string>();
  readonly leaderEpochs = new Map<string, number>();
  readonly failures: string[] = [];
  /** In this life of the process: what was written and refused then may be there all the same. */
  logFailed = false;
}

function ask(node: MetadataNode, told: Told, chance: Prng, n: number): void {
  const { log } = node;
  const kind = chance.below(10);
  if (kind < 6) {
    const name = `t${n}`;
    const fate = { exists: false, outstanding: 1 };
    told.topics.set(name, fate);
    void log.decide(createTopics({ topics: [topic(name)], validateOnly: false }, settings, rules)).then(reply => {
      if (isRefusal(reply) && told.logFailed) return;
      fate.outstanding--;
      if (isRefusal(reply)) return;
      if (!told.created.has(name)) told.failures.push(`${name} was answered before the listener knew`);
      fate.exists = true;
    });
  } else if (kind < 8) {
    const name = `t${chance.below(n + 1)}`;
    const fate = told.topics.get(name);
    if (fate === undefined) return;
    fate.outstanding++;
    void log.decide(deleteTopics({ topicNames: [name], topics: [], apiVersion: 5 }, settings)).then(reply => {
      if (isRefusal(reply) && told.logFailed) return;
      fate.outstanding--;
      if (isRefusal(reply)) return;
      if (reply[0]!.error === 'NONE' && !told.deleted.has(name)) told.failures.push(`${name} was deleted unbeknown`);
      fate.exists = false;
    });
  } else {
    void log.decide(allocateProducerIds(1)).then(reply => {
      if (isRefusal(reply)) return;
      if (reply.first < told.nextProducerId) told.failures.push(`producer id ${reply.first} was handed out twice`);
      told.nextProducerId = reply.first + BigInt(reply.count);
    });
  }
}

function check(node: MetadataNode, told: Told): void {
  const { image } = node.log;
  expect(told.failures).toEqual([]);
  for (const [name, fate] of told.topics) {
    const exists = topicByName(image, name) !== undefined;
    if (fate.outstanding === 0) expect(exists, `${name} was said to exist: ${fate.exists}`).toBe(fate.exists);
    // Whoever asked the life before is gone; what became of it is settled now.
    fate.exists = exists;
    fate.outstanding = 0;
  }
  expect(image.nextProducerId).toBeGreaterThanOrEqual(told.nextProducerId);
  for (const made of image.topicsById.values()) {
    for (const { leaderEpoch, index } of made.partitions) {
      const key = `${made.id}-${index}`;
      const before = told.leaderEpochs.get(key);
      if (before !== undefined) expect(leaderEpoch, 'a restart bumps leader epochs').toBeGreaterThan(before);
      told.leaderEpochs.set(key, leaderEpoch);
    }
  }
  expect(contents(fromDisk(node))).toEqual(contents(image));
}

/** The image as another process would load it. */
function fromDisk(node: MetadataNode) {
  const directory = '/d/__cluster_metadata-0/';
  const ids = [...node.files.contents.keys()].flatMap(path => parseSnapshotName(path.replace(directory, '')) ?? []);
  const newest = ids.reduce((a, b) => (a.endOffset >= b.endOffset ? a : b));
  const loader = new MetadataLoader(emptyImage(node.storage.clusterId));
  const name = [...node.files.contents.keys()].find(
    path => parseSnapshotName(path.replace(directory, ''))?.endOffset === newest.endOffset,
  )!;
  loader.loadSnapshot(node.files.contents.get(name)!, newest.endOffset, newest.epoch);
  loader.loadLog(concat(node.batches(newest.endOffset)));
  return loader.image;
}

/** One life of the process, ended by a crash at some moment. */
async function live(node: MetadataNode, told: Told, chance: Prng, first: number): Promise<number> {
  await node.start();
  check(node, told);
  told.logFailed = false;
  node.log.onFailure(() => {
    told.logFailed = true;
  });
  node.log.onChange(({ topics }) => {
    for (const { name } of topics.deleted) told.deleted.add(name);
    for (const { name } of topics.created) told.created.add(name);
  });
  const faults = chance.chance(0.5);
  node.appendError = () => (faults && chance.chance(0.2) ? errorCode.KAFKA_STORAGE_ERROR : 0);
  const asks = chance.below(25);
  for (let n = first; n < first + asks; n++) node.time.after(chance.below(60), () => ask(node, told, chance, n));
  if (chance.chance(0.4)) {
    node.time.after(chance.below(40), () => {
      node.plane.holdSyncs(true);
    });
    node.time.after(40 + chance.below(20), () => {
      node.plane.holdSyncs(false);
    });
  }
  let alive = true;
  const die = () => {
    if (alive) node.crash();
    alive = false;
  };
  if (chance.chance(0.2)) node.time.after(chance.below(60), () => node.plane.failNextSync());
  if (chance.chance(0.7)) node.time.after(chance.below(90), die);
  await node.time.settle();
  node.appendError = () => 0;
  die();
  return first + asks;
}

async function simulate(seed: number): Promise<string> {
  const chance = new Prng(seed);
  const node = new MetadataNode(chance.u32());
  const told = new Told();
  node.limits = chance.chance(0.5) ? unlimited : { ...unlimited, bytesBetweenSnapshots: 1_500, retentionBytes: 0n };
  let n = 0;
  for (let life = 0; life < 4; life++) {
    n = await live(node, told, chance, n);
  }
  await node.start();
  check(node, told);
  return `${n} asks, ${node.log.image.offset} records, ${[...node.log.image.topicIdsByName.keys()].sort()}`;
}

test(`acknowledged metadata survives, seeds ${firstSeed} to ${firstSeed + seeds - 1}`, {
  timeout: 120_000,
}, async () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    try {
      await simulate(seed);
    } catch (cause) {
      throw new Error(`seed ${seed} (MILENA_SIM_SEED=${seed} MILENA_SIM_SEEDS=1): ${(cause as Error).message}`, {
        cause,
      });
    }
  }
});

test('the same seed gives the same history', async () => {
  expect(await simulate(firstSeed)).toBe(await simulate(firstSeed));
});
