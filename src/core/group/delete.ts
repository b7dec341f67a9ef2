// DeleteGroups: groups without members, with all that is stored of them.
import type { ErrorName } from '../../protocol/errors.ts';
import { buryForeign, isAbandoned } from './foreign.ts';
import type { Groups } from './groups.ts';
import type { OffsetStore } from './offsets/store.ts';
import type { GroupTurn } from './records.ts';
import { deleteGroupRecord } from './sessions.ts';

export function deleteGroup(groups: Groups, offsets: OffsetStore, turn: GroupTurn, groupId: string): ErrorName {
  const foreign = groups.foreign(groupId);
  if (foreign !== undefined) {
    if (!isAbandoned(foreign, groups.loadedAtMs, turn.nowMs)) return 'NON_EMPTY_GROUP';
    // What is in __share_group_state would stay behind.
    if (foreign.kind === 'share') return 'UNSUPPORTED_VERSION';
    offsets.deleteAll(turn, groupId);
    buryForeign(turn, groupId, foreign);
    return 'NONE';
  }
  const group = groups.find(groupId);
  if (group === undefined) return 'GROUP_ID_NOT_FOUND';
  if (group.state !== 'Empty') return 'NON_EMPTY_GROUP';
  offsets.deleteAll(turn, groupId);
  deleteGroupRecord(groups, turn, groupId);
  return 'NONE';
}
