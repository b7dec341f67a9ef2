// Configuration and quotas.
import { array, bool, float64, type Infer, int8, message, string, struct } from '../../schema.ts';

/** One key of one resource; a null value returns it to its default. */
export const ConfigRecord = message({
  name: 'ConfigRecord',
  key: 4,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    resourceType: int8,
    resourceName: string,
    name: string,
    value: string.nullable(),
  },
});
export type ConfigRecord = Infer<typeof ConfigRecord>;

/** A quota of a combination of entities; a null name is the default entity. */
export const ClientQuotaRecord = message({
  name: 'ClientQuotaRecord',
  key: 14,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    entity: array(
      struct({
        entityType: string,
        entityName: string.nullable(),
      }),
    ),
    key: string,
    value: float64,
    remove: bool,
  },
});
export type ClientQuotaRecord = Infer<typeof ClientQuotaRecord>;
