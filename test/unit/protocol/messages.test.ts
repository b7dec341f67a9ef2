// Every schema at every version: what is written is read back; any bytes at all give a value or a WireError.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecOf, decode, encode } from '../../../src/protocol/codec.ts';
import type { Message } from '../../../src/protocol/schema.ts';
import { Reader, WireError, Writer } from '../../../src/protocol/wire.ts';
import { arbitraryOf } from '../../support/arbitrary.ts';
import { allSchemas, versionsOf } from '../../support/schemas.ts';

const cases = allSchemas.map(m => [m.name, m] as const);

test('names are unique', () => {
  expect(new Set(allSchemas.map(m => m.name)).size).toBe(allSchemas.length);
});

describe.each(cases)('%s', (_, message: Message) => {
  test('round trips at every version', () => {
    for (const version of versionsOf(message)) {
      const codec = codecOf(message, version);
      const roundTrip = fc.property(arbitraryOf(message, version), value => {
        const w = new Writer();
        codec.write(w, value);
        const r = new Reader(w.done());
        expect(codec.read(r)).toEqual(value);
        expect(r.left).toBe(0);
      });
      fc.assert(roundTrip, { numRuns: 25 });
    }
  });

  test('reads any bytes as a value or refuses them with a WireError', () => {
    for (const version of versionsOf(message)) {
      const anything = fc.property(fc.uint8Array({ maxLength: 120 }), bytes => readsOrRefuses(message, version, bytes));
      fc.assert(anything, { numRuns: 50 });
    }
  });

  test('survives every truncation and one flipped byte', () => {
    for (const version of versionsOf(message)) {
      const damaged = fc.property(
        arbitraryOf(message, version),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (value, at, flip) => {
          const bytes = encode(message, version, value);
          if (bytes.length === 0) return;
          for (const end of new Set([0, at % bytes.length, bytes.length - 1])) {
            expect(() => decode(message, version, bytes.subarray(0, end))).toThrow(WireError);
          }
          bytes[at % bytes.length]! ^= flip;
          readsOrRefuses(message, version, bytes);
        },
      );
      fc.assert(damaged, { numRuns: 10 });
    }
  });
});

function readsOrRefuses(message: Message, version: number, bytes: Uint8Array): void {
  try {
    codecOf(message, version).read(new Reader(bytes));
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}
