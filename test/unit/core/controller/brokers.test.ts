import { expect, test } from 'vitest';
import { makeUuid } from '../../../../src/base/uuid.ts';
import {
  fenceBroker,
  registerBroker,
  registerController,
  unfenceBroker,
} from '../../../../src/core/controller/brokers.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import {
  type Elections,
  electionsPerDecisionMax,
  electLeaders,
  type PartitionCursor,
} from '../../../../src/core/controller/leaders.ts';
import { allocateProducerIds } from '../../../../src/core/controller/producer-ids.ts';
import { isActive, topicByName } from '../../../../src/core/metadata/image.ts';
import { cluster, directoryOf, replayed, rules, settings, topic } from '../../../support/metadata.ts';

const incarnationId = makeUuid(() => new Uint8Array(16).fill(7));
const registration = { id: 1, incarnationId, endpoints: [], rack: 'r', logDirs: [directoryOf(1)] };

test('a broker is registered fenced, its epoch is the offset of the record', () => {
  const decisions = cluster();
  const before = decisions.image.offset;
  expect(decisions.run(registerBroker(registration))).toEqual({ brokerEpoch: before + 1n });
  const broker = decisions.image.brokers.get(1)!;
  expect(broker).toMatchObject({
    epoch: before + 1n,
    incarnationId,
    rack: 'r',
    fenced: true,
    inControlledShutdown: false,
  });
  expect(isActive(decisions.image, 1)).toBe(false);
  expect(decisions.delta!.brokers).toEqual([1]);
});

test('unfenced, fenced', () => {
  const decisions = cluster();
  expect(isActive(decisions.image, 1)).toBe(true);
  decisions.run(fenceBroker(1));
  expect(isActive(decisions.image, 1)).toBe(false);
  decisions.run(unfenceBroker(1));
  expect(isActive(decisions.image, 1)).toBe(true);
  expect(decisions.decided(unfenceBroker(9))).toMatchObject({ refused: 'BROKER_ID_NOT_REGISTERED' });
});

test('no topic on fenced brokers', () => {
  const decisions = cluster();
  decisions.run(fenceBroker(1));
  const [result] = decisions.run(createTopics({ topics: [topic('t')], validateOnly: false }, settings, rules));
  expect(result!.error).toBe('INVALID_REPLICATION_FACTOR');
});

test('controllers register where the metadata version knows it', () => {
  const decisions = cluster();
  decisions.run(registerController({ id: 1, incarnationId, endpoints: [] }));
  expect(decisions.image.controllers.get(1)).toMatchObject({ id: 1, incarnationId });
});

test('older metadata versions get older records', () => {
  const decisions = cluster();
  decisions.image = replayed(decisions.image, [
    { type: 'featureLevel', version: 0, data: { name: 'metadata.version', featureLevel: 14 } },
  ]).after;
  const register = decisions.decided(registerBroker(registration));
  expect(register).toMatchObject({ records: [{ type: 'registerBroker', version: 2 }] });
  expect(decisions.decided(registerController({ id: 1, incarnationId, endpoints: [] }))).toMatchObject({ records: [] });
  decisions.run(registerBroker(registration));
  decisions.run(unfenceBroker(1));
  decisions.run(createTopics({ topics: [topic('t')], validateOnly: false }, settings, rules));
  expect(topicByName(decisions.image, 't')!.partitions[0]!.directories).toEqual(['AAAAAAAAAAAAAAAAAAAAAA']);
});

test('an election bumps the epoch of every partition the broker leads, in slices', () => {
  const decisions = cluster(2);
  const sizes = [1, electionsPerDecisionMax - 1, electionsPerDecisionMax + 3, 5];
  for (const [i, numPartitions] of sizes.entries()) {
    const assignments = Array.from({ length: numPartitions }, (_, partitionIndex) => ({
      partitionIndex,
      brokerIds: [1],
    }));
    decisions.run(createTopics({ topics: [topic(`t${i}`, { assignments })], validateOnly: false }, settings, rules));
  }
  const others = [{ partitionIndex: 0, brokerIds: [2] }];
  decisions.run(
    createTopics({ topics: [topic('other', { assignments: others })], validateOnly: false }, settings, rules),
  );
  const changed: number[] = [];
  for (let from: PartitionCursor | undefined = { topic: 0, partition: 0 }; from !== undefined; ) {
    const reply: Elections = decisions.run(electLeaders(1, from));
    changed.push(reply.changed);
    from = reply.next;
  }
  expect(changed.reduce((a, b) => a + b)).toBe(sizes.reduce((a, b) => a + b));
  expect(Math.max(...changed)).toBe(electionsPerDecisionMax);
  for (const [i] of sizes.entries()) {
    for (const partition of topicByName(decisions.image, `t${i}`)!.partitions) {
      expect(partition).toMatchObject({ leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
    }
  }
  expect(topicByName(decisions.image, 'other')!.partitions[0]).toMatchObject({ leader: 2, leaderEpoch: 0 });
});

test('producer ids are handed out in blocks that never overlap', () => {
  const decisions = cluster();
  expect(decisions.run(allocateProducerIds(1))).toEqual({ first: 0n, count: 1000 });
  expect(decisions.run(allocateProducerIds(1))).toEqual({ first: 1000n, count: 1000 });
  expect(decisions.decided(allocateProducerIds(9))).toMatchObject({ refused: 'BROKER_ID_NOT_REGISTERED' });
  decisions.image = { ...decisions.image, nextProducerId: 2n ** 63n - 1n };
  expect(decisions.decided(allocateProducerIds(1))).toMatchObject({ refused: 'UNKNOWN_SERVER_ERROR' });
});
