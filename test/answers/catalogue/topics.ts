/** CreateTopics, DeleteTopics and CreatePartitions at every version. */
import type { Uuid } from '../../../src/base/uuid.ts';
import { zeroUuid } from '../../../src/base/uuid.ts';
import { CreateTopicsRequest } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopicsRequest } from '../../../src/protocol/messages/20-delete-topics.ts';
import { CreatePartitionsRequest } from '../../../src/protocol/messages/37-create-partitions.ts';
import { malformed, unserved } from '../malformed.ts';
import { ask, eachVersion, idOf, type Step, type Suite, step, UNKNOWN_ID } from '../suite.ts';

const TIMEOUT_MS = 30_000;

type Topic = {
  name: string;
  partitions?: number;
  replicas?: number;
  assignments?: Readonly<Record<number, number[]>>;
  configs?: Readonly<Record<string, string | null>>;
};

function create(version: number, topics: readonly Topic[], validateOnly = false): Uint8Array {
  return ask(CreateTopicsRequest, version, {
    topics: topics.map(topic => ({
      name: topic.name,
      numPartitions: topic.partitions ?? 1,
      replicationFactor: topic.replicas ?? 1,
      assignments: Object.entries(topic.assignments ?? {}).map(([index, brokerIds]) => ({
        partitionIndex: Number(index),
        brokerIds,
      })),
      configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
    })),
    timeoutMs: TIMEOUT_MS,
    validateOnly,
  });
}

/** Names are the version's own, so that every version creates what no other did. */
function creations(version: number): Step[] {
  const name = (label: string): string => `v${version}-${label}`;
  const one = (label: string, topic: Omit<Topic, 'name'> & { name?: string }, validateOnly = false): Step =>
    step(label, create(version, [{ name: name(label.replaceAll(/[^a-z0-9]+/g, '-')), ...topic }], validateOnly));
  const manual = { partitions: -1, replicas: -1 };
  return [
    one('one', {}),
    one('three', { partitions: 3 }),
    one('defaults', { partitions: -1, replicas: -1 }),
    one('validate only', { partitions: 2 }, true),
    one('exists already', { name: 'exists' }),
    one('collides by dot and underscore', { name: 'under.score' }),
    step('two at once and one wrong', create(version, [{ name: name('a') }, { name: 'a b' }, { name: name('b') }])),
    step('the same twice', create(version, [{ name: name('twice') }, { name: name('twice') }])),
    step('none', create(version, [])),
    ...['', '.', '..', 'a/b', 'x'.repeat(250), 'ü', '__cluster_metadata'].map(bad =>
      one(`name ${bad.slice(0, 20)} (${bad.length})`, { name: bad }),
    ),
    one('249 characters', { name: `v${version}`.padEnd(249, 'y') }),
    one('zero partitions', { partitions: 0 }),
    one('minus two partitions', { partitions: -2 }),
    one('replication 0', { replicas: 0 }),
    one('replication 2 of 1', { replicas: 2 }),
    one('replication -2', { replicas: -2 }),
    one('assigned', { ...manual, assignments: { 0: [1], 1: [1] } }),
    one('assigned with a count', { partitions: 2, replicas: 1, assignments: { 0: [1], 1: [1] } }),
    one('assigned, not from 0', { ...manual, assignments: { 1: [1] } }),
    one('assigned, empty', { ...manual, assignments: { 0: [] } }),
    one('assigned twice to one broker', { ...manual, assignments: { 0: [1, 1] } }),
    one('assigned to an unknown broker', { ...manual, assignments: { 0: [9] } }),
    one('assigned unevenly', { ...manual, assignments: { 0: [1], 1: [1, 2] } }),
    one('configs', { configs: { 'retention.ms': '60000', 'cleanup.policy': 'compact' } }),
    one('unknown config', { configs: { 'no.such.key': '1' } }),
    one('a config that is no number', { configs: { 'retention.ms': 'soon' } }),
    one('a config out of range', { configs: { 'segment.bytes': '13' } }),
    one('segment bytes below a megabyte', { configs: { 'segment.bytes': '1000000' } }),
    one('null config', { configs: { 'retention.ms': null } }),
    one('bad cleanup policy', { configs: { 'cleanup.policy': 'shred' } }),
    one('bad compression', { configs: { 'compression.type': 'rar' } }),
    one('min.insync.replicas 0', { configs: { 'min.insync.replicas': '0' } }),
    one('remote storage', { configs: { 'remote.storage.enable': 'true' } }),
    ...malformed(create(version, [{ name: name('cut') }])),
  ];
}

export const createTopicsSuite: Suite = {
  name: 'create-topics',
  topics: [{ name: 'exists' }, { name: 'under_score' }],
  prepare: [],
  steps: [
    ...eachVersion(CreateTopicsRequest, creations),
    ...unserved(CreateTopicsRequest, create(5, [{ name: 'old' }])),
  ],
};

const LAST_BY_NAMES = 5;

const remove = (version: number, topics: readonly { name: string | null; id?: Uuid }[]): Uint8Array =>
  ask(DeleteTopicsRequest, version, {
    ...(version <= LAST_BY_NAMES
      ? { topics: [], topicNames: topics.map(topic => topic.name ?? '') }
      : { topics: topics.map(topic => ({ name: topic.name, topicId: topic.id ?? zeroUuid })) }),
    timeoutMs: TIMEOUT_MS,
  });

export const deleteTopicsSuite: Suite = {
  name: 'delete-topics',
  topics: [1, 2, 3, 4, 5, 6].flatMap(version =>
    ['one', 'two', 'id', 'both', 'twice'].map(label => ({ name: `v${version}-${label}` })),
  ),
  prepare: [],
  steps: [
    ...eachVersion(DeleteTopicsRequest, version => [
      step('one', remove(version, [{ name: `v${version}-one` }])),
      step('the same again', remove(version, [{ name: `v${version}-one` }])),
      step('one and an unknown', remove(version, [{ name: `v${version}-two` }, { name: 'nowhere' }])),
      step('twice in one', remove(version, [{ name: `v${version}-twice` }, { name: `v${version}-twice` }])),
      step('none', remove(version, [])),
      step('an invalid name', remove(version, [{ name: 'a/b' }])),
      step('an empty name', remove(version, [{ name: '' }])),
      step('the metadata topic', remove(version, [{ name: '__cluster_metadata' }])),
      ...(version > LAST_BY_NAMES
        ? [
            step('by id', remove(version, [{ name: null, id: idOf(`v${version}-id`) }])),
            step('by id and name', remove(version, [{ name: `v${version}-both`, id: idOf(`v${version}-both`) }])),
            step('by an unknown id', remove(version, [{ name: null, id: UNKNOWN_ID }])),
            step('by nothing', remove(version, [{ name: null }])),
          ]
        : []),
      ...malformed(remove(version, [{ name: 'nowhere' }])),
    ]),
    ...unserved(DeleteTopicsRequest, remove(4, [{ name: 'nowhere' }])),
  ],
};

type Growth = { name?: string; count: number; assignments?: number[][] };

const grow = (version: number, growths: readonly Growth[], validateOnly = false): Uint8Array =>
  ask(CreatePartitionsRequest, version, {
    topics: growths.map(growth => ({
      name: growth.name ?? `grows-${version}`,
      count: growth.count,
      assignments: growth.assignments ? growth.assignments.map(brokerIds => ({ brokerIds })) : null,
    })),
    timeoutMs: TIMEOUT_MS,
    validateOnly,
  });

export const createPartitionsSuite: Suite = {
  name: 'create-partitions',
  topics: [0, 1, 2, 3].map(version => ({ name: `grows-${version}` })),
  prepare: [],
  steps: [
    ...eachVersion(CreatePartitionsRequest, version => [
      step('validate only', grow(version, [{ count: 2 }], true)),
      step('to two', grow(version, [{ count: 2 }])),
      step('to two again', grow(version, [{ count: 2 }])),
      step('to one', grow(version, [{ count: 1 }])),
      step('to zero', grow(version, [{ count: 0 }])),
      step('to -1', grow(version, [{ count: -1 }])),
      step('assigned', grow(version, [{ count: 4, assignments: [[1], [1]] }])),
      step('assigned too few', grow(version, [{ count: 7, assignments: [[1]] }])),
      step('assigned to an unknown broker', grow(version, [{ count: 5, assignments: [[9]] }])),
      step('assigned two replicas', grow(version, [{ count: 5, assignments: [[1, 1]] }])),
      step('assigned nothing', grow(version, [{ count: 5, assignments: [] }])),
      step('unknown topic', grow(version, [{ name: 'nowhere', count: 2 }])),
      step('the same twice', grow(version, [{ count: 5 }, { count: 6 }])),
      step('none', grow(version, [])),
      ...malformed(grow(version, [{ name: 'nowhere', count: 2 }])),
    ]),
    ...unserved(CreatePartitionsRequest, grow(1, [{ count: 9 }])),
  ],
};
