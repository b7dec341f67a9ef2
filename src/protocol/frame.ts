// Requests and responses as payloads: header and body, without the four bytes of size that precede them on a connection.
import { type Api, apiOf, apiVersionsKey, requestHeaderVersion, responseHeaderVersion, serves } from './api.ts';
import { readHeaderByHand } from './by-hand.ts';
import { codecOf } from './codec.ts';
import { RequestHeader, ResponseHeader } from './messages/header.ts';
import { Reader, WireError, Writer } from './wire.ts';

/** A request for an API or version that is not known. Kafka closes the connection over it. */
export class UnsupportedRequest extends WireError {
  override name = 'UnsupportedRequest';
}

/**
 * Reads the header and leaves `r` at the body. Throws WireError, UnsupportedRequest for keys and versions that have no
 * schema, except versions of ApiVersions: those are answered in version 0 with UNSUPPORTED_VERSION.
 */
export function readRequestHeader(r: Reader): RequestHeader {
  const key = r.peekI16(0);
  const version = r.peekI16(2);
  const api = apiOf(key);
  if (api === undefined || (!serves(api, version) && key !== apiVersionsKey)) {
    throw new UnsupportedRequest(`API key ${key}, version ${version}`);
  }
  return readHeaderByHand(r, requestHeaderVersion(api, version) === 2);
}

export interface Request {
  readonly header: RequestHeader;
  readonly api: Api;
  /** As the request schema of `api` types it. */
  readonly body: unknown;
}

/** Header and body. Bytes behind the body are ignored, as Kafka does. */
export function decodeRequest(payload: Uint8Array): Request {
  const r = new Reader(payload);
  const header = readRequestHeader(r);
  const api = apiOf(header.requestApiKey)!;
  return { header, api, body: codecOf(api.request, header.requestApiVersion).read(r) };
}

export interface Caller {
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** `body` is an Init of the request schema of `api`. */
export function encodeRequest(api: Api, version: number, caller: Caller, body: unknown): Uint8Array {
  const w = new Writer();
  codecOf(RequestHeader, requestHeaderVersion(api, version)).write(w, {
    requestApiKey: api.key,
    requestApiVersion: version,
    ...caller,
  });
  codecOf(api.request, version).write(w, body as Record<string, unknown>);
  return w.done();
}

/** `body` is an Init of the response schema of `api`. */
export function encodeResponse(api: Api, version: number, correlationId: number, body: unknown): Uint8Array {
  const w = new Writer();
  writeResponseHeader(w, api, version, correlationId);
  codecOf(api.response, version).write(w, body as Record<string, unknown>);
  return w.done();
}

/** For answers that are put together from encoded pieces. */
export function writeResponseHeader(w: Writer, api: Api, version: number, correlationId: number): void {
  w.i32(correlationId);
  if (responseHeaderVersion(api, version) >= ResponseHeader.flexibleFrom) w.uvar(0);
}

export interface Response {
  readonly correlationId: number;
  readonly body: unknown;
}

export function decodeResponse(api: Api, version: number, payload: Uint8Array): Response {
  const r = new Reader(payload);
  const { correlationId } = codecOf(ResponseHeader, responseHeaderVersion(api, version)).read(r);
  const body = codecOf(api.response, version).read(r);
  if (r.left > 0) throw new WireError(`${r.left} bytes behind ${api.response.name}`);
  return { correlationId, body };
}

/** The payload behind its size: what goes over a connection. */
export function sized(payload: Uint8Array): Uint8Array {
  const w = new Writer(4 + payload.length);
  w.i32(payload.length);
  w.raw(payload);
  return w.done();
}
