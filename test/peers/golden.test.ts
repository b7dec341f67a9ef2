// The golden bytes of test/golden/protocol are what Apache Kafka's generated classes write.
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { goldens } from '../support/golden-messages.ts';
import { schemas } from '../support/schemas.ts';
import { artifacts } from './support/definitions.ts';
import { rewriteInJava, type Sample } from './support/java-messages.ts';

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
