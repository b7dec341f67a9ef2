import { afterEach, expect, test, vi } from 'vitest';
import { alterConfigs, configOperation } from '../../../../src/core/controller/alter-configs.ts';
import { createPartitions } from '../../../../src/core/controller/create-partitions.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import { deleteTopics } from '../../../../src/core/controller/delete-topics.ts';
import { electLeaders } from '../../../../src/core/controller/leaders.ts';
import { allocateProducerIds } from '../../../../src/core/controller/producer-ids.ts';
import { emptyImage, resourceType } from '../../../../src/core/metadata/image.ts';
import { MetadataLoader } from '../../../../src/core/metadata/loader.ts';
import { noRaftFacts } from '../../../../src/core/metadata/raft-facts.ts';
import { encodeSnapshot } from '../../../../src/core/metadata/snapshot-file.ts';
import { snapshotRecords } from '../../../../src/core/metadata/snapshot-records.ts';
import { cluster, contents, rules, settings, topic } from '../../../support/metadata.ts';

afterEach(() => vi.unstubAllGlobals());

test('the machines run without clock, timers, chance and process', () => {
  const gone = [
    'Date',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'performance',
    'process',
    'crypto',
  ];
  const random = Math.random;
  for (const name of gone) vi.stubGlobal(name, undefined);
  Math.random = undefined as unknown as typeof random;
  let image: ReturnType<typeof cluster>['image'];
  let loader: MetadataLoader;
  try {
    const decisions = cluster();
    decisions.run(createTopics({ topics: [topic('a'), topic('b')], validateOnly: false }, settings, rules));
    decisions.run(createPartitions({ topics: [{ name: 'a', count: 9, assignments: null }], validateOnly: false }));
    const configs = [{ name: 'cleanup.policy', configOperation: configOperation.append, value: 'compact' }];
    const resources = [{ resourceType: resourceType.topic, resourceName: 'a', configs }];
    decisions.run(alterConfigs({ resources, validateOnly: false }, 1, rules));
    decisions.run(deleteTopics({ topicNames: ['b'], topics: [], apiVersion: 5 }, settings));
    decisions.run(allocateProducerIds(1));
    decisions.run(electLeaders(1));
    image = decisions.image;
    const bytes = encodeSnapshot({
      lastTimestampMs: 0n,
      epoch: 1,
      nowMs: 0n,
      raft: noRaftFacts,
      records: snapshotRecords(image),
    });
    loader = new MetadataLoader(emptyImage(image.clusterId));
    loader.loadSnapshot(bytes, image.offset + 1n, 1);
  } finally {
    Math.random = random;
    vi.unstubAllGlobals();
  }
  expect(image.topicsById.size).toBe(1);
  expect(contents(loader.image)).toEqual(contents(image));
});
