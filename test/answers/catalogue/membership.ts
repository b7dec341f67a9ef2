/** Who is in a group: FindCoordinator, JoinGroup, SyncGroup, Heartbeat and LeaveGroup. */
import { FindCoordinatorRequest } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { JoinGroupRequest } from '../../../src/protocol/messages/11-join-group.ts';
import { HeartbeatRequest } from '../../../src/protocol/messages/12-heartbeat.ts';
import { LeaveGroupRequest } from '../../../src/protocol/messages/13-leave-group.ts';
import { SyncGroupRequest } from '../../../src/protocol/messages/14-sync-group.ts';
import type { Init } from '../../../src/protocol/schema.ts';
import { find, JOIN_AT_ONCE, join, LONG_MS, range, ready, stable, subscription, sync } from '../groups.ts';
import { malformed, unserved } from '../malformed.ts';
import { memberCalled } from '../members.ts';
import { ask, eachVersion, type Step, type Suite, step, versionsOf } from '../suite.ts';

const oddIds = ['a', ' ', 'grüße/\u{1f600}', '__consumer_offsets', 'x'.repeat(1000), '\u0000'];
const shown = (id: string): string => JSON.stringify(id.slice(0, 12));

export const findCoordinator: Suite = {
  name: 'find-coordinator',
  topics: [],
  prepare: [find(1, ['any'])],
  steps: [
    ...eachVersion(FindCoordinatorRequest, version => [
      ...['', ...oddIds].map(id => step(`group ${shown(id)}`, find(version, [id]))),
      ...(version >= 1 ? [3, 127, -1].map(keyType => step(`key type ${keyType}`, find(version, ['a'], keyType))) : []),
      ...(version >= 1 && version < 6 ? [step('a share group before version 6', find(version, ['a:b:0'], 2))] : []),
      ...(version >= 4
        ? [
            step('three groups', find(version, ['a', 'b', 'c'])),
            step('no group', find(version, [])),
            step('no key, type 3', find(version, [], 3)),
            step('the same twice', find(version, ['a', 'a'])),
            step('two keys, type 3', find(version, ['a', 'b'], 3)),
          ]
        : []),
      ...malformed(find(version, ['a'])),
    ]),
    ...unserved(FindCoordinatorRequest, find(1, ['a'])),
  ],
};

export const beat = (version: number, spec: Partial<Init<typeof HeartbeatRequest>> & { groupId: string }): Uint8Array =>
  ask(HeartbeatRequest, version, { generationId: 1, memberId: '', ...spec });

const FIRST_WITH_HANDSHAKE = JOIN_AT_ONCE + 1;
const FIRST_WITH_INSTANCES = 5;

function joinSteps(version: number): Step[] {
  const groupId = `join-${version}`;
  const name = `j${version}`;
  const memberId = memberCalled(name);
  const odd = `odd-${version}`;
  return [
    step('an empty group id', join(version, { groupId: '' })),
    step('a session timeout too short', join(version, { groupId: odd, sessionTimeoutMs: 5999 })),
    step('a session timeout too long', join(version, { groupId: odd, sessionTimeoutMs: LONG_MS + 1 })),
    step('a negative session timeout', join(version, { groupId: odd, sessionTimeoutMs: -1 })),
    step('an unknown member of no group', join(version, { groupId: odd, memberId: 'who' })),
    step('no protocols', join(version, { groupId: odd, protocols: [] })),
    step('an empty protocol type', join(version, { groupId: odd, protocolType: '' })),
    step('neither', join(version, { groupId: odd, protocolType: '', protocols: [] })),
    { ...step('a new member', join(version, { groupId })), member: name },
    ...(version >= FIRST_WITH_HANDSHAKE ? [step('it comes with its id', join(version, { groupId, memberId }))] : []),
    step('it comes again', join(version, { groupId, memberId })),
    step('it is assigned', sync(2, { groupId, memberId, assignments: [{ memberId, assignment: Buffer.from('all') }] })),
    step('a stranger', join(version, { groupId, memberId: 'who' })),
    step('a foreign protocol type', join(version, { groupId, protocolType: 'connect' })),
    step('foreign protocols', join(version, { groupId, protocols: [{ name: 'own', metadata: Buffer.from('x') }] })),
    step('without protocols', join(version, { groupId, protocols: [] })),
    step('itself with a foreign type', join(version, { groupId, memberId, protocolType: 'connect' })),
    step('itself without protocols', join(version, { groupId, memberId, protocols: [] })),
    step(
      'itself with other metadata',
      join(version, { groupId, memberId, protocols: [{ ...range, metadata: subscription('beta') }] }),
    ),
    ...oddIds.map(id => step(`a stranger in group ${shown(id)}`, join(version, { groupId: id, memberId: 'who' }))),
    ...(version >= FIRST_WITH_INSTANCES ? staticSteps(version) : []),
    ...malformed(join(version, { groupId: odd, sessionTimeoutMs: 1 })),
  ];
}

function staticSteps(version: number): Step[] {
  const groupId = `static-${version}`;
  const groupInstanceId = 'one';
  const [first, second] = [`s${version}`, `t${version}`] as const;
  const id = (name: string) => memberCalled(name, groupInstanceId);
  const mine = (name: string) => [{ memberId: id(name), assignment: Buffer.from('mine') }];
  return [
    { ...step('a static member', join(version, { groupId, groupInstanceId })), member: first },
    step('it comes again', join(version, { groupId, groupInstanceId, memberId: id(first) })),
    step('it is assigned', sync(3, { groupId, groupInstanceId, memberId: id(first), assignments: mine(first) })),
    step('a stranger under its name', join(version, { groupId, groupInstanceId, memberId: 'who' })),
    step('its id without its name', join(version, { groupId, memberId: id(first), groupInstanceId: 'two' })),
    { ...step('it restarts', join(version, { groupId, groupInstanceId })), member: second },
    step('its former self', join(version, { groupId, groupInstanceId, memberId: id(first) })),
    step('its former self syncs', sync(3, { groupId, groupInstanceId, memberId: id(first) })),
    step('it syncs', sync(3, { groupId, groupInstanceId, memberId: id(second) })),
    step('its former self beats', beat(3, { groupId, groupInstanceId, memberId: id(first) })),
    step('it beats', beat(3, { groupId, groupInstanceId, memberId: id(second) })),
    step('another name beats', beat(3, { groupId, groupInstanceId: 'two', memberId: id(second) })),
    step('it changes what it wants', join(version, { groupId, groupInstanceId, protocols: [range] })),
  ];
}

export const joinGroup: Suite = {
  name: 'join-group',
  topics: [{ name: 'alpha' }],
  prepare: ready(
    ...oddIds,
    ...versionsOf(JoinGroupRequest).flatMap(version => ['join', 'odd', 'static'].map(kind => `${kind}-${version}`)),
  ),
  steps: [...eachVersion(JoinGroupRequest, joinSteps), ...unserved(JoinGroupRequest, join(2, { groupId: '' }))],
};

export const syncGroup: Suite = {
  name: 'sync-group',
  topics: [{ name: 'alpha' }],
  prepare: ready('nobody', ...versionsOf(SyncGroupRequest).map(version => `sync-${version}`)),
  steps: [
    ...eachVersion(SyncGroupRequest, version => {
      const groupId = `sync-${version}`;
      const memberId = memberCalled(groupId);
      const assignments = [{ memberId, assignment: Buffer.from('mine') }];
      return [
        step('an empty group id', sync(version, { groupId: '', memberId: 'who' })),
        step('an unknown group', sync(version, { groupId: 'nobody', memberId: 'who' })),
        { ...step('a member joins', join(JOIN_AT_ONCE, { groupId })), member: groupId },
        step('a stranger', sync(version, { groupId, memberId: 'who' })),
        step('no member', sync(version, { groupId })),
        step('a stale generation', sync(version, { groupId, memberId, generationId: 0 })),
        step('a future generation', sync(version, { groupId, memberId, generationId: 7 })),
        step('no generation', sync(version, { groupId, memberId, generationId: -1 })),
        ...(version >= 3
          ? [step('a name it has not', sync(version, { groupId, memberId, groupInstanceId: 'one' }))]
          : []),
        ...(version >= 5
          ? [
              step('no protocol type', sync(version, { groupId, memberId, protocolType: null })),
              step('no protocol', sync(version, { groupId, memberId, protocolName: null })),
              step('a foreign protocol type', sync(version, { groupId, memberId, protocolType: 'connect' })),
              step('a foreign protocol', sync(version, { groupId, memberId, protocolName: 'roundrobin' })),
            ]
          : []),
        step('it assigns itself', sync(version, { groupId, memberId, assignments })),
        step('again', sync(version, { groupId, memberId, assignments: [] })),
        step('a stale generation, stable', sync(version, { groupId, memberId, generationId: 0 })),
        step('a new generation', join(JOIN_AT_ONCE, { groupId, memberId })),
        step('nothing for anybody', sync(version, { groupId, memberId, generationId: 2 })),
        ...malformed(sync(version, { groupId, memberId: 'who' })),
      ];
    }),
    ...unserved(SyncGroupRequest, sync(2, { groupId: '' })),
  ],
};

export const heartbeat: Suite = {
  name: 'heartbeat',
  topics: [{ name: 'alpha' }],
  prepare: ready('nobody', ...versionsOf(HeartbeatRequest).map(version => `beat-${version}`)),
  steps: [
    ...eachVersion(HeartbeatRequest, version => {
      const groupId = `beat-${version}`;
      const memberId = memberCalled(groupId);
      return [
        step('an empty group id', beat(version, { groupId: '', memberId: 'who' })),
        step('an unknown group', beat(version, { groupId: 'nobody', memberId: 'who' })),
        { ...step('a member joins', join(JOIN_AT_ONCE, { groupId })), member: groupId },
        step('it waits for its assignment', beat(version, { groupId, memberId })),
        step(
          'it is assigned',
          sync(2, { groupId, memberId, assignments: [{ memberId, assignment: Buffer.from('a') }] }),
        ),
        step('it beats', beat(version, { groupId, memberId })),
        step('a stranger', beat(version, { groupId, memberId: 'who' })),
        step('no member', beat(version, { groupId })),
        step('a stale generation', beat(version, { groupId, memberId, generationId: 0 })),
        step('a future generation', beat(version, { groupId, memberId, generationId: 2 })),
        ...(version >= 3
          ? [step('a name it has not', beat(version, { groupId, memberId, groupInstanceId: 'one' }))]
          : []),
        ...malformed(beat(version, { groupId, memberId })),
      ];
    }),
    ...unserved(HeartbeatRequest, beat(2, { groupId: '' })),
  ],
};

type Leaving = { readonly memberId: string; readonly groupInstanceId?: string | null };
const FIRST_WITH_MEMBERS = 3;

export const leave = (version: number, groupId: string, ...members: readonly Leaving[]): Uint8Array =>
  ask(
    LeaveGroupRequest,
    version,
    version >= FIRST_WITH_MEMBERS
      ? { groupId, members: members.map(({ memberId, groupInstanceId = null }) => ({ memberId, groupInstanceId })) }
      : { groupId, memberId: members[0]?.memberId ?? '', members: [] },
  );

export const leaveGroup: Suite = {
  name: 'leave-group',
  topics: [{ name: 'alpha' }],
  prepare: ready(
    'nobody',
    ...versionsOf(LeaveGroupRequest).flatMap(version => [`leave-${version}`, `pending-${version}`, `named-${version}`]),
  ),
  steps: [
    ...eachVersion(LeaveGroupRequest, version => {
      const groupId = `leave-${version}`;
      const me = { memberId: memberCalled(groupId) };
      const pending = `pending-${version}`;
      const named = `named-${version}`;
      const nameless = { memberId: '', groupInstanceId: 'one' };
      return [
        step('an empty group id', leave(version, '', { memberId: 'who' })),
        step('an unknown group', leave(version, 'nobody', { memberId: 'who' })),
        ...stable(groupId, groupId, 'alpha'),
        step('a stranger', leave(version, groupId, { memberId: 'who' })),
        step('no member id', leave(version, groupId, { memberId: '' })),
        ...(version >= FIRST_WITH_MEMBERS
          ? [
              step('nobody', leave(version, groupId)),
              step('strangers', leave(version, groupId, { memberId: 'who' }, { memberId: 'else' }, nameless)),
              step('a name it has not', leave(version, groupId, { ...me, groupInstanceId: 'one' })),
            ]
          : []),
        step('the member', leave(version, groupId, me)),
        step('the member again', leave(version, groupId, me)),
        { ...step('one asks for an id', join(5, { groupId: pending })), member: pending },
        step('and goes', leave(version, pending, { memberId: memberCalled(pending) })),
        ...(version >= FIRST_WITH_MEMBERS
          ? [
              { ...step('a static member', join(5, { groupId: named, groupInstanceId: 'one' })), member: named },
              step('another under its name', leave(version, named, { memberId: 'who', groupInstanceId: 'one' })),
              step('by its name', leave(version, named, nameless)),
              step('by its name again', leave(version, named, nameless)),
            ]
          : []),
        ...malformed(leave(version, groupId, { memberId: 'who' })),
      ];
    }),
    ...unserved(LeaveGroupRequest, leave(2, '', { memberId: 'who' })),
  ],
};
