/** What differs between one of our schemas and Kafka's definition of the same message: [] when nothing does. */
import type { Fields, Life, Message, Node } from '../../../src/protocol/schema.ts';
import {
  both,
  type Definition,
  type FieldDefinition,
  fieldRange,
  innerFields,
  isEmpty,
  type Range,
  rangeOf,
} from './definitions.ts';

const isFlag = (value: boolean | string | undefined): boolean => value === true || value === 'true';
const show = (range: Range): string => (isEmpty(range) ? 'none' : `${range[0]}-${range[1]}`);

export function difference(ours: Message, theirs: Definition): string[] {
  const found: string[] = [];
  const valid = rangeOf(theirs.validVersions);
  const flexible = rangeOf(theirs.flexibleVersions);
  compare(found, theirs.name, 'name', ours.name, theirs.name);
  compare(found, theirs.name, 'key', ours.key, theirs.apiKey ?? -1);
  compare(found, theirs.name, 'versions', show([ours.min, ours.max]), show(valid));
  compare(found, theirs.name, 'flexible from', ours.flexibleFrom, isEmpty(flexible) ? Infinity : flexible[0]);
  compare(found, theirs.name, 'unstable', ours.latestUnstable ?? false, theirs.latestVersionUnstable ?? false);
  fieldsDiffer(found, ours.fields, theirs, theirs.fields ?? [], valid, theirs.name);
  return found;
}

function compare(found: string[], path: string, what: string, ours: unknown, theirs: unknown): void {
  if (ours !== theirs) found.push(`${path}: ${what} is ${String(ours)}, Kafka's ${String(theirs)}`);
}

function fieldsDiffer(
  found: string[],
  fields: Fields,
  definition: Definition,
  theirs: readonly FieldDefinition[],
  within: Range,
  path: string,
): void {
  const living = theirs.filter(field => !isEmpty(both(fieldRange(field), within)));
  compare(found, path, 'fields', Object.keys(fields).join(), living.map(field => camelCase(field.name)).join());
  for (const field of living) {
    const name = camelCase(field.name);
    const life = fields[name]?.life;
    if (life !== undefined) fieldDiffers(found, life, definition, field, within, `${path}.${name}`);
  }
}

function fieldDiffers(
  found: string[],
  life: Life,
  definition: Definition,
  theirs: FieldDefinition,
  within: Range,
  path: string,
): void {
  const range = both(fieldRange(theirs), within);
  compare(found, path, 'versions', show(both([life.from, life.to], within)), show(range));
  compare(found, path, 'type', typeOf(life.node), theirs.type.replace(/[A-Z]\w*$/, 'struct'));
  const nullable = both(rangeOf(theirs.nullableVersions), range);
  compare(found, path, 'nullable', show(both([life.nullFrom, life.nullTo], range)), show(nullable));
  compare(found, path, 'tag', life.tag, theirs.taggedVersions === undefined ? -1 : theirs.tag);
  if (theirs.taggedVersions !== undefined) {
    compare(found, path, 'tagged', show(range), show(both(rangeOf(theirs.taggedVersions), range)));
  }
  compare(found, path, 'ignorable', life.ignorable, isFlag(theirs.ignorable));
  compare(found, path, 'rigid', life.rigid, theirs.flexibleVersions === 'none');
  compare(found, path, 'default', spell(life.absent), spell(defaultIn(theirs)));
  const inner = life.node.kind === 'array' ? life.node.of : life.node;
  if (inner.kind !== 'struct') return;
  fieldsDiffer(found, inner.fields, definition, innerFields(definition, theirs) ?? [], range, path);
}

const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const typeOf = (node: Node): string => (node.kind === 'array' ? `[]${typeOf(node.of)}` : node.kind);

/** A default as text that tells null, '', [] and 0 apart. */
function spell(value: unknown): string {
  if (value === undefined) return 'a struct';
  if (value === null) return 'null';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object') return `[${String(value)}]`;
  return String(value);
}

/** Kafka's default of a field, as a value of ours. */
function defaultIn(field: FieldDefinition): unknown {
  const { type } = field;
  // A literal null says nothing (four fields have it): Kafka's generator takes it for a default that was not given.
  const given = field.default ?? undefined;
  if (given === 'null') return null;
  if (type.startsWith('[]') || type === 'bytes' || type === 'records') return [];
  if (type === 'string') return given ?? '';
  if (type === 'bool') return given === undefined ? false : isFlag(given as boolean | string);
  if (type === 'uuid') return given ?? 'AAAAAAAAAAAAAAAAAAAAAA';
  if (type === 'int64') return BigInt(given === undefined ? 0 : String(given));
  if (/^u?int\d+$|^float64$/.test(type)) return Number(given ?? 0);
  return undefined;
}
