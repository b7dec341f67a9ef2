// Feature levels.
import { type Infer, int8, int16, message, string } from '../../schema.ts';

/** A finalized feature; metadata.version is one of them. */
export const FeatureLevelRecord = message({
  name: 'FeatureLevelRecord',
  key: 12,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    name: string,
    featureLevel: int16,
  },
});
export type FeatureLevelRecord = Infer<typeof FeatureLevelRecord>;

/** A relic of the migration from ZooKeeper, still read. */
export const ZkMigrationStateRecord = message({
  name: 'ZkMigrationStateRecord',
  key: 21,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    zkMigrationState: int8,
  },
});
export type ZkMigrationStateRecord = Infer<typeof ZkMigrationStateRecord>;
