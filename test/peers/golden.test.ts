// The golden bytes of test/golden/protocol are what Apache Kafka's generated classes write.
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/protocol/codec.ts';
import { arbitraryOf } from '../support/arbitrary.ts';
import { type Golden, goldenFile, goldens, spell } from '../support/golden-messages.ts';
import { schemas, versionsOf } from '../support/schemas.ts';
import { artifacts } from './support/definitions.ts';
import { rewriteInJava, type Sample } from './support/java-messages.ts';

const seed = 431;
const candidates = 20;

test.runIf(process.env.MILENA_GOLDEN === 'write')('written anew', async () => {
  const drawn: [Sample, Golden['value']][] = [];
  for (const artifact of artifacts) {
    for (const schema of schemas[artifact]!) {
      for (const version of versionsOf(schema)) {
        const values = fc.sample(arbitraryOf(schema, version), { numRuns: candidates, seed });
        const encoded = values.map(value => ({ value, bytes: encode(schema, version, value) }));
        // The one of middling size: neither empty nor a page long.
        encoded.sort((a, b) => a.bytes.length - b.bytes.length);
        const { value, bytes } = encoded[candidates / 2]!;
        drawn.push([{ artifact, message: schema.name, version, bytes }, value]);
      }
    }
  }
  const answers = await rewriteInJava(drawn.map(([sample]) => sample));
  const lines = drawn.map(([{ message, version }, value], i) => {
    const answer = answers[i]!;
    if (typeof answer === 'string') throw new Error(`${message} v${version}: ${answer}`);
    return spell({ message, version, hex: toHex(answer), value });
  });
  writeFileSync(goldenFile, `${lines.join('\n')}\n`);
});

test('Java reads and writes every golden', async () => {
  const golden = goldens();
  const artifactOf = new Map(artifacts.flatMap(artifact => schemas[artifact]!.map(m => [m.name, artifact] as const)));
  const samples = golden.map(
    ({ message, version, hex }): Sample => ({
      artifact: artifactOf.get(message)!,
      message,
      version,
      bytes: fromHex(hex)!,
    }),
  );
  const answers = await rewriteInJava(samples);
  const different = golden.filter((g, i) => typeof answers[i] === 'string' || toHex(answers[i]!) !== g.hex);
  expect(different.map(g => `${g.message} v${g.version}`)).toEqual([]);
  expect(golden.length).toBeGreaterThan(400);
});
