/** What operators ask of groups: DescribeGroups, ListGroups, DeleteGroups. */
import { DescribeGroupsRequest } from '../../../src/protocol/messages/15-describe-groups.ts';
import { ListGroupsRequest } from '../../../src/protocol/messages/16-list-groups.ts';
import { DeleteGroupsRequest } from '../../../src/protocol/messages/42-delete-groups.ts';
import { COMMIT_VERSION, commit, fetchOffsets, JOIN_AT_ONCE, join, ready, stable } from '../groups.ts';
import { malformed, unserved } from '../malformed.ts';
import { ask, eachVersion, type Step, type Suite, step, versionsOf } from '../suite.ts';

const offsetsOf = (groupId: string): Uint8Array =>
  commit(COMMIT_VERSION, { groupId, topics: [{ name: 'alpha', offsets: [{ partition: 0, offset: 1n }] }] });

const describe = (version: number, groups: readonly string[], operations = false): Uint8Array =>
  ask(DescribeGroupsRequest, version, {
    groups: [...groups],
    includeAuthorizedOperations: version >= 3 && operations,
  });

const odd = ['', ' ', 'grüße/\u{1f600}', 'x'.repeat(2000)];

export const describeGroups: Suite = {
  name: 'describe-groups',
  topics: [{ name: 'alpha' }],
  prepare: [...ready(...odd, 'nobody', 'offsets', 'stable', 'named', 'waiting'), offsetsOf('offsets')],
  steps: [
    ...stable('stable', 'member', 'alpha'),
    { ...step('a static member joins', join(5, { groupId: 'named', groupInstanceId: 'one' })), member: 'named' },
    { ...step('a member waits for its assignment', join(JOIN_AT_ONCE, { groupId: 'waiting' })), member: 'waiting' },
    ...eachVersion(DescribeGroupsRequest, version => [
      step('stable', describe(version, ['stable'])),
      step('static', describe(version, ['named'])),
      step('completing', describe(version, ['waiting'])),
      step('only offsets', describe(version, ['offsets'])),
      step('unknown', describe(version, ['nobody'])),
      step('several', describe(version, ['stable', 'nobody', 'offsets', ''])),
      step('none', describe(version, [])),
      step('the same twice', describe(version, ['stable', 'stable'])),
      ...odd.map(id => step(`group ${JSON.stringify(id.slice(0, 12))}`, describe(version, [id]))),
      ...(version >= 3 ? [step('operations', describe(version, ['stable', 'nobody', ''], true))] : []),
      ...malformed(describe(version, ['stable'])),
    ]),
    ...unserved(DescribeGroupsRequest, describe(1, ['stable'])),
  ],
};

const list = (version: number, statesFilter: readonly string[] = [], typesFilter: readonly string[] = []): Uint8Array =>
  ask(ListGroupsRequest, version, {
    ...(version >= 4 ? { statesFilter: [...statesFilter] } : { statesFilter: [] }),
    ...(version >= 5 ? { typesFilter: [...typesFilter] } : { typesFilter: [] }),
  });

const states = [
  ['Stable'],
  ['stable', ' Empty '],
  ['CompletingRebalance'],
  ['Dead'],
  ['nonsense'],
  [''],
  ['Assigning'],
];
const types = [
  ['classic'],
  ['Classic'],
  ['CLASSIC', 'consumer'],
  [' classic'],
  ['consumer'],
  ['share'],
  ['nonsense'],
  [''],
];

export const listGroups: Suite = {
  name: 'list-groups',
  topics: [{ name: 'alpha' }],
  prepare: [...ready('offsets', 'stable', 'waiting'), offsetsOf('offsets')],
  steps: [
    ...stable('stable', 'member', 'alpha'),
    { ...step('a member waits for its assignment', join(JOIN_AT_ONCE, { groupId: 'waiting' })), member: 'waiting' },
    ...eachVersion(ListGroupsRequest, version => [
      step('all', list(version)),
      ...(version >= 4 ? states.map(filter => step(`states ${JSON.stringify(filter)}`, list(version, filter))) : []),
      ...(version >= 5 ? types.map(filter => step(`types ${JSON.stringify(filter)}`, list(version, [], filter))) : []),
      ...(version >= 5 ? [step('both filters', list(version, ['stable'], ['classic', 'nonsense']))] : []),
      ...malformed(list(version)),
    ]),
    ...unserved(ListGroupsRequest, list(1)),
  ],
};

const drop = (version: number, ...groupsNames: readonly string[]): Uint8Array =>
  ask(DeleteGroupsRequest, version, { groupsNames: [...groupsNames] });

function deleteSteps(version: number): Step[] {
  const [one, two] = [`one-${version}`, `two-${version}`];
  return [
    step('one is made', offsetsOf(one)),
    step('two is made', offsetsOf(two)),
    step('one', drop(version, one)),
    step('one again', drop(version, one)),
    step('what is left', fetchOffsets(COMMIT_VERSION, [{ groupId: one, topics: null }])),
    step('with members', drop(version, 'stable')),
    step('unknown', drop(version, 'nobody')),
    step('several', drop(version, two, 'nobody', 'stable', '')),
    step('the same twice', drop(version, 'nobody', 'nobody')),
    step('none', drop(version)),
    ...odd.map(id => step(`group ${JSON.stringify(id.slice(0, 12))}`, drop(version, id))),
    ...malformed(drop(version, 'nobody')),
  ];
}

export const deleteGroups: Suite = {
  name: 'delete-groups',
  topics: [{ name: 'alpha' }],
  prepare: ready(
    ...odd,
    'nobody',
    'stable',
    ...versionsOf(DeleteGroupsRequest).flatMap(version => [`one-${version}`, `two-${version}`]),
  ),
  steps: [
    ...stable('stable', 'member', 'alpha'),
    ...eachVersion(DeleteGroupsRequest, deleteSteps),
    ...unserved(DeleteGroupsRequest, drop(1, 'nobody')),
  ],
};
