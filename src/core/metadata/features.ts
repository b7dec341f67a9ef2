// Features (KIP-584): the ranges this broker supports, what a fresh cluster finalizes, and which record versions the
// finalized metadata.version calls for. Only what is served is supported: groups, transactions, shares, streams and
// eligible leader replicas stay at level 0 until they are.
import type { FeatureRange, MetadataImage } from './image.ts';

export const metadataVersionFeature = 'metadata.version';

/** 3.3-IV3, the lowest level Kafka 4 reads. */
const metadataVersionMin = 7;
/** 4.3-IV0, which a fresh cluster is formatted with. */
export const metadataVersionLatest = 30;
// The levels from which on records say more (Kafka's MetadataVersion).
const zkMigration = 8; // 3.4-IV0
const controllerRegistration = 15; // 3.7-IV0
const directoryAssignment = 17; // 3.7-IV2
const eligibleLeaderReplicas = 23; // 4.0-IV1
const cordonedLogDirs = 30; // 4.3-IV0

/** Sorted by name, as it is registered and answered. */
export const supportedFeatures: readonly FeatureRange[] = [
  { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 0 },
  { name: 'group.version', minSupportedVersion: 0, maxSupportedVersion: 0 },
  { name: 'kraft.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
  { name: metadataVersionFeature, minSupportedVersion: metadataVersionMin, maxSupportedVersion: metadataVersionLatest },
  { name: 'share.version', minSupportedVersion: 0, maxSupportedVersion: 0 },
  { name: 'streams.version', minSupportedVersion: 0, maxSupportedVersion: 0 },
  { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 0 },
];

/** What is finalized beyond our means: `name level (at most max)`, one entry each; empty when all is served. */
export function unservedFeatures(finalized: ReadonlyMap<string, number>): string[] {
  const found: string[] = [];
  for (const [name, level] of finalized) {
    const range = supportedFeatures.find(feature => feature.name === name);
    if (range === undefined) {
      if (level > 0) found.push(`${name} ${level} (unknown)`);
    } else if (level > range.maxSupportedVersion) {
      found.push(`${name} ${level} (at most ${range.maxSupportedVersion})`);
    } else if (level < range.minSupportedVersion) {
      found.push(`${name} ${level} (at least ${range.minSupportedVersion})`);
    }
  }
  return found;
}

/** A log without metadata.version predates the feature: Kafka takes 3.3-IV3 then. */
export const metadataVersionOf = (image: MetadataImage): number =>
  image.features.get(metadataVersionFeature) ?? metadataVersionMin;

/** The version to write each kind of record at, so that every broker of the finalized level can read it. */
export function recordVersions(metadataVersion: number) {
  return {
    partition: metadataVersion >= eligibleLeaderReplicas ? 2 : metadataVersion >= directoryAssignment ? 1 : 0,
    registerBroker:
      metadataVersion >= cordonedLogDirs
        ? 4
        : metadataVersion >= directoryAssignment
          ? 3
          : metadataVersion >= zkMigration
            ? 2
            : 1,
    registersControllers: metadataVersion >= controllerRegistration,
    directories: metadataVersion >= directoryAssignment,
    cordonedLogDirs: metadataVersion >= cordonedLogDirs,
  } as const;
}
