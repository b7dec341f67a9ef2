// Records of committed offsets, in the versions that Kafka 4.3 writes.
import type { ConsumerOffsetsRecordInit } from '../../../protocol/records/consumer-offsets.ts';
import { noExpireTimestamp, type OffsetValue } from './columns.ts';

/** Version 1 is the only one with an expire timestamp, and has no leader epoch and topic id. */
const withExpireTimestamp = 1;
const withTopicId = 4;

export function offsetRecord(
  groupId: string,
  topic: string,
  partition: number,
  value: OffsetValue,
): ConsumerOffsetsRecordInit {
  const version = value.expireTimestamp === noExpireTimestamp ? withTopicId : withExpireTimestamp;
  return { type: 'offsetCommit', key: { group: groupId, topic, partition }, value: { version, data: value } };
}

export function offsetTombstone(groupId: string, topic: string, partition: number): ConsumerOffsetsRecordInit {
  return { type: 'offsetCommit', key: { group: groupId, topic, partition }, value: null };
}
