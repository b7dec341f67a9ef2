/** Offsets of groups: OffsetCommit, OffsetFetch, OffsetDelete. */
import { OffsetCommitRequest } from '../../../src/protocol/messages/08-offset-commit.ts';
import { OffsetFetchRequest } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { OffsetDeleteRequest } from '../../../src/protocol/messages/47-offset-delete.ts';
import {
  COMMIT_VERSION,
  type CommitSpec,
  commit,
  FETCH_VERSION,
  FIRST_WITH_IDS,
  fetchOffsets,
  ready,
  stable,
} from '../groups.ts';
import { malformed, unserved } from '../malformed.ts';
import { memberCalled } from '../members.ts';
import { ask, eachVersion, idOf, type Step, type Suite, step, UNKNOWN_ID, versionsOf } from '../suite.ts';

const METADATA_CHARS_MAX = 4096;
const odd = ['', ' ', 'grüße/\u{1f600}', 'x'.repeat(2000)];

const topic = (name: string, ...offsets: CommitSpec['topics'][number]['offsets']) => ({
  name,
  id: name === 'nowhere' ? UNKNOWN_ID : idOf(name),
  offsets,
});
const five = { partition: 0, offset: 5n };

function commitSteps(version: number): Step[] {
  const groupId = `commit-${version}`;
  const member = `member-${version}`;
  const memberId = memberCalled(member);
  const all = (id: string) => step('what is kept', fetchOffsets(FETCH_VERSION, [{ groupId: id, topics: null }]));
  const one = (name: string, spec: Partial<CommitSpec>) =>
    step(name, commit(version, { groupId, topics: [topic('alpha', five)], ...spec }));
  return [
    one('from outside a group', {}),
    one('two topics', { topics: [topic('alpha', five, { partition: 1, offset: 6n }), topic('beta', five)] }),
    one('the same topic twice', { topics: [topic('alpha', five), topic('alpha', { partition: 0, offset: 7n })] }),
    one('the same partition twice', { topics: [topic('alpha', five, { partition: 0, offset: 8n })] }),
    one('no topic', { topics: [] }),
    one('no partition', { topics: [topic('alpha')] }),
    one('an unknown topic', { topics: [topic('nowhere', five)] }),
    one('an unknown topic and a known one', { topics: [topic('nowhere', five), topic('beta', five)] }),
    one('an unknown topic twice', { topics: [topic('nowhere', five), topic('nowhere', { partition: 1, offset: 1n })] }),
    one('an unknown partition', { topics: [topic('alpha', { partition: 2, offset: 1n })] }),
    one('a known and an unknown partition', { topics: [topic('alpha', five, { partition: 9, offset: 1n })] }),
    one('a negative partition', { topics: [topic('alpha', { partition: -1, offset: 1n })] }),
    one('a negative offset', { topics: [topic('alpha', { partition: 0, offset: -1n })] }),
    one('a very negative offset', { topics: [topic('alpha', { partition: 0, offset: -(2n ** 63n) })] }),
    one('an offset behind the log', { topics: [topic('beta', { partition: 0, offset: 2n ** 62n })] }),
    one('null metadata', { topics: [topic('beta', { ...five, metadata: null })] }),
    one('metadata', { topics: [topic('beta', { ...five, metadata: 'größe' })] }),
    one('the longest metadata', { topics: [topic('alpha', { ...five, metadata: 'm'.repeat(METADATA_CHARS_MAX) })] }),
    one('longer metadata', {
      topics: [topic('beta', { ...five, metadata: 'm'.repeat(METADATA_CHARS_MAX + 1) }), topic('alpha', five)],
    }),
    one('an unknown member', { memberId: 'who', generation: 3 }),
    one('a generation without a member', { generation: 3 }),
    one('a member without a generation', { memberId: 'who' }),
    ...(version >= 6 ? [one('a leader epoch', { topics: [topic('beta', { ...five, leaderEpoch: 0 })] })] : []),
    ...(version >= 6
      ? [one('a negative leader epoch', { topics: [topic('beta', { ...five, leaderEpoch: -5 })] })]
      : []),
    ...(version <= 4 ? [one('a retention time', { retentionTimeMs: 600_000n })] : []),
    ...(version <= 4 ? [one('a retention time of 0', { retentionTimeMs: 0n, groupId: `short-${version}` })] : []),
    ...(version >= 7 ? [one('a static member', { memberId: 'who', generation: 1, instance: 'one' })] : []),
    all(groupId),
    ...stable(`member-${version}`, member, 'alpha'),
    one('of a member', { groupId: member, memberId, generation: 1 }),
    one('of a member, a stale generation', { groupId: member, memberId, generation: 0 }),
    one('of a member, a future generation', { groupId: member, memberId, generation: 2 }),
    one('of a stranger', { groupId: member, memberId: 'who', generation: 1 }),
    one('from outside a group with members', { groupId: member }),
    ...(version >= 7 ? [one('a name it has not', { groupId: member, memberId, generation: 1, instance: 'one' })] : []),
    all(member),
    ...odd.map(id => one(`group ${JSON.stringify(id.slice(0, 12))}`, { groupId: id })),
    ...malformed(commit(version, { groupId, topics: [topic('alpha', five)] })),
  ];
}

export const offsetCommit: Suite = {
  name: 'offset-commit',
  topics: [{ name: 'alpha', partitions: 2 }, { name: 'beta' }],
  prepare: ready(
    ...odd,
    ...versionsOf(OffsetCommitRequest).flatMap(version =>
      ['commit', 'member', 'short'].map(kind => `${kind}-${version}`),
    ),
  ),
  steps: [
    ...eachVersion(OffsetCommitRequest, commitSteps),
    ...unserved(OffsetCommitRequest, commit(2, { groupId: 'commit-2', topics: [] })),
  ],
};

const kept = (groupId: string): Uint8Array =>
  commit(COMMIT_VERSION, {
    groupId,
    topics: [
      topic('alpha', { partition: 0, offset: 5n, metadata: 'five', leaderEpoch: 0 }, { partition: 1, offset: 6n }),
      topic('beta', { partition: 0, offset: 0n, metadata: null }),
    ],
  });

type Named = { readonly name: string; readonly id: ReturnType<typeof idOf>; readonly partitions: readonly number[] };
const asked = (name: string, ...partitions: readonly number[]): Named => ({
  name,
  id: name === 'nowhere' ? UNKNOWN_ID : idOf(name),
  partitions,
});

function fetchSteps(version: number): Step[] {
  const one = (
    name: string,
    topics: readonly Named[] | null,
    more: { groupId?: string; member?: [string, number] } = {},
  ) =>
    step(
      name,
      fetchOffsets(version, [
        {
          groupId: more.groupId ?? 'kept',
          topics,
          memberId: more.member?.[0] ?? null,
          memberEpoch: more.member?.[1] ?? -1,
        },
      ]),
    );
  const several = (name: string, ...groupIds: readonly string[]) =>
    step(
      name,
      fetchOffsets(
        version,
        groupIds.map(groupId => ({ groupId, topics: null })),
      ),
    );
  return [
    one('two topics', [asked('alpha', 0, 1), asked('beta', 0)]),
    one('what is not committed', [asked('beta', 1, -1, 2)]),
    one('an unknown topic', [asked('nowhere', 0), asked('beta', 0)]),
    one('no topic', []),
    one('no partition', [asked('alpha')]),
    one('the same twice', [asked('alpha', 0, 0), asked('alpha', 0)]),
    one('an unknown group', [asked('alpha', 0)], { groupId: 'nobody' }),
    ...odd.map(id => one(`group ${JSON.stringify(id.slice(0, 12))}`, [asked('alpha', 0)], { groupId: id })),
    ...(version >= 2 ? [one('all', null), one('all of an unknown group', null, { groupId: 'nobody' })] : []),
    ...(version >= 7 ? [step('stable', fetchOffsets(version, [{ groupId: 'kept', topics: null }], true))] : []),
    ...(version >= 8
      ? [
          several('no group'),
          several('two groups', 'kept', 'other'),
          several('a known and an unknown group', 'nobody', 'kept', ''),
          several('the same group twice', 'kept', 'kept'),
        ]
      : []),
    ...(version >= 9
      ? [
          one('of a member of an unknown group', null, { groupId: 'nobody', member: ['who', 1] }),
          one('of a stranger', null, { member: ['who', 1] }),
          one('of an epoch without a member', null, { member: ['', 1] }),
          one('of a member without an epoch', null, { member: ['who', -1] }),
          one('of a stranger, by topic', [asked('alpha', 0)], { member: ['who', 1] }),
        ]
      : []),
    ...(version >= FIRST_WITH_IDS
      ? [
          step(
            'the zero id',
            fetchOffsets(version, [{ groupId: 'kept', topics: [{ partitions: [0] }, asked('alpha', 0)] }]),
          ),
        ]
      : []),
    ...malformed(fetchOffsets(version, [{ groupId: 'kept', topics: [asked('alpha', 0)] }])),
  ];
}

export const offsetFetch: Suite = {
  name: 'offset-fetch',
  topics: [{ name: 'alpha', partitions: 2 }, { name: 'beta' }],
  prepare: [...ready(...odd, 'kept', 'other', 'nobody'), kept('kept'), kept('other')],
  steps: [
    ...eachVersion(OffsetFetchRequest, fetchSteps),
    ...unserved(OffsetFetchRequest, fetchOffsets(2, [{ groupId: 'kept', topics: null }])),
  ],
};

const drop = (groupId: string, topics: Readonly<Record<string, readonly number[]>>): Uint8Array =>
  ask(OffsetDeleteRequest, 0, {
    groupId,
    topics: Object.entries(topics).map(([name, partitions]) => ({
      name,
      partitions: partitions.map(partitionIndex => ({ partitionIndex })),
    })),
  });

export const offsetDelete: Suite = {
  name: 'offset-delete',
  topics: [{ name: 'alpha', partitions: 2 }, { name: 'beta' }],
  prepare: [...ready('', 'kept', 'subscribed', 'nobody'), kept('kept')],
  steps: [
    step('an empty group id', drop('', { alpha: [0] })),
    step('an unknown group', drop('nobody', { alpha: [0] })),
    step('an unknown group and topic', drop('nobody', { nowhere: [0] })),
    step('an unknown topic', drop('kept', { nowhere: [0, 1] })),
    step('an unknown partition', drop('kept', { alpha: [7] })),
    step('unknown and known', drop('kept', { nowhere: [0], alpha: [0, 7] })),
    step('nothing', drop('kept', {})),
    step('no partition', drop('kept', { alpha: [] })),
    step('again', drop('kept', { alpha: [0] })),
    step('what is left', fetchOffsets(FETCH_VERSION, [{ groupId: 'kept', topics: null }])),
    step('the rest', drop('kept', { alpha: [1], beta: [0] })),
    step('the empty group', fetchOffsets(FETCH_VERSION, [{ groupId: 'kept', topics: null }])),
    ...stable('subscribed', 'subscriber', 'alpha'),
    step(
      'a member commits',
      commit(COMMIT_VERSION, {
        groupId: 'subscribed',
        memberId: memberCalled('subscriber'),
        generation: 1,
        topics: [topic('alpha', five), topic('beta', five)],
      }),
    ),
    step('what a member is subscribed to', drop('subscribed', { alpha: [0] })),
    step('what none is subscribed to', drop('subscribed', { beta: [0] })),
    step('both', drop('subscribed', { alpha: [0], beta: [0] })),
    step('what is left of it', fetchOffsets(FETCH_VERSION, [{ groupId: 'subscribed', topics: null }])),
    ...malformed(drop('nobody', { alpha: [0] })),
    ...unserved(OffsetDeleteRequest, drop('nobody', {})),
  ],
};
