// Which header goes with which version, and what a server makes of requests it does not know.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { apiOf, apis, requestHeaderVersion, responseHeaderVersion, serves } from '../../../src/protocol/api.ts';
import { errorCode, errorOf, errors } from '../../../src/protocol/errors.ts';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  readRequestHeader,
  sized,
  UnsupportedRequest,
} from '../../../src/protocol/frame.ts';
import { Reader, WireError, Writer } from '../../../src/protocol/wire.ts';

const heartbeat = apiOf(12)!;
const apiVersions = apiOf(18)!;
const offsetDelete = apiOf(47)!;
const caller = { correlationId: 7, clientId: 'me' };
const beat = { groupId: 'g', generationId: 1, memberId: 'm' };

describe('requests', () => {
  test('of old versions have header 1', () => {
    expect(toHex(encodeRequest(heartbeat, 0, caller, beat))).toBe(
      `${'000c' + '0000' + '00000007' + '0002'}${toHex(utf8('me'))}000167000000010001${toHex(utf8('m'))}`,
    );
  });

  test('of flexible versions have header 2, whose client id keeps its two bytes of length', () => {
    expect(toHex(encodeRequest(heartbeat, 4, caller, beat))).toBe(
      `${'000c' + '0004' + '00000007' + '0002'}${toHex(utf8('me'))}00${'0267' + '00000001' + '026d'}0000`,
    );
  });

  test('come back, with or without a client id, whatever stands behind the body', () => {
    for (const version of [0, 4]) {
      const payload = encodeRequest(heartbeat, version, { ...caller, clientId: null }, beat);
      const request = decodeRequest(Buffer.concat([payload, Uint8Array.of(1, 2)]));
      expect(request.api).toBe(heartbeat);
      expect(request.header).toEqual({
        requestApiKey: 12,
        requestApiVersion: version,
        correlationId: 7,
        clientId: null,
      });
      expect(request.body).toEqual({ ...beat, groupInstanceId: null });
    }
  });

  test('the reader is left at the body', () => {
    const r = new Reader(encodeRequest(heartbeat, 4, caller, beat));
    readRequestHeader(r);
    expect(toHex(r.rest())).toBe('0267' + '00000001' + '026d' + '0000');
  });

  test.each([
    ['an unknown key', '03e7' + '0000'],
    ['a negative key', 'ffff' + '0000'],
    ['a version too new', '000c' + '0005'],
    ['a negative version', '000c' + 'ffff'],
    ['a version no longer served', '0000' + '0002'],
    ['an unreleased version', '0016' + '0006'],
  ])('%s is unsupported', (_, start) => {
    expect(() => decodeRequest(fromHex(`${start}00000007ffff00`)!)).toThrow(UnsupportedRequest);
  });

  test('of ApiVersions at any version yield a header', () => {
    for (const version of [5, 99, 0x7fff]) {
      const payload = fromHex(`0012${version.toString(16).padStart(4, '0')}00000007ffff00`)!;
      expect(readRequestHeader(new Reader(payload)).requestApiVersion).toBe(version);
      expect(() => decodeRequest(payload)).toThrow(WireError);
    }
  });

  test('cut off anywhere are a WireError', () => {
    const payload = encodeRequest(heartbeat, 4, caller, beat);
    for (let end = 0; end < payload.length; end++) {
      expect(() => decodeRequest(payload.subarray(0, end))).toThrow(WireError);
    }
  });
});

test('any bytes behind any key and version are a request or a WireError', () => {
  const start = fc.tuple(fc.constantFrom(...apis), fc.integer({ min: -1, max: 20 }), fc.uint8Array({ maxLength: 100 }));
  fc.assert(
    fc.property(start, ([api, version, rest]) => {
      const w = new Writer();
      w.i16(api.key);
      w.i16(version);
      w.raw(rest);
      try {
        decodeRequest(w.done());
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('responses', () => {
  test('have header 1 when flexible, header 0 before', () => {
    expect(toHex(encodeResponse(heartbeat, 0, 7, { errorCode: 27 }))).toBe('00000007' + '001b');
    expect(toHex(encodeResponse(heartbeat, 4, 7, { errorCode: 27 }))).toBe(
      '00000007' + '00' + '00000000' + '001b' + '00',
    );
  });

  test('of ApiVersions always have header 0', () => {
    const body = { errorCode: 35, apiKeys: [] };
    expect(toHex(encodeResponse(apiVersions, 0, 7, body))).toBe('00000007' + '0023' + '00000000');
    expect(toHex(encodeResponse(apiVersions, 4, 7, body))).toBe('00000007' + '0023' + '01' + '00000000' + '00');
  });

  test('come back, and nothing may stand behind them', () => {
    const payload = encodeResponse(heartbeat, 4, 7, { errorCode: 27 });
    expect(decodeResponse(heartbeat, 4, payload)).toEqual({
      correlationId: 7,
      body: { throttleTimeMs: 0, errorCode: 27 },
    });
    expect(() => decodeResponse(heartbeat, 4, Buffer.concat([payload, Uint8Array.of(0)]))).toThrow(WireError);
  });
});

test('sized puts four bytes of length in front', () => {
  expect(toHex(sized(Uint8Array.of(1, 2)))).toBe('000000020102');
});

describe('tables', () => {
  test('request and response of an API agree on key and versions', () => {
    for (const api of apis) {
      const { request, response } = api;
      expect([response.key, response.min, response.max, response.flexibleFrom], api.name).toEqual([
        request.key,
        request.min,
        request.max,
        request.flexibleFrom,
      ]);
    }
  });

  test('Produce is advertised from 0, InitProducerId ends before its unreleased version', () => {
    expect(apiOf(0)).toMatchObject({ min: 3, max: 13, advertisedMin: 0 });
    expect(apiOf(22)).toMatchObject({ min: 0, max: 5 });
    expect(serves(apiOf(22)!, 6)).toBe(false);
  });

  test('an API that never became flexible has the old headers', () => {
    expect([requestHeaderVersion(offsetDelete, 0), responseHeaderVersion(offsetDelete, 0)]).toEqual([1, 0]);
  });

  test('errors have unique codes and names, and unknown codes are UNKNOWN_SERVER_ERROR', () => {
    expect(new Set(errors.map(e => e.code)).size).toBe(errors.length);
    expect(errorCode.NOT_LEADER_OR_FOLLOWER).toBe(6);
    expect(errorOf(6)).toMatchObject({ name: 'NOT_LEADER_OR_FOLLOWER', retriable: true });
    expect(errorOf(9999).name).toBe('UNKNOWN_SERVER_ERROR');
  });
});
