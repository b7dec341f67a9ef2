/** What describes the cluster: ApiVersions, Metadata, DescribeTopicPartitions, DescribeCluster, DescribeQuorum, ListPartitionReassignments. */
import type { Uuid } from '../../../src/base/uuid.ts';
import { zeroUuid } from '../../../src/base/uuid.ts';
import { MetadataRequest } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersionsRequest } from '../../../src/protocol/messages/18-api-versions.ts';
import { ListPartitionReassignmentsRequest } from '../../../src/protocol/messages/46-list-partition-reassignments.ts';
import { DescribeQuorumRequest } from '../../../src/protocol/messages/55-describe-quorum.ts';
import { DescribeClusterRequest } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { DescribeTopicPartitionsRequest } from '../../../src/protocol/messages/75-describe-topic-partitions.ts';
import { malformed, unserved } from '../malformed.ts';
import { ask, eachVersion, idOf, type Step, type Suite, step, UNKNOWN_ID } from '../suite.ts';

const versions = (
  version: number,
  clientSoftwareName = 'apache-kafka-java',
  clientSoftwareVersion = '4.3.1',
): Uint8Array =>
  ask(
    ApiVersionsRequest,
    version,
    version >= 3
      ? { clientSoftwareName, clientSoftwareVersion }
      : { clientSoftwareName: '', clientSoftwareVersion: '' },
  );

export const apiVersions: Suite = {
  name: 'api-versions',
  topics: [],
  prepare: [],
  steps: [
    ...eachVersion(ApiVersionsRequest, version => [
      step('valid', versions(version)),
      step('empty software name', versions(version, '', '')),
      step('a space in the name', versions(version, 'a b')),
      step('a dash first', versions(version, '-a')),
      step('odd version', versions(version, 'a', '1 2')),
      ...malformed(versions(version)),
    ]),
    ...unserved(ApiVersionsRequest, versions(0)),
  ],
};

type Asked = { name: string | null; id?: Uuid };
const FIRST_WITH_CHOICE = 4;
const FIRST_WITH_OPERATIONS = 8;

function metadata(version: number, asked: readonly Asked[] | null, create = false): Uint8Array {
  return ask(MetadataRequest, version, {
    topics: asked === null ? null : asked.map(({ name, id }) => ({ name, topicId: id ?? zeroUuid })),
    allowAutoTopicCreation: version >= FIRST_WITH_CHOICE ? create : true,
    includeTopicAuthorizedOperations: false,
  });
}

function metadataSteps(version: number): Step[] {
  const steps = [
    step('two topics', metadata(version, [{ name: 'alpha' }, { name: 'beta' }])),
    step('none', metadata(version, [])),
  ];
  if (version >= 1) steps.push(step('all', metadata(version, null)));
  if (version >= FIRST_WITH_CHOICE) {
    steps.push(
      step('unknown, not to be created', metadata(version, [{ name: 'nowhere' }, { name: 'alpha' }])),
      step('the same twice', metadata(version, [{ name: 'alpha' }, { name: 'alpha' }])),
    );
  }
  for (const name of ['', '.', '..', 'a/b', 'a b', 'x'.repeat(250), 'alpha_beta']) {
    steps.push(step(`name '${name.slice(0, 12)}' (${name.length})`, metadata(version, [{ name }])));
  }
  if (version >= FIRST_WITH_OPERATIONS) {
    const frame = ask(MetadataRequest, version, {
      topics: [{ name: 'alpha', topicId: zeroUuid }],
      ...(version <= 10 ? { includeClusterAuthorizedOperations: true } : {}),
      includeTopicAuthorizedOperations: true,
    });
    steps.push(step('authorized operations', frame));
  }
  if (version >= 10) {
    steps.push(
      step('by id', metadata(version, [{ name: null, id: idOf('alpha') }])),
      step('by id and name', metadata(version, [{ name: 'alpha', id: idOf('alpha') }])),
      step('by an unknown id', metadata(version, [{ name: null, id: UNKNOWN_ID }])),
      step('null name and zero id', metadata(version, [{ name: null }])),
    );
  }
  return [...steps, ...malformed(metadata(version, [{ name: 'alpha' }]))];
}

export const metadataVersions: Suite = {
  name: 'metadata',
  topics: [{ name: 'alpha', partitions: 3 }, { name: 'beta' }, { name: 'alpha.beta' }],
  prepare: [],
  steps: [
    ...eachVersion(MetadataRequest, metadataSteps),
    ...unserved(MetadataRequest, metadata(5, null)),
    { ...step('auto-creation', metadata(8, [{ name: 'made-by-asking' }], true)), untilNoError: true },
    step('auto-creation of an internal topic', metadata(8, [{ name: '__cluster_metadata' }], true)),
    step('auto-creation of a colliding name', metadata(8, [{ name: 'alpha_beta' }], true)),
    step('auto-creation of an invalid name', metadata(8, [{ name: 'a/b' }], true)),
  ],
};

const described = (names: readonly string[], more: { limit?: number; cursor?: [string, number] } = {}): Uint8Array =>
  ask(DescribeTopicPartitionsRequest, 0, {
    topics: names.map(name => ({ name })),
    responsePartitionLimit: more.limit ?? 2000,
    cursor: more.cursor ? { topicName: more.cursor[0], partitionIndex: more.cursor[1] } : null,
  });

export const describeTopicPartitions: Suite = {
  name: 'describe-topic-partitions',
  topics: [{ name: 'alpha', partitions: 3 }, { name: 'beta' }, { name: 'gamma', partitions: 2 }],
  prepare: [],
  steps: [
    step('by name', described(['alpha', 'beta'])),
    step('all', described([])),
    step('unknown', described(['nowhere', 'beta'])),
    step('invalid name', described(['a/b'])),
    step('twice', described(['beta', 'beta'])),
    step('limit 1', described(['alpha', 'beta'], { limit: 1 })),
    step('limit 3', described(['alpha', 'beta'], { limit: 3 })),
    step('limit 4', described([], { limit: 4 })),
    step('limit 0', described(['alpha'], { limit: 0 })),
    step('limit -1', described(['alpha'], { limit: -1 })),
    step('a cursor', described(['alpha', 'beta'], { cursor: ['alpha', 2] })),
    step('a cursor at the next topic', described(['alpha', 'beta'], { cursor: ['beta', 0] })),
    step('a cursor, all topics', described([], { cursor: ['beta', 0] })),
    step('a cursor behind the partitions', described(['alpha'], { cursor: ['alpha', 9] })),
    step('a negative cursor', described(['alpha'], { cursor: ['alpha', -1] })),
    step('a cursor to an unknown topic', described(['alpha', 'beta'], { cursor: ['aaa', 0] })),
    ...malformed(described(['alpha'])),
    ...unserved(DescribeTopicPartitionsRequest, described(['alpha'])),
  ],
};

const cluster = (
  version: number,
  more: { operations?: boolean; endpoint?: number; fenced?: boolean } = {},
): Uint8Array =>
  ask(DescribeClusterRequest, version, {
    includeClusterAuthorizedOperations: more.operations ?? false,
    ...(version >= 1 ? { endpointType: more.endpoint ?? 1 } : {}),
    includeFencedBrokers: version >= 2 ? (more.fenced ?? false) : false,
  });

export const describeCluster: Suite = {
  name: 'describe-cluster',
  topics: [],
  prepare: [],
  steps: [
    ...eachVersion(DescribeClusterRequest, version => [
      step('plain', cluster(version)),
      step('operations', cluster(version, { operations: true })),
      step('controllers', cluster(version, { endpoint: 2 })),
      step('endpoint type 3', cluster(version, { endpoint: 3 })),
      step('fenced too', cluster(version, { fenced: true })),
      ...malformed(cluster(version)),
    ]),
    ...unserved(DescribeClusterRequest, cluster(1)),
  ],
};

const quorum = (version: number, topicName = '__cluster_metadata', ...partitions: number[]): Uint8Array =>
  ask(DescribeQuorumRequest, version, {
    topics: [{ topicName, partitions: partitions.map(partitionIndex => ({ partitionIndex })) }],
  });

export const describeQuorum: Suite = {
  name: 'describe-quorum',
  topics: [{ name: 'alpha' }],
  prepare: [],
  steps: [
    ...eachVersion(DescribeQuorumRequest, version => [
      step('the metadata log', quorum(version, '__cluster_metadata', 0)),
      step('partition 1', quorum(version, '__cluster_metadata', 1)),
      step('two partitions', quorum(version, '__cluster_metadata', 0, 1)),
      step('no partition', quorum(version)),
      step('another topic', quorum(version, 'alpha', 0)),
      step('no topic', ask(DescribeQuorumRequest, version, { topics: [] })),
      ...malformed(quorum(version, '__cluster_metadata', 0)),
    ]),
    ...unserved(DescribeQuorumRequest, quorum(1, '__cluster_metadata', 0)),
  ],
};

const reassignments = (topics: { name: string; partitionIndexes: number[] }[] | null): Uint8Array =>
  ask(ListPartitionReassignmentsRequest, 0, { timeoutMs: 30_000, topics });

export const listReassignments: Suite = {
  name: 'list-partition-reassignments',
  topics: [{ name: 'alpha', partitions: 2 }],
  prepare: [],
  steps: [
    step('all', reassignments(null)),
    step('none', reassignments([])),
    step('one topic', reassignments([{ name: 'alpha', partitionIndexes: [0, 1, 5] }])),
    step('unknown', reassignments([{ name: 'nowhere', partitionIndexes: [0] }])),
    ...malformed(reassignments(null)),
    ...unserved(ListPartitionReassignmentsRequest, reassignments(null)),
  ],
};
