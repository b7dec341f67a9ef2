// What a coordinator serves is what the log says, read by a stranger who knows records and nothing of coordinators.
import { decodeBatch } from '../../../../src/protocol/records/batch.ts';
import { consumerOffsetsCodec } from '../../../../src/protocol/records/consumer-offsets.ts';
import { nameOf } from '../settings.ts';

export interface LogState {
  /** Group and partition to offset. */
  readonly offsets: ReadonlyMap<string, bigint>;
  /** Group to what its last record says. */
  readonly groups: ReadonlyMap<string, { readonly generation: number; readonly members: ReadonlyMap<string, string> }>;
}

export function stateOf(batches: readonly Uint8Array[]): LogState {
  const offsets = new Map<string, bigint>();
  const groups = new Map<string, { generation: number; members: Map<string, string> }>();
  for (const batch of batches) {
    for (const { key, value } of decodeBatch(batch).records) {
      const record = consumerOffsetsCodec.decode({ key: key!, value });
      if (record.type === 'offsetCommit') {
        const name = `${record.key.group}/${nameOf(record.key)}`;
        if (record.value === null) offsets.delete(name);
        else offsets.set(name, record.value.data.offset);
      } else if (record.type === 'groupMetadata') {
        if (record.value === null) groups.delete(record.key.group);
        else {
          const { generation, members } = record.value.data;
          const assigned = members.map(
            ({ memberId, assignment }) => [memberId, Buffer.from(assignment).toString('hex')] as const,
          );
          groups.set(record.key.group, { generation, members: new Map(assigned) });
        }
      }
    }
  }
  return { offsets, groups };
}
