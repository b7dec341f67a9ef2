/** DescribeConfigs and IncrementalAlterConfigs at every version. */
import { DescribeConfigsRequest } from '../../../src/protocol/messages/32-describe-configs.ts';
import { IncrementalAlterConfigsRequest } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { malformed, unserved } from '../malformed.ts';
import { ask, eachVersion, type Step, type Suite, step } from '../suite.ts';

const TOPIC = 2;
const BROKER = 4;
const FIRST_WITH_DOCUMENTATION = 3;

type Described = { type?: number; name?: string; keys?: string[] | null; synonyms?: boolean };

const describe = (version: number, d: Described = {}): Uint8Array =>
  ask(DescribeConfigsRequest, version, {
    resources: [
      {
        resourceType: d.type ?? TOPIC,
        resourceName: d.name ?? 'plain',
        configurationKeys: d.keys === undefined ? null : d.keys,
      },
    ],
    includeSynonyms: d.synonyms ?? false,
    ...(version >= FIRST_WITH_DOCUMENTATION ? { includeDocumentation: false } : {}),
  });

export const describeConfigs: Suite = {
  name: 'describe-configs',
  topics: [
    { name: 'plain' },
    { name: 'configured', config: { 'segment.bytes': '2000000', 'cleanup.policy': 'compact' } },
  ],
  prepare: [],
  steps: [
    ...eachVersion(DescribeConfigsRequest, version => [
      step('a topic', describe(version)),
      step('a topic with synonyms', describe(version, { name: 'configured', synonyms: true })),
      step('two keys', describe(version, { keys: ['retention.ms', 'cleanup.policy'], synonyms: true })),
      step('an unknown key', describe(version, { keys: ['no.such.key'] })),
      step('no keys', describe(version, { keys: [] })),
      step('an unknown topic', describe(version, { name: 'nowhere' })),
      step('an invalid topic name', describe(version, { name: 'a/b' })),
      step('an empty topic name', describe(version, { name: '' })),
      step(
        'broker keys',
        describe(version, {
          type: BROKER,
          name: '1',
          keys: ['log.retention.ms', 'num.partitions', 'log.retention.hours'],
          synonyms: true,
        }),
      ),
      step('the cluster default', describe(version, { type: BROKER, name: '' })),
      step('another broker', describe(version, { type: BROKER, name: '9', keys: ['num.partitions'] })),
      step('no broker id', describe(version, { type: BROKER, name: 'x', keys: ['num.partitions'] })),
      step('resource type 0', describe(version, { type: 0 })),
      step('resource type 3', describe(version, { type: 3 })),
      step('resource type 77', describe(version, { type: 77 })),
      step('nothing', ask(DescribeConfigsRequest, version, { resources: [] })),
      ...malformed(describe(version)),
    ]),
    step('every broker key', describe(4, { type: BROKER, name: '1' })),
    step('every broker key with synonyms', describe(4, { type: BROKER, name: '1', synonyms: true })),
    ...unserved(DescribeConfigsRequest, describe(2)),
  ],
};

type Change = { name: string; op: number; value: string | null };
const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

const alter = (
  version: number,
  changes: readonly Change[],
  more: { type?: number; name?: string; validateOnly?: boolean } = {},
): Uint8Array =>
  ask(IncrementalAlterConfigsRequest, version, {
    resources: [
      {
        resourceType: more.type ?? TOPIC,
        resourceName: more.name ?? `altered-${version}`,
        configs: changes.map(change => ({ name: change.name, configOperation: change.op, value: change.value })),
      },
    ],
    validateOnly: more.validateOnly ?? false,
  });

function alterations(version: number): Step[] {
  const look = step(
    'as it is now',
    describe(4, {
      name: `altered-${version}`,
      keys: ['segment.bytes', 'cleanup.policy', 'retention.ms', 'leader.replication.throttled.replicas'],
    }),
  );
  const one = (label: string, name: string, op: number, value: string | null): Step =>
    step(label, alter(version, [{ name, op, value }]));
  const twice = { resourceType: TOPIC, resourceName: `altered-${version}`, configs: [] };
  return [
    one('set', 'segment.bytes', SET, '3000000'),
    step(
      'validate only',
      alter(version, [{ name: 'segment.bytes', op: SET, value: '9000000' }], { validateOnly: true }),
    ),
    look,
    one('delete', 'segment.bytes', DELETE, null),
    one('delete what is not set', 'flush.ms', DELETE, null),
    look,
    one('append', 'cleanup.policy', APPEND, 'compact'),
    look,
    one('append what is there', 'cleanup.policy', APPEND, 'compact'),
    one('subtract', 'cleanup.policy', SUBTRACT, 'delete'),
    look,
    one('append to what is no list', 'segment.bytes', APPEND, '1'),
    one('set null', 'segment.bytes', SET, null),
    one('set no number', 'segment.bytes', SET, 'many'),
    one('set out of range', 'segment.bytes', SET, '1'),
    one('set an unknown key', 'no.such.key', SET, '1'),
    one('set an empty key', '', SET, '1'),
    one('operation 9', 'segment.bytes', 9, '1'),
    step(
      'the same key twice',
      alter(version, [
        { name: 'segment.bytes', op: SET, value: '2000000' },
        { name: 'segment.bytes', op: SET, value: '2100000' },
      ]),
    ),
    step(
      'one right, one wrong',
      alter(version, [
        { name: 'retention.ms', op: SET, value: '99' },
        { name: 'segment.bytes', op: SET, value: 'x' },
      ]),
    ),
    look,
    step('no change', alter(version, [])),
    step(
      'an unknown topic',
      alter(version, [{ name: 'segment.bytes', op: SET, value: '3000000' }], { name: 'nowhere' }),
    ),
    step('an empty name', alter(version, [{ name: 'segment.bytes', op: SET, value: '3000000' }], { name: '' })),
    step('resource type 0', alter(version, [{ name: 'segment.bytes', op: SET, value: '3000000' }], { type: 0 })),
    step('resource type 77', alter(version, [{ name: 'segment.bytes', op: SET, value: '3000000' }], { type: 77 })),
    step(
      'the same topic twice',
      ask(IncrementalAlterConfigsRequest, version, { resources: [twice, twice], validateOnly: false }),
    ),
    step('nothing', ask(IncrementalAlterConfigsRequest, version, { resources: [], validateOnly: false })),
    ...malformed(alter(version, [], { name: 'nowhere' })),
  ];
}

export const alterConfigs: Suite = {
  name: 'incremental-alter-configs',
  topics: [{ name: 'altered-0' }, { name: 'altered-1' }],
  prepare: [],
  steps: [
    ...eachVersion(IncrementalAlterConfigsRequest, alterations),
    ...unserved(IncrementalAlterConfigsRequest, alter(1, [])),
  ],
};
