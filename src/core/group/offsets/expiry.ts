// Which offsets go: those that have expired by Kafka's rules (KIP-211, KIP-496), and those of deleted topics.
import { type Uuid, zeroUuid } from '../../../base/uuid.ts';
import type { DeletedTopic } from '../asks.ts';
import { noExpireTimestamp, type OffsetColumns } from './columns.ts';
import type { GroupsView, RetentionStart } from './groups-view.ts';
import type { PendingOffsets } from './pending.ts';
import type { SweepStep } from './sweeps.ts';
import type { OffsetTable } from './table.ts';

export interface SweptState {
  readonly groups: GroupsView;
  readonly table: OffsetTable;
  readonly pending: PendingOffsets;
}

const kept: SweepStep = { kind: 'kept' };

/** Expired offsets, and the groups that have none left. An offset of an open transaction stays, and so does its group. */
export function* expiredOffsets(
  { groups, table, pending }: SweptState,
  nowMs: bigint,
  retentionMs: bigint,
): Generator<SweepStep, void> {
  for (const groupId of groups.groupIds()) {
    const start = groups.retentionStart(groupId);
    let emptied = !pending.hasGroup(groupId);
    for (const topic of table.topics(groupId)) {
      const inUse = start.kind === 'never' || groups.isSubscribed(groupId, topic);
      for (const [partition, slot] of table.partitions(groupId, topic, 'current')) {
        const expired = !inUse && isExpired(table.columns, slot, start, nowMs, retentionMs);
        if (expired && !pending.has(groupId, topic, partition)) {
          yield { kind: 'bury', groupId, topic, partition };
        } else {
          emptied = false;
          if (inUse) break;
          yield kept;
        }
      }
    }
    yield emptied ? { kind: 'emptied', groupId } : kept;
  }
}

function isExpired(
  columns: OffsetColumns,
  slot: number,
  start: RetentionStart,
  nowMs: bigint,
  retentionMs: bigint,
): boolean {
  const expireTimestamp = columns.expireTimestamp(slot);
  if (expireTimestamp !== noExpireTimestamp) return nowMs >= expireTimestamp;
  const since = start.kind === 'empty' ? start.sinceMs : columns.commitTimestamp(slot);
  return nowMs - since >= retentionMs;
}

/** Offsets stored for one of the deleted topics, or by its name before ids were stored. */
export function* offsetsOfDeletedTopics(
  { table, pending }: SweptState,
  topics: readonly DeletedTopic[],
): Generator<SweepStep, void> {
  const gone = (storedId: Uuid, id: Uuid): boolean => storedId === zeroUuid || storedId === id;
  for (const groupId of table.groupIds()) {
    yield kept;
    for (const { id, name } of topics) {
      for (const [partition, slot] of table.partitions(groupId, name, 'current')) {
        yield gone(table.columns.topicId(slot), id) ? { kind: 'bury', groupId, topic: name, partition } : kept;
      }
    }
  }
  for (const groupId of pending.groupIds()) {
    for (const { topic, partition, value } of pending.ofGroup(groupId)) {
      const matches = topics.some(({ id, name }) => name === topic && gone(value.topicId, id));
      yield matches ? { kind: 'bury', groupId, topic, partition } : kept;
    }
  }
}
