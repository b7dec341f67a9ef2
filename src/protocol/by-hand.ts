// What every request begins with, and the requests that come more often than all others, read without their schemas: half of
// what a heartbeat costs would be in reading it. The rules are codec.ts's; tests hold the two together.
import type { HeartbeatRequest } from './messages/12-heartbeat.ts';
import type { RequestHeader } from './messages/header.ts';
import { type Reader, WireError } from './wire.ts';

const stringBytesMax = 0x7fff;
const firstFlexibleHeartbeat = 4;
const firstStaticHeartbeat = 3;

export function readHeaderByHand(r: Reader, isFlexible: boolean): RequestHeader {
  const header = {
    requestApiKey: r.i16(),
    requestApiVersion: r.i16(),
    correlationId: r.i32(),
    clientId: nullableString(r, false),
  };
  if (isFlexible) skipTaggedFields(r);
  return header;
}

export function readHeartbeatByHand(r: Reader, version: number): HeartbeatRequest {
  const isFlexible = version >= firstFlexibleHeartbeat;
  const request = {
    groupId: string(r, isFlexible),
    generationId: r.i32(),
    memberId: string(r, isFlexible),
    groupInstanceId: version >= firstStaticHeartbeat ? nullableString(r, isFlexible) : null,
  };
  if (isFlexible) skipTaggedFields(r);
  return request;
}

function string(r: Reader, isCompact: boolean): string {
  const text = nullableString(r, isCompact);
  if (text === null) throw new WireError('null where there must be a string');
  return text;
}

function nullableString(r: Reader, isCompact: boolean): string | null {
  const length = isCompact ? r.uvar() - 1 : r.i16();
  if (length < 0) return null;
  if (length > stringBytesMax) throw new WireError(`a string of ${length} bytes`);
  return r.text(length);
}

function skipTaggedFields(r: Reader): void {
  for (let left = r.uvar(); left > 0; left--) {
    r.uvar();
    r.slice(r.uvar());
  }
}
