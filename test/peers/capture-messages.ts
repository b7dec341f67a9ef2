/**
 * Writes test/golden/protocol/messages.jsonl anew, after a schema was added or changed:
 *   node --import ./test/support/ts.mjs test/peers/capture-messages.ts
 */
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/protocol/codec.ts';
import { arbitraryOf } from '../support/arbitrary.ts';
import { type Golden, goldenFile, spell } from '../support/golden-messages.ts';
import { schemas, versionsOf } from '../support/schemas.ts';
import { artifacts } from './support/definitions.ts';
import { rewriteInJava, type Sample } from './support/java-messages.ts';

const seed = 431;
const candidates = 20;

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
