// Bytes that Apache Kafka's own classes wrote (see golden-messages.ts), read and written by us.
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { decode, encode } from '../../../src/protocol/codec.ts';
import { goldens } from '../../support/golden-messages.ts';
import { allSchemas, versionsOf } from '../../support/schemas.ts';

const golden = goldens();

test('there is one for every schema at every version', () => {
  const ours = allSchemas.flatMap(m => versionsOf(m).map(version => `${m.name} ${version}`));
  expect(golden.map(g => `${g.message} ${g.version}`)).toEqual(ours);
});

test.each(allSchemas.map(m => [m.name, m] as const))('%s', (name, schema) => {
  for (const { version, hex, value } of golden.filter(g => g.message === name)) {
    expect(toHex(encode(schema, version, value)), `v${version}`).toBe(hex);
    expect(decode(schema, version, fromHex(hex)!), `v${version}`).toEqual(value);
  }
});
