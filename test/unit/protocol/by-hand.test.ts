// What is read without its schema is what the schema says, byte for byte, and fails where the schema's reader fails.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHeaderByHand, readHeartbeatByHand } from '../../../src/protocol/by-hand.ts';
import { codecOf, encode } from '../../../src/protocol/codec.ts';
import { HeartbeatRequest } from '../../../src/protocol/messages/12-heartbeat.ts';
import { RequestHeader } from '../../../src/protocol/messages/header.ts';
import { Reader, WireError } from '../../../src/protocol/wire.ts';

const text = fc.string({ unit: 'binary', maxLength: 60 });
const versions = (of: { min: number; max: number }) =>
  Array.from({ length: of.max - of.min + 1 }, (_, i) => of.min + i);

/** What a reader makes of the bytes: the value and how far it came, or that they are none. */
function outcome(bytes: Uint8Array, read: (r: Reader) => unknown): unknown {
  const r = new Reader(bytes);
  try {
    return { value: read(r), position: r.position };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return 'refused';
  }
}

/** The bytes as they are, cut off somewhere, followed by others, and with one byte changed. */
function bent(bytes: Uint8Array, at: number, byte: number): Uint8Array[] {
  const changed = new Uint8Array(bytes);
  changed[at % bytes.length] = byte;
  return [bytes, bytes.subarray(0, at % bytes.length), Uint8Array.of(...bytes, byte), changed];
}
const bend = fc.tuple(fc.nat(200), fc.nat(255));

describe.each(versions(HeartbeatRequest))('a heartbeat of version %i', version => {
  test('is read as its schema says', () => {
    const request = fc.record({
      groupId: text,
      generationId: fc.integer({ min: -1 }),
      memberId: text,
      groupInstanceId: fc.option(text),
    });
    fc.assert(
      fc.property(request, bend, ({ groupInstanceId, ...rest }, [at, byte]) => {
        const value = { ...rest, groupInstanceId: version >= 3 ? groupInstanceId : null };
        for (const bytes of bent(encode(HeartbeatRequest, version, value), at, byte)) {
          const byHand = outcome(bytes, r => readHeartbeatByHand(r, version));
          expect(byHand).toEqual(outcome(bytes, r => codecOf(HeartbeatRequest, version).read(r)));
        }
      }),
    );
  });
});

test.each(versions(RequestHeader))('a request header of version %i is read as its schema says', version => {
  const header = fc.record({
    requestApiKey: fc.integer({ min: -0x8000, max: 0x7fff }),
    requestApiVersion: fc.integer({ min: -0x8000, max: 0x7fff }),
    correlationId: fc.integer(),
    clientId: fc.option(text),
  });
  fc.assert(
    fc.property(header, bend, (value, [at, byte]) => {
      for (const bytes of bent(encode(RequestHeader, version, value), at, byte)) {
        const byHand = outcome(bytes, r => readHeaderByHand(r, version === 2));
        expect(byHand).toEqual(outcome(bytes, r => codecOf(RequestHeader, version).read(r)));
      }
    }),
  );
});
