/** Apache Kafka's own message definitions: JSON with comments, inside seven of its jars. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../support/child.ts';
import { scratchDir } from '../../support/paths.ts';
import { KAFKA_VERSION, kafkaJars } from './kafka.ts';

export interface FieldDefinition {
  name: string;
  type: string;
  versions?: string;
  nullableVersions?: string;
  taggedVersions?: string;
  flexibleVersions?: string;
  tag?: number;
  ignorable?: boolean | string;
  default?: string | number | boolean | null;
  fields?: FieldDefinition[];
}

export interface Definition {
  name: string;
  type: string;
  apiKey?: number;
  listeners?: string[];
  validVersions: string;
  flexibleVersions?: string;
  latestVersionUnstable?: boolean;
  fields?: FieldDefinition[];
  commonStructs?: FieldDefinition[];
}

export const artifacts = [
  'kafka-clients',
  'kafka-metadata',
  'kafka-group-coordinator',
  'kafka-transaction-coordinator',
  'kafka-share-coordinator',
  'kafka-raft',
  'kafka-storage',
] as const;
export type Artifact = (typeof artifacts)[number];

/** All definitions, by the artifact they lie in. */
export async function definitions(): Promise<Map<Artifact, Definition[]>> {
  const jars = await kafkaJars();
  const found = new Map<Artifact, Definition[]>();
  for (const artifact of artifacts) {
    const dir = join(scratchDir('definitions'), artifact);
    mkdirSync(dir);
    await must('jar', ['xf', join(jars, `${artifact}-${KAFKA_VERSION}.jar`), 'common', 'message'], { cwd: dir });
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.json'));
    found.set(
      artifact,
      files.map(file => parse(readFileSync(join(dir, file), 'utf8'))),
    );
  }
  return found;
}

/** Their comments stand on lines of their own. */
const parse = (text: string): Definition => JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as Definition;

export type Range = readonly [from: number, to: number];
export const nothing: Range = [1, 0];

export const isEmpty = (range: Range): boolean => range[0] > range[1];

/** '3', '0-4', '7+', 'none'. */
export function rangeOf(text: string | undefined): Range {
  if (text === undefined || text === 'none') return nothing;
  const match = /^(\d+)(\+|-(\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a range of versions: '${text}'`);
  const from = Number(match[1]);
  return [from, match[2] === '+' ? Infinity : Number(match[3] ?? from)];
}

export function both(a: Range, b: Range): Range {
  const range: Range = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
  return isEmpty(range) ? nothing : range;
}

export const fieldRange = (field: FieldDefinition): Range => rangeOf(field.versions ?? field.taggedVersions);

/** The fields of a struct: its own, or those of the common struct that its type names. */
export function innerFields(definition: Definition, field: FieldDefinition): FieldDefinition[] | undefined {
  if (field.fields !== undefined) return field.fields;
  const name = field.type.replace(/^\[\]/, '');
  return definition.commonStructs?.find(common => common.name === name)?.fields;
}
