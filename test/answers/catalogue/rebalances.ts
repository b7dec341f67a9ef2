/** Several members in one group: what each is told while a rebalance goes on, who leads, which protocol is chosen. */
import { DescribeGroupsRequest } from '../../../src/protocol/messages/15-describe-groups.ts';
import { ListGroupsRequest } from '../../../src/protocol/messages/16-list-groups.ts';
import { DeleteGroupsRequest } from '../../../src/protocol/messages/42-delete-groups.ts';
import {
  COMMIT_VERSION,
  commit,
  JOIN_AT_ONCE,
  join,
  range,
  ready,
  roundRobin,
  SYNC_VERSION,
  stable,
  subscription,
  sync,
} from '../groups.ts';
import { memberCalled } from '../members.ts';
import { ask, type Step, type Suite, step } from '../suite.ts';
import { beat, leave } from './membership.ts';

const REBALANCE_IN_PROGRESS = 27;
const BEAT_VERSION = 3;
const LEAVE_VERSION = 4;

const describe = (groupId: string): Uint8Array =>
  ask(DescribeGroupsRequest, 5, { groups: [groupId], includeAuthorizedOperations: false });

const commits = (groupId: string, memberId: string, generation: number): Uint8Array =>
  commit(COMMIT_VERSION, {
    groupId,
    memberId,
    generation,
    topics: [{ name: 'alpha', offsets: [{ partition: 0, offset: 3n }] }],
  });

/** A new member asks to join, and waits until the others have come. `witness` is told that the rebalance has begun. */
const arrives = (
  groupId: string,
  connection: string,
  witness: readonly [string, number],
  spec: Partial<Parameters<typeof join>[1]> = {},
): Step[] => [
  { ...step(`${connection} arrives in ${groupId}`, join(JOIN_AT_ONCE, { groupId, ...spec })), pending: connection },
  {
    ...step('a member is told', beat(BEAT_VERSION, { groupId, memberId: witness[0], generationId: witness[1] })),
    untilError: REBALANCE_IN_PROGRESS,
  },
];

const answered = (connection: string, member?: string): Step => ({
  name: `${connection} is answered`,
  frames: [],
  collect: connection,
  ...(member === undefined ? {} : { member }),
});

const [anna, bert, carl] = ['anna', 'bert', 'carl'].map(name => memberCalled(name)) as [string, string, string];

function twoMembers(): Step[] {
  const groupId = 'two';
  const beats = (memberId: string, generationId: number) => beat(BEAT_VERSION, { groupId, memberId, generationId });
  const assignments = [
    { memberId: anna, assignment: Buffer.from('for anna') },
    { memberId: bert, assignment: Buffer.from('for bert') },
  ];
  return [
    ...stable(groupId, 'anna', 'alpha'),
    ...arrives(groupId, 'bert', [anna, 1], { protocols: [range] }),
    step('preparing: described', describe(groupId)),
    step('preparing: listed', ask(ListGroupsRequest, 5, { statesFilter: ['preparingrebalance'], typesFilter: [] })),
    step('preparing: a commit', commits(groupId, anna, 1)),
    step('preparing: a commit of a stale generation', commits(groupId, anna, 0)),
    step('preparing: a sync', sync(SYNC_VERSION, { groupId, memberId: anna })),
    step('preparing: a stranger beats', beats('who', 1)),
    step('preparing: a stale generation beats', beats(anna, 0)),
    step('preparing: it cannot be deleted', ask(DeleteGroupsRequest, 1, { groupsNames: [groupId] })),
    step('anna comes again', join(JOIN_AT_ONCE, { groupId, memberId: anna, protocols: [range] })),
    answered('bert', 'bert'),
    step('completing: described', describe(groupId)),
    step('completing: anna beats', beats(anna, 2)),
    step('completing: bert beats', beats(bert, 2)),
    step('completing: a commit', commits(groupId, bert, 2)),
    step('completing: a commit of the generation before', commits(groupId, anna, 1)),
    step('completing: a sync of the generation before', sync(SYNC_VERSION, { groupId, memberId: bert })),
    { ...step('bert waits', sync(SYNC_VERSION, { groupId, memberId: bert, generationId: 2 })), pending: 'waiting' },
    step('anna assigns', sync(SYNC_VERSION, { groupId, memberId: anna, generationId: 2, assignments })),
    answered('waiting'),
    step('stable: described', describe(groupId)),
    step('stable: bert syncs again', sync(SYNC_VERSION, { groupId, memberId: bert, generationId: 2, assignments: [] })),
    step('stable: bert joins again, unchanged', join(JOIN_AT_ONCE, { groupId, memberId: bert, protocols: [range] })),
    step('stable: bert commits', commits(groupId, bert, 2)),
    step('bert goes', leave(LEAVE_VERSION, groupId, { memberId: bert })),
    step('anna is told', beats(anna, 2)),
    step('bert is unknown', beats(bert, 2)),
    step('anna stays alone', join(JOIN_AT_ONCE, { groupId, memberId: anna, protocols: [range] })),
    step('anna takes all', sync(SYNC_VERSION, { groupId, memberId: anna, generationId: 3, assignments })),
    step('alone: described', describe(groupId)),
  ];
}

/** The leader goes while a rebalance waits for it: another leads. */
function leaderGoes(): Step[] {
  const groupId = 'led';
  return [
    ...stable(groupId, 'carl', 'alpha'),
    ...arrives(groupId, 'dora', [carl, 1]),
    step('the leader goes', leave(LEAVE_VERSION, groupId, { memberId: carl })),
    answered('dora', 'dora'),
    step('who leads now', describe(groupId)),
  ];
}

/** Members that share only one protocol use it; one that shares none is not let in. */
function vote(): Step[] {
  const groupId = 'vote';
  const erna = memberCalled('erna');
  return [
    { ...step('erna wants range', join(JOIN_AT_ONCE, { groupId, protocols: [range, roundRobin] })), member: 'erna' },
    step('erna is alone', sync(SYNC_VERSION, { groupId, memberId: erna })),
    step(
      'a stranger to both',
      join(JOIN_AT_ONCE, { groupId, protocols: [{ name: 'sticky', metadata: subscription() }] }),
    ),
    ...arrives(groupId, 'fritz', [erna, 1], { protocols: [roundRobin] }),
    step('erna comes again', join(JOIN_AT_ONCE, { groupId, memberId: erna, protocols: [range, roundRobin] })),
    answered('fritz', 'fritz'),
    step('who only knows range', join(JOIN_AT_ONCE, { groupId, protocols: [range] })),
    step('described', describe(groupId)),
  ];
}

/** A static member that restarts while all is stable, and while a rebalance goes on. */
function staticMembers(): Step[] {
  const groupId = 'static';
  const [one, again, last] = ['one', 'again', 'last'].map(name => memberCalled(name, 'one')) as [
    string,
    string,
    string,
  ];
  const two = memberCalled('two', 'two');
  const me = { groupId, groupInstanceId: 'one' };
  const version = 5;
  const share = (memberId: string) => ({ memberId, assignment: Buffer.from('share') });
  return [
    { ...step('one joins', join(version, me)), member: 'one' },
    step('one is assigned', sync(SYNC_VERSION, { ...me, memberId: one, assignments: [share(one)] })),
    {
      ...step('two arrives', join(version, { groupId, groupInstanceId: 'two' })),
      pending: 'two',
    },
    {
      ...step('one is told', beat(BEAT_VERSION, { ...me, memberId: one, generationId: 1 })),
      untilError: REBALANCE_IN_PROGRESS,
    },
    { ...step('one restarts meanwhile', join(version, me)), member: 'again' },
    answered('two', 'two'),
    step('its former self beats', beat(BEAT_VERSION, { ...me, memberId: one, generationId: 1 })),
    step('its former self commits', commits(groupId, one, 1)),
    step(
      'it assigns',
      sync(SYNC_VERSION, { ...me, memberId: again, generationId: 2, assignments: [share(again), share(two)] }),
    ),
    step('two takes it', sync(SYNC_VERSION, { groupId, groupInstanceId: 'two', memberId: two, generationId: 2 })),
    { ...step('one restarts in peace', join(version, me)), member: 'last' },
    step('it keeps its share', sync(SYNC_VERSION, { ...me, memberId: last, generationId: 2 })),
    step('described', describe(groupId)),
    step('two is removed by its name', leave(LEAVE_VERSION, groupId, { memberId: '', groupInstanceId: 'two' })),
    step('two is unknown', beat(BEAT_VERSION, { groupId, groupInstanceId: 'two', memberId: two, generationId: 2 })),
  ];
}

export const rebalances: Suite = {
  name: 'rebalances',
  topics: [{ name: 'alpha' }],
  prepare: ready('two', 'led', 'vote', 'static'),
  steps: [...twoMembers(), ...leaderGoes(), ...vote(), ...staticMembers()],
};
