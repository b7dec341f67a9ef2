// Random values of every schema at every version, written by us, read and written again by Apache Kafka's generated Java
// classes: the bytes must be the same.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/protocol/codec.ts';
import { arbitraryOf } from '../support/arbitrary.ts';
import { schemas, versionsOf } from '../support/schemas.ts';
import { artifacts } from './support/definitions.ts';
import { rewriteInJava, type Sample } from './support/java-messages.ts';

const valuesPerVersion = 60;
const seed = Number(process.env.MILENA_SEED ?? Date.now() % 0x7fff_ffff);

test(`Java reads what we write and writes the same (seed ${seed})`, async () => {
  const samples: Sample[] = [];
  for (const artifact of artifacts) {
    for (const schema of schemas[artifact]!) {
      for (const version of versionsOf(schema)) {
        for (const value of fc.sample(arbitraryOf(schema, version), { numRuns: valuesPerVersion, seed })) {
          samples.push({ artifact, message: schema.name, version, bytes: encode(schema, version, value) });
        }
      }
    }
  }
  const answers = await rewriteInJava(samples);
  const different = samples.flatMap((sample, i) => {
    const answer = answers[i]!;
    if (typeof answer !== 'string' && Buffer.compare(answer, sample.bytes) === 0) return [];
    const java = typeof answer === 'string' ? answer : toHex(answer);
    return [`${sample.message} v${sample.version}: ${toHex(sample.bytes)} became ${java}`];
  });
  const messages = new Set(samples.map(s => s.message)).size;
  const versions = new Set(samples.map(s => `${s.message} ${s.version}`)).size;
  const octets = samples.reduce((sum, s) => sum + s.bytes.length, 0);
  console.log(
    `${messages} schemas, ${versions} schema versions, ${samples.length} values (${octets} bytes), seed ${seed}`,
  );
  expect(different.slice(0, 10)).toEqual([]);
});

test('a wrong byte is noticed', async () => {
  const [schema] = schemas['kafka-metadata']!;
  const [value] = fc.sample(arbitraryOf(schema!, 0), { numRuns: 1, seed });
  const bytes = encode(schema!, 0, value!);
  const sample = { artifact: 'kafka-metadata', message: schema!.name, version: 0 } as const;
  const [whole, cut, long] = await rewriteInJava([
    { ...sample, bytes },
    { ...sample, bytes: bytes.subarray(0, bytes.length - 1) },
    { ...sample, bytes: Buffer.concat([bytes, Uint8Array.of(0)]) },
  ]);
  expect(whole).toEqual(Buffer.from(bytes));
  expect(typeof cut).toBe('string');
  expect(long).toContain('1 bytes were not read');
});
