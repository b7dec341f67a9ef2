// Committed offsets as a coordinator writes them by the ten thousand in a second: those in plain ASCII and of version 4 are
// put together in place. The generic codec writes whatever else there is, and says what cannot be written; tests hold the
// two together.
import { putUuid, zeroUuid } from '../../base/uuid.ts';
import type { ConsumerOffsetsRecordInit } from './consumer-offsets.ts';
import type { RecordBytes } from './coordinator.ts';

const offsetCommitKey = 1;
const flexibleVersion = 4;
const noExpireTimestamp = -1n;
/** Type, lengths of group and topic, partition. */
const keyOverheadBytes = 10;
/** Version, offset, leader epoch, length of the metadata, commit timestamp, number of tagged fields. */
const valueOverheadBytes = 24;
/** Tag, size, topic id. */
const topicIdBytes = 18;
/** Longer metadata has a length of two bytes. */
const metadataLengthMax = 0x7e;
const stringLengthMax = 0x7fff;

/** Undefined for what is not of the usual shape, sound or not. */
export function encodeOffsetCommit({ type, key, value }: ConsumerOffsetsRecordInit): RecordBytes | undefined {
  if (type !== 'offsetCommit' || value === null || value.version !== flexibleVersion) return undefined;
  const { group, topic, partition } = key;
  const { offset, commitTimestamp, metadata, expireTimestamp = noExpireTimestamp, topicId = zeroUuid } = value.data;
  const { leaderEpoch = -1 } = value.data;
  if (expireTimestamp !== noExpireTimestamp || metadata.length > metadataLengthMax) return undefined;
  if (group.length > stringLengthMax || topic.length > stringLengthMax) return undefined;
  if (!isInt32(partition) || !isInt32(leaderEpoch) || !isInt64(offset) || !isInt64(commitTimestamp)) return undefined;
  const keyLength = keyOverheadBytes + group.length + topic.length;
  const hasTopicId = topicId !== zeroUuid;
  const valueLength = valueOverheadBytes + metadata.length + (hasTopicId ? topicIdBytes : 0);
  const bytes = new Uint8Array(keyLength + valueLength);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, offsetCommitKey);
  view.setInt16(2, group.length);
  const topicAt = 4 + group.length;
  view.setInt16(topicAt, topic.length);
  view.setInt32(keyLength - 4, partition);
  view.setInt16(keyLength, flexibleVersion);
  view.setBigInt64(keyLength + 2, offset);
  view.setInt32(keyLength + 10, leaderEpoch);
  const metadataAt = keyLength + 15;
  bytes[metadataAt - 1] = metadata.length + 1;
  const at = metadataAt + metadata.length;
  view.setBigInt64(at, commitTimestamp);
  bytes[at + 8] = hasTopicId ? 1 : 0;
  if (hasTopicId) {
    bytes[at + 10] = topicIdBytes - 2;
    if (!putUuid(topicId, bytes, at + 11)) return undefined;
  }
  const ascii =
    putAscii(group, bytes, 4) && putAscii(topic, bytes, topicAt + 2) && putAscii(metadata, bytes, metadataAt);
  return ascii ? { key: bytes.subarray(0, keyLength), value: bytes.subarray(keyLength) } : undefined;
}

const isInt32 = (value: number): boolean => (value | 0) === value;
const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** False when there is more than ASCII. */
function putAscii(value: string, out: Uint8Array, at: number): boolean {
  let bits = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    bits |= unit;
    out[at + i] = unit;
  }
  return bits < 0x80;
}
