// The hot messages have a hand-written reader and writer in C++ (native/wire). Both sides meet in golden files: TypeScript writes
// requests.txt, which native/test/wire_vectors_test.cc reads with its views; that test writes responses.txt, which is decoded here.
// Renew: npx vitest run test/unit/native -u, then MILENA_UPDATE_GOLDEN=1 make -C native/test run-wire_vectors_test.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { type Api, apiOf } from '../../../src/protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../../src/protocol/frame.ts';
import { arbitraryOf } from '../../support/arbitrary.ts';
import { textOf } from '../../support/wire-text.ts';

const golden = join(import.meta.dirname, '..', '..', 'golden', 'wire');
const hotKeys = [0, 1, 2, 23];
const valuesPerVersion = 3;
const correlationId = 0x01020304;

function api(key: number): Api {
  const found = apiOf(key);
  if (found === undefined) throw new Error(`no API ${key}`);
  return found;
}

function requestLines(of: Api): string[] {
  const versions = Array.from({ length: of.max - of.min + 1 }, (_, i) => of.min + i);
  return versions.flatMap(version =>
    fc
      .sample(arbitraryOf(of.request, version), { numRuns: valuesPerVersion, seed: of.key * 100 + version })
      .map((value, i) => {
        const caller = { correlationId, clientId: i === 0 ? null : `client-${i}` };
        return `${of.key} ${version} ${toHex(encodeRequest(of, version, caller, value))} ${textOf(of.request, value)}\n`;
      }),
  );
}

describe('hot messages are the same in C++', () => {
  it('requests that the native test reads are what TypeScript writes today', async () => {
    const lines = hotKeys.flatMap(key => requestLines(api(key)));
    await expect(lines.join('')).toMatchFileSnapshot(join(golden, 'requests.txt'));
  });

  const answers = readFileSync(join(golden, 'responses.txt'), 'utf8').trimEnd().split('\n');

  it('answers of every version are there', () => {
    const seen = new Set(answers.map(line => line.split(' ', 2).join(' ')));
    const wanted = hotKeys
      .map(api)
      .flatMap(of => Array.from({ length: of.max - of.min + 1 }, (_, i) => `${of.key} ${of.min + i}`));
    expect([...seen]).toEqual(wanted);
  });

  it('answers that C++ writes are read as it meant them', () => {
    for (const line of answers) {
      const [key, version, hex, text] = line.split(' ');
      const of = api(Number(key));
      const frame = fromHex(hex ?? '') ?? new Uint8Array();
      expect(new DataView(frame.buffer, frame.byteOffset).getInt32(0)).toBe(frame.length - 4);
      const answer = decodeResponse(of, Number(version), frame.subarray(4));
      expect(answer.correlationId).toBe(correlationId);
      expect(textOf(of.response, answer.body)).toBe(text);
    }
  });
});
