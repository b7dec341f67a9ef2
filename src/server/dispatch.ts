// From a `request` event to its answer. What Kafka closes the connection over is closed here: a header or body that does
// not parse, an API or version that is not served. One version is special: an ApiVersions request of an unknown version
// is answered in version 0 with UNSUPPORTED_VERSION and the versions of ApiVersions itself (KIP-511).
import type { Eventual } from '../base/eventual.ts';
import { apiOf, apiVersionsKey } from '../protocol/api.ts';
import { codecOf } from '../protocol/codec.ts';
import { errorCode } from '../protocol/errors.ts';
import { readRequestHeader, writeResponseHeader } from '../protocol/frame.ts';
import { ApiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import type { RequestHeader } from '../protocol/messages/header.ts';
import { Reader, WireError, Writer } from '../protocol/wire.ts';
import type { ConnectionHandle, DataPlane, PlaneEvent } from '../runtime/ports.ts';
import type { ListenerIdentity, ServedApi } from './api.ts';
import { Gate } from './gate.ts';
import { KnownAnswers } from './known-answers.ts';
import type { Log } from './log.ts';

export type RequestEvent = Extract<PlaneEvent, { type: 'request' }>;

/** One listener's identity and the APIs that it answers. */
export interface ServedListener extends ListenerIdentity {
  readonly apis: ReadonlyMap<number, ServedApi>;
}

export const apiTable = (apis: readonly ServedApi[]): ReadonlyMap<number, ServedApi> =>
  new Map(apis.map(api => [api.key, api]));

/**
 * Answers the frames that the data plane does not answer itself. The plane holds back what follows on a connection until
 * it is answered, so nothing here keeps order.
 */
export class Dispatcher {
  private readonly gate = new Gate();
  private readonly known: KnownAnswers;
  private readonly plane: Pick<DataPlane, 'submit'>;
  /** In the order of the plane's `listen` calls. */
  private readonly listeners: readonly ServedListener[];
  private readonly log: Log;
  /** Requests that came before there is anything to answer with: at most one of each connection. */
  private early: RequestEvent[] | undefined = [];

  constructor(plane: Pick<DataPlane, 'submit'>, listeners: readonly ServedListener[], log: Log) {
    this.plane = plane;
    this.known = new KnownAnswers(plane);
    this.listeners = listeners;
    this.log = log;
  }

  request(event: RequestEvent): void {
    if (this.early !== undefined) {
      this.early.push(event);
      return;
    }
    const { connection } = event;
    const listener = this.listeners[event.listener];
    if (listener === undefined || !this.gate.enter()) {
      this.disconnect(connection);
      return;
    }
    try {
      const answer = this.answer(event, listener);
      if (answer instanceof Promise) {
        answer
          .then(response => this.respond(connection, response))
          .catch(cause => this.failed('an answer', cause))
          .finally(() => this.gate.leave());
        return;
      }
      if (answer === undefined) this.disconnect(connection);
      else this.respond(connection, answer);
    } catch (cause) {
      if (!(cause instanceof WireError)) this.failed('a request', cause);
      this.disconnect(connection);
    }
    this.gate.leave();
  }

  /** The metadata changes; before anybody is told of it. */
  metadataChanges(): void {
    this.known.forget();
  }

  /** Begins to answer, with what came meanwhile. */
  open(): void {
    const early = this.early ?? [];
    this.early = undefined;
    for (const event of early) this.request(event);
  }

  /** Refuses further requests (their connections are closed) and resolves when those in flight are answered. */
  close(): Promise<void> {
    const closed = this.gate.close();
    this.open();
    return closed;
  }

  /** Undefined: close the connection. Throws WireError for what does not parse. */
  private answer(event: RequestEvent, listener: ServedListener): Eventual<Uint8Array> | undefined {
    const reader = new Reader(event.frame);
    const header = readRequestHeader(reader);
    const { requestApiKey: key, requestApiVersion: version } = header;
    const api = listener.apis.get(key);
    if (api === undefined) return undefined;
    if (version < api.min || version > api.max) {
      return key === apiVersionsKey ? unsupportedApiVersions(header, api) : undefined;
    }
    const context = { version, clientId: header.clientId ?? '', listener, peerAddress: event.peerAddress };
    const begin = (capacity?: number) => begun(header, version, capacity);
    const bodyAt = reader.position;
    let asMeant = true;
    const answer = api.answer(reader, context, begin, cause => {
      asMeant = false;
      this.failed(`${api.name} version ${version}`, cause);
    });
    const { lasts } = api;
    if (lasts !== undefined && asMeant && answer instanceof Uint8Array) {
      const again = () => lasts(new Reader(event.frame.subarray(bodyAt)), context);
      this.known.answered(event.listener, event.frame, answer, again);
    }
    return answer;
  }

  private respond(connection: ConnectionHandle, response: Uint8Array): void {
    this.plane.submit({ type: 'respond', connection, response });
  }

  private disconnect(connection: ConnectionHandle): void {
    this.plane.submit({ type: 'disconnect', connection });
  }

  private failed(what: string, cause: unknown): void {
    const why = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.log.error(`${what} failed unexpectedly: ${why}`);
  }
}

/** A response of which the header is written. */
function begun({ requestApiKey, correlationId }: RequestHeader, version: number, capacity?: number): Writer {
  const writer = new Writer(capacity);
  writeResponseHeader(writer, apiOf(requestApiKey)!, version, correlationId);
  return writer;
}

function unsupportedApiVersions(header: RequestHeader, api: ServedApi): Uint8Array {
  const writer = begun(header, 0);
  codecOf(ApiVersionsResponse, 0).write(writer, {
    errorCode: errorCode.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: api.key, minVersion: api.min, maxVersion: api.max }],
  });
  return writer.done();
}
