// Records of kinds that are replayed and kept without being served: each has an identity, under which a later record
// replaces it and a removal record deletes it. They come back, byte for byte, in our own snapshots.
import type { MetadataRecord } from './records.ts';

export type KeptChange = { readonly key: string; readonly record: MetadataRecord | undefined };

/** The change a record of a kept kind makes; undefined for records of the kinds that are served. */
export function keptChange(record: MetadataRecord): KeptChange | undefined {
  switch (record.type) {
    case 'accessControlEntry':
      return { key: `acl ${record.data.id}`, record };
    case 'removeAccessControlEntry':
      return { key: `acl ${record.data.id}`, record: undefined };
    case 'clientQuota': {
      const entity = record.data.entity.map(part => [part.entityType, part.entityName]);
      entity.sort(([a], [b]) => (a! < b! ? -1 : 1));
      return {
        key: `quota ${JSON.stringify([entity, record.data.key])}`,
        record: record.data.remove ? undefined : record,
      };
    }
    case 'userScramCredential':
      return { key: `scram ${record.data.mechanism} ${record.data.name}`, record };
    case 'removeUserScramCredential':
      return { key: `scram ${record.data.mechanism} ${record.data.name}`, record: undefined };
    case 'delegationToken':
      return { key: `token ${record.data.tokenId}`, record };
    case 'removeDelegationToken':
      return { key: `token ${record.data.tokenId}`, record: undefined };
    case 'zkMigrationState':
      return { key: 'zk-migration', record };
    default:
      return undefined;
  }
}
