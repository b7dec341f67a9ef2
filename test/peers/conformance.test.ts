// Our schemas field by field against Apache Kafka's own definitions, and proof that the comparison sees every kind of
// difference: each field's version, default, nullability, type, tag and ignorability is changed, one at a time.
import { beforeAll, expect, test } from 'vitest';
import { apis } from '../../src/protocol/api.ts';
import { schemas } from '../support/schemas.ts';
import {
  type Artifact,
  both,
  type Definition,
  definitions,
  type FieldDefinition,
  fieldRange,
  innerFields,
  isEmpty,
  type Range,
  rangeOf,
} from './support/definitions.ts';
import { difference } from './support/difference.ts';

/** Definitions of data that no broker log, file or request of ours holds. */
const elsewhere = [
  'DefaultPrincipalData',
  'RemoteLogSegmentMetadataRecord',
  'RemoteLogSegmentMetadataSnapshotRecord',
  'RemoteLogSegmentMetadataUpdateRecord',
  'RemotePartitionDeleteMetadataRecord',
];

let kafkas: Map<Artifact, Definition[]>;
beforeAll(async () => {
  kafkas = await definitions();
});

const isLive = (d: Definition): boolean => d.validVersions !== 'none';
const isApi = (d: Definition): boolean => d.type === 'request' || d.type === 'response';

test('every schema equals the definition', () => {
  for (const [artifact, theirs] of kafkas) {
    for (const ours of schemas[artifact]!) {
      const definition = theirs.find(d => d.name === ours.name);
      expect(definition, ours.name).toBeDefined();
      expect(difference(ours, definition!)).toEqual([]);
    }
  }
});

test('every definition has a schema, except for APIs not served yet', () => {
  const known = new Set(Object.values(schemas).flatMap(list => list.map(m => m.name)));
  const all = [...kafkas.values()].flat().filter(isLive);
  const missing = all.filter(d => !isApi(d) && !known.has(d.name)).map(d => d.name);
  expect(missing.sort()).toEqual(elsewhere);

  const requests = all.filter(d => d.type === 'request');
  expect(requests.length).toBe(89);
  const unserved = requests.filter(d => !known.has(d.name)).sort((a, b) => a.apiKey! - b.apiKey!);
  expect(unserved.length).toBe(89 - apis.length);
  const names = unserved.map(d => `${d.apiKey} ${d.name.replace('Request', '')}`).join(', ');
  console.log(`${apis.length} of 89 live keys have schemas; ${unserved.length} are left: ${names}`);
});

test('one change anywhere is noticed', () => {
  let changes = 0;
  for (const [artifact, theirs] of kafkas) {
    for (const ours of schemas[artifact]!) {
      const original = theirs.find(d => d.name === ours.name)!;
      for (const mutate of mutations(original)) {
        const changed = structuredClone(original);
        const what = mutate(changed);
        expect(difference(ours, changed), `${ours.name}: ${what}`).not.toEqual([]);
        changes++;
      }
    }
  }
  console.log(`${changes} changes of one version, default, nullability, type, tag or flag were all noticed`);
  expect(changes).toBeGreaterThan(5000);
});

type Mutation = (definition: Definition) => string;

function mutations(original: Definition): Mutation[] {
  const [from, to] = rangeOf(original.validVersions);
  const out: Mutation[] = [
    d => {
      d.validVersions = `${from}-${to + 1}`;
      return 'a version more';
    },
    d => {
      d.flexibleVersions = isEmpty(rangeOf(d.flexibleVersions)) ? `${to}+` : 'none';
      return 'flexible versions';
    },
  ];
  visit(original, original.fields ?? [], [from, to], [], (path, field, range) => {
    for (const change of fieldChanges(field, range)) out.push(d => `${path.join('.')}: ${change(find(d, path))}`);
  });
  return out;
}

function visit(
  definition: Definition,
  fields: readonly FieldDefinition[],
  within: Range,
  path: readonly string[],
  each: (path: readonly string[], field: FieldDefinition, range: Range) => void,
): void {
  for (const field of fields) {
    const range = both(fieldRange(field), within);
    const here = [...path, field.name];
    each(here, field, range);
    visit(definition, innerFields(definition, field) ?? [], range, here, each);
  }
}

function find(definition: Definition, path: readonly string[]): FieldDefinition {
  let fields = definition.fields ?? [];
  let field: FieldDefinition | undefined;
  for (const name of path) {
    field = fields.find(f => f.name === name)!;
    fields = innerFields(definition, field) ?? [];
  }
  return field!;
}

type Change = (field: FieldDefinition) => string;

function fieldChanges(field: FieldDefinition, range: Range): Change[] {
  const out: Change[] = [
    f => {
      f.versions = `${range[0] + 1}+`;
      return `versions ${f.versions}`;
    },
    f => {
      f.versions = range[0] === range[1] ? 'none' : `${range[0]}-${range[1] - 1}`;
      return `versions ${f.versions}`;
    },
    f => {
      f.ignorable = !(f.ignorable === true || f.ignorable === 'true');
      return `ignorable ${f.ignorable}`;
    },
    f => {
      f.type = f.type === 'int16' ? 'int32' : 'int16';
      return `type ${f.type}`;
    },
    f => {
      Object.assign(f, f.taggedVersions === undefined ? { taggedVersions: f.versions, tag: 9 } : { tag: f.tag! + 1 });
      return `tag ${f.tag}`;
    },
  ];
  if (/^\[\]|^string$|^bytes$|^records$|^[A-Z]/.test(field.type)) {
    out.push(f => {
      const nullable = both(rangeOf(f.nullableVersions), range);
      f.nullableVersions = isEmpty(nullable) ? `${range[0]}+` : 'none';
      return `nullable ${f.nullableVersions}`;
    });
  }
  if (/^\[\]|^[A-Z]/.test(field.type) && !isEmpty(both(rangeOf(field.nullableVersions), range))) {
    out.push(f => {
      if (f.default === 'null') delete f.default;
      else f.default = 'null';
      return `default ${f.default}`;
    });
  }
  if (/^(string|bool|u?int\d+|float64)$/.test(field.type)) {
    out.push(f => {
      f.default = otherDefault(f);
      return `default ${f.default}`;
    });
  }
  return out;
}

function otherDefault(field: FieldDefinition): string | boolean {
  if (field.type === 'string') return field.default === 'other' ? '' : 'other';
  if (field.type === 'bool') return !(field.default === true || field.default === 'true');
  return String(Number(field.default ?? 0) === 77 ? 78 : 77);
}
