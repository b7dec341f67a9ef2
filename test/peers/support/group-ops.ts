/**
 * What clients do to one group, as data: members go by the number of the operation that brought them in, for their ids are
 * chance. The same operations are played on two brokers; `request` fills in what each of them gave.
 */

import { zeroUuid } from '../../../src/base/uuid.ts';
import { OffsetCommitRequest } from '../../../src/protocol/messages/08-offset-commit.ts';
import { JoinGroupRequest } from '../../../src/protocol/messages/11-join-group.ts';
import { HeartbeatRequest } from '../../../src/protocol/messages/12-heartbeat.ts';
import { LeaveGroupRequest } from '../../../src/protocol/messages/13-leave-group.ts';
import { SyncGroupRequest } from '../../../src/protocol/messages/14-sync-group.ts';
import { DeleteGroupsRequest } from '../../../src/protocol/messages/42-delete-groups.ts';
import { ask } from '../../answers/suite.ts';

/** The operation whose answer named the member; 'none' sends '', 'stranger' an id that nobody gave. */
export type Who = number | 'none' | 'stranger';

export interface Named {
  readonly who: Who;
  readonly instance: string | null;
}

export type GroupOp =
  | (Named & {
      readonly kind: 'join';
      readonly version: number;
      readonly protocolType: string;
      readonly protocols: readonly string[];
      /** In each protocol's metadata: other bytes are another subscription. */
      readonly mark: number;
    })
  | (Named & {
      readonly kind: 'sync';
      readonly version: number;
      readonly generationId: number;
      readonly protocolName: string | null;
      /** Brings an assignment for each of these: the number of their operation. */
      readonly assigned: readonly number[];
    })
  | (Named & { readonly kind: 'heartbeat'; readonly version: number; readonly generationId: number })
  | { readonly kind: 'leave'; readonly version: number; readonly members: readonly Named[] }
  | (Named & { readonly kind: 'commit'; readonly version: number; readonly generationId: number })
  | { readonly kind: 'delete'; readonly version: number };

/** Longer than any run. */
const longMs = 1_800_000;
export const committedTopic = 'committed';

/** First version with an instance id. */
const instanceSince = { join: 5, sync: 3, heartbeat: 3, commit: 7 };

export function request(op: GroupOp, groupId: string, idOf: (who: Who) => string): Uint8Array {
  switch (op.kind) {
    case 'join':
      return ask(JoinGroupRequest, op.version, {
        groupId,
        sessionTimeoutMs: longMs,
        ...(op.version >= 1 ? { rebalanceTimeoutMs: longMs } : {}),
        memberId: idOf(op.who),
        ...instanceOf(op, instanceSince.join),
        protocolType: op.protocolType,
        protocols: op.protocols.map(name => ({ name, metadata: Uint8Array.of(op.mark) })),
      });
    case 'sync':
      return ask(SyncGroupRequest, op.version, {
        groupId,
        generationId: op.generationId,
        memberId: idOf(op.who),
        ...instanceOf(op, instanceSince.sync),
        ...(op.version >= 5 ? { protocolType: 'consumer', protocolName: op.protocolName ?? '' } : {}),
        assignments: op.assigned.map(member => ({ memberId: idOf(member), assignment: Uint8Array.of(member & 0xff) })),
      });
    case 'heartbeat':
      return ask(HeartbeatRequest, op.version, {
        groupId,
        generationId: op.generationId,
        memberId: idOf(op.who),
        ...instanceOf(op, instanceSince.heartbeat),
      });
    case 'leave':
      return ask(
        LeaveGroupRequest,
        op.version,
        op.version < 3
          ? { groupId, memberId: idOf(op.members[0]!.who), members: [] }
          : {
              groupId,
              members: op.members.map(({ who, instance }) => ({ memberId: idOf(who), groupInstanceId: instance })),
            },
      );
    case 'commit':
      return ask(OffsetCommitRequest, op.version, {
        groupId,
        generationIdOrMemberEpoch: op.generationId,
        memberId: idOf(op.who),
        ...instanceOf(op, instanceSince.commit),
        topics: [
          {
            name: committedTopic,
            topicId: zeroUuid,
            partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }],
          },
        ],
      });
    case 'delete':
      return ask(DeleteGroupsRequest, op.version, { groupsNames: [groupId] });
  }
}

const instanceOf = ({ version, instance }: Named & { readonly version: number }, since: number) =>
  version >= since ? { groupInstanceId: instance } : {};
