// Whatever is decided: replaying the records gives the decided state, from the start or from a snapshot plus the rest;
// deciding changes nothing; a refusal leaves no record.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRefusal } from '../../src/base/result.ts';
import { alterConfigs } from '../../src/core/controller/alter-configs.ts';
import { fenceBroker, unfenceBroker } from '../../src/core/controller/brokers.ts';
import { createPartitions } from '../../src/core/controller/create-partitions.ts';
import { createTopics } from '../../src/core/controller/create-topics.ts';
import type { Decide } from '../../src/core/controller/decision.ts';
import { deleteTopics } from '../../src/core/controller/delete-topics.ts';
import { electLeaders } from '../../src/core/controller/leaders.ts';
import { allocateProducerIds } from '../../src/core/controller/producer-ids.ts';
import type { MetadataImage } from '../../src/core/metadata/image.ts';
import { emptyImage } from '../../src/core/metadata/image.ts';
import { MetadataInspection } from '../../src/core/metadata/inspect.ts';
import { MetadataLoader } from '../../src/core/metadata/loader.ts';
import { noRaftFacts } from '../../src/core/metadata/raft-facts.ts';
import type { MetadataRecordInit } from '../../src/core/metadata/records.ts';
import { encodeRecord } from '../../src/core/metadata/records.ts';
import { encodeSnapshot } from '../../src/core/metadata/snapshot-file.ts';
import { snapshotRecords } from '../../src/core/metadata/snapshot-records.ts';
import { encodeBatch } from '../../src/protocol/records/batch.ts';
import { cluster, contents, rules, settings, topic } from '../support/metadata.ts';

const name = fc.constantFrom('a', 'b', 'a.b', 'a_b', 'c.d', '', '..', '__cluster_metadata');
const config = fc.record({
  name: fc.constantFrom('retention.ms', 'cleanup.policy', 'nope'),
  value: fc.option(fc.constantFrom('1', '2', 'compact', 'delete')),
});
const small = fc.integer({ min: -2, max: 6 });
const replicas = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
const assignments = fc.array(replicas, { maxLength: 3 });

const creates = fc
  .array(
    fc.record({
      name,
      numPartitions: small,
      replicationFactor: small,
      assignments: assignments.map(all => all.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }))),
      configs: fc.array(config, { maxLength: 2 }),
    }),
    { maxLength: 4 },
  )
  .map(topics => createTopics({ topics, validateOnly: false }, settings, rules));
const simple = fc.array(name, { maxLength: 3 }).map(names => {
  return createTopics({ topics: names.map(n => topic(n)), validateOnly: false }, settings, rules);
});
const deletes = fc
  .array(name, { maxLength: 3 })
  .map(topicNames => deleteTopics({ topicNames, topics: [], apiVersion: 5 }, settings));
const grows = fc
  .record({ name, count: small, assignments: fc.option(assignments.map(all => all.map(brokerIds => ({ brokerIds })))) })
  .map(growth => createPartitions({ topics: [growth], validateOnly: false }));
const alters = fc
  .record({
    resourceType: fc.constantFrom(2, 4, 8),
    resourceName: fc.oneof(name, fc.constantFrom('1', '2')),
    configs: fc.array(
      fc.record({
        name: fc.constantFrom('retention.ms', 'cleanup.policy'),
        configOperation: small,
        value: fc.option(fc.constantFrom('1', 'compact')),
      }),
      { maxLength: 2 },
    ),
  })
  .map(resource => alterConfigs({ resources: [resource], validateOnly: false }, 1, rules));
const broker = fc.integer({ min: 1, max: 4 });
const others = broker.chain(id =>
  fc.constantFrom<Decide<unknown>>(allocateProducerIds(id), electLeaders(id), fenceBroker(id), unfenceBroker(id)),
);
const decision: fc.Arbitrary<Decide<unknown>> = fc.oneof(creates, simple, deletes, grows, alters, others);

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (!(value instanceof Uint8Array)) Object.freeze(value);
  for (const part of value instanceof Map ? [...value.entries()].flat() : Object.values(value)) frozen(part);
  return value;
}

/** Runs the decisions on three brokers; the image after each, and the records of each. */
function history(decides: readonly Decide<unknown>[]) {
  const decisions = cluster(3);
  const steps: { image: MetadataImage; records: readonly MetadataRecordInit[] }[] = [];
  const start = decisions.image;
  for (const decide of decides) {
    frozen(decisions.image);
    const decided = decisions.decided(decide);
    if (isRefusal(decided)) continue;
    decisions.run(() => decided);
    steps.push({ image: decisions.image, records: decided.records });
  }
  return { start, steps, end: decisions.image };
}

const asBatch = (records: readonly MetadataRecordInit[], baseOffset: bigint): Uint8Array =>
  encodeBatch({
    baseOffset,
    leaderEpoch: 1,
    records: records.map(record => ({ timestamp: 1n, value: encodeRecord(record).value })),
  });

function snapshotOf(image: MetadataImage): MetadataLoader {
  const records = snapshotRecords(image);
  const bytes = encodeSnapshot({ lastTimestampMs: 0n, epoch: 1, nowMs: 0n, raft: noRaftFacts, records });
  const loader = new MetadataLoader(emptyImage(image.clusterId));
  loader.loadSnapshot(bytes, image.offset + 1n, 1);
  return loader;
}

test('a snapshot taken anywhere, and the log behind it, give the decided state', () => {
  fc.assert(
    fc.property(fc.array(decision, { maxLength: 15 }), fc.nat(), (decides, pick) => {
      const { start, steps, end } = history(decides);
      const at = pick % (steps.length + 1);
      const from = at === 0 ? start : steps[at - 1]!.image;
      const loader = snapshotOf(from);
      expect(contents(loader.image)).toEqual(contents(from));
      let offset = from.offset + 1n;
      for (const { records, image } of steps.slice(at)) {
        if (records.length > 0) loader.loadLog(asBatch(records, offset));
        offset += BigInt(records.length);
        expect(loader.image.offset).toBe(image.offset);
      }
      expect(contents(loader.image)).toEqual(contents(end));
    }),
    { numRuns: 300 },
  );
});

test('reading again what is already contained changes nothing', () => {
  fc.assert(
    fc.property(fc.array(decision, { maxLength: 8 }), decides => {
      const { start, steps, end } = history(decides);
      const loader = snapshotOf(start);
      let offset = start.offset + 1n;
      const batches = steps.flatMap(({ records }) => {
        const batch = records.length === 0 ? [] : [asBatch(records, offset)];
        offset += BigInt(records.length);
        return batch;
      });
      for (const batch of batches) {
        loader.loadLog(batch);
        const { image } = loader;
        for (const before of batches.slice(0, batches.indexOf(batch) + 1)) loader.loadLog(before);
        expect(loader.image).toBe(image);
      }
      expect(contents(loader.image)).toEqual(contents(end));
    }),
    { numRuns: 100 },
  );
});

test('what holds of every image', () => {
  fc.assert(
    fc.property(fc.array(decision, { maxLength: 15 }), decides => {
      for (const { image } of history(decides).steps) {
        let partitions = 0;
        for (const made of image.topicsById.values()) {
          expect(image.topicIdsByName.get(made.name)).toBe(made.id);
          partitions += made.partitions.length;
          for (const [i, partition] of made.partitions.entries()) {
            expect(partition.index).toBe(i);
            expect(partition.replicas).toEqual(expect.arrayContaining([...partition.isr]));
            expect(partition.directories).toHaveLength(partition.replicas.length);
            if (partition.leader >= 0) expect(partition.isr).toContain(partition.leader);
          }
        }
        expect(partitions).toBe(image.partitionCount);
        expect(image.topicIdsByName.size).toBe(image.topicsById.size);
        // Two names of one request may collide with each other: Kafka looks at existing topics only, and so do we.
        const listed = [...image.collidingNames.values()].flat().sort();
        expect(listed).toEqual([...image.topicIdsByName.keys()].filter(known => /[._]/.test(known)).sort());
        for (const key of image.configs)
          if (key[0].startsWith('2:')) expect(image.topicIdsByName.has(key[0].slice(2))).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('any bytes are loaded or refused with words, and looked through without a word', () => {
  const decisions = cluster();
  decisions.run(createTopics({ topics: [topic('a')], validateOnly: false }, settings, rules));
  const loaded = snapshotOf(decisions.image).image;
  const value = fc.option(fc.uint8Array({ maxLength: 40 }));
  const framed = fc
    .record({
      control: fc.boolean(),
      records: fc.array(fc.record({ timestamp: fc.constant(1n), key: value, value }), { minLength: 1, maxLength: 3 }),
    })
    .map(batch => encodeBatch({ ...batch, baseOffset: loaded.offset + 1n }));
  const typed = fc
    .tuple(fc.constantFrom(...Array(30).keys()), fc.nat({ max: 5 }), fc.uint8Array({ maxLength: 60 }))
    .map(([key, version, rest]) =>
      encodeBatch({
        baseOffset: loaded.offset + 1n,
        records: [{ timestamp: 1n, value: Uint8Array.of(1, key, version, ...rest) }],
      }),
    );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), framed, typed), bytes => {
      new MetadataInspection().look(bytes);
      for (const load of [
        (loader: MetadataLoader) => loader.loadLog(bytes),
        (loader: MetadataLoader) => loader.loadSnapshot(bytes, 5n, 1),
      ]) {
        const loader = new MetadataLoader(loaded);
        try {
          load(loader);
        } catch (error) {
          expect((error as Error).name).toMatch(/^(WireError|ReplayError)$/);
          expect(loader.image).toBe(loaded);
        }
      }
    }),
    { numRuns: 3_000 },
  );
});
