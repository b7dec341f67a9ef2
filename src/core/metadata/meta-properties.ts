// meta.properties, the file that says whose a log directory is: version, cluster.id, node.id, directory.id (KIP-858).
import { lostDirectory, migratingDirectory, parseUuid, type Uuid, zeroUuid } from '../../base/uuid.ts';
import { parseProperties } from '../config/properties.ts';

export const metaPropertiesFile = 'meta.properties';

export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  /** Undefined in directories formatted before Kafka 3.7. */
  readonly directoryId: Uuid | undefined;
}

export const formatMetaProperties = (clusterId: string, nodeId: number, directoryId: Uuid): string =>
  `#\nnode.id=${nodeId}\ndirectory.id=${directoryId}\nversion=1\ncluster.id=${clusterId}\n`;

const reserved: ReadonlySet<string> = new Set([zeroUuid, lostDirectory, migratingDirectory]);

/** What the file says, or what is wrong with it, in words. */
export function readMetaProperties(text: string): MetaProperties | string {
  const values = new Map(parseProperties(text).map(({ key, value }) => [key, value.trim()]));
  const version = values.get('version') ?? '0';
  if (version !== '1') return `is of version ${version}, only version 1 is read (0 belongs to ZooKeeper clusters)`;
  const clusterId = values.get('cluster.id');
  if (clusterId === undefined || clusterId === '') return 'has no cluster.id';
  const node = values.get('node.id');
  if (node === undefined || !/^\d{1,10}$/.test(node)) return `has no valid node.id`;
  const directory = values.get('directory.id');
  const directoryId = directory === undefined ? undefined : parseUuid(directory);
  if (directory !== undefined && (directoryId === undefined || reserved.has(directory))) {
    return `has the invalid directory.id ${directory}`;
  }
  return { clusterId, nodeId: Number(node), directoryId };
}
