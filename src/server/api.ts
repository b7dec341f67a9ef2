// What a handler is: one API's messages and the function between them. Handlers return values; whatever goes wrong with
// a request as a whole is a Refusal, which the API itself spells in the shape of its answer (Kafka's "error response").
import type { Eventual } from '../base/eventual.ts';
import { isRefusal, type Refusal, refuse } from '../base/result.ts';
import { codecOf } from '../protocol/codec.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { Fields, In, Infer, Init, Message } from '../protocol/schema.ts';
import type { Reader, Writer } from '../protocol/wire.ts';

/** A listener of this broker as requests see it. */
export interface ListenerIdentity {
  /** Kafka's listener name, 'PLAINTEXT'; it selects the addresses that answers name. */
  readonly name: string;
}

/** What is known of a request beside its body. */
export interface RequestContext {
  readonly version: number;
  /** '' when the client sent none. */
  readonly clientId: string;
  readonly listener: ListenerIdentity;
  readonly peerAddress: string;
}

/** A response body that is already in wire form. */
export class Encoded {
  readonly body: Uint8Array;

  constructor(body: Uint8Array) {
    this.body = body;
  }
}

export type ApiRefusal = Refusal<ErrorName>;
export type Answer<S extends Fields> = Init<Message<S>> | Encoded | ApiRefusal;

export interface Handler<Q extends Fields, S extends Fields> {
  readonly request: Message<Q>;
  readonly response: Message<S>;
  /** First version answered, when that is above the schema's first. */
  readonly min?: number;
  /** Last version answered, when that is below the schema's last (which may be unstable). */
  readonly max?: number;
  handle(request: Infer<Message<Q>>, context: RequestContext): Eventual<Answer<S>>;
  /** What the codec would read, for requests that come very often. */
  read?(body: Reader, version: number): Infer<Message<Q>>;
  /** Of the response with its header, where only the version decides that. */
  responseBytes?(version: number): number;
  /**
   * Whether the same request would be answered in the same way until the metadata changes, and asking has no effect: see
   * known-answers.ts. Without it an API's answers never last.
   */
  lasts?(request: Infer<Message<Q>>, context: RequestContext): boolean;
  /** The answer that says `refusal` in every place where a client looks for an error. */
  refused(refusal: ApiRefusal, request: Infer<Message<Q>>, context: RequestContext): Init<Message<S>>;
}

/** A handler with its types erased: bytes in, bytes out. */
export interface ServedApi {
  readonly key: number;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /**
   * Reads the body and answers it, behind what lies in the writer that `begin` makes. Throws WireError, synchronously, for
   * a body that is not one; every other failure is an answer, and `unexpected` hears of those that are ours.
   */
  answer(
    body: Reader,
    context: RequestContext,
    begin: (capacity?: number) => Writer,
    unexpected: (cause: unknown) => void,
  ): Eventual<Uint8Array>;
  /** Handler.lasts of a body that was answered. */
  readonly lasts?: (body: Reader, context: RequestContext) => boolean;
}

export function serve<Q extends Fields, S extends Fields>(handler: Handler<Q, S>): ServedApi {
  const { request, response } = handler;
  const released = request.latestUnstable === true ? request.max - 1 : request.max;

  const write = (
    writer: Writer,
    answer: Answer<S>,
    decoded: Infer<Message<Q>>,
    context: RequestContext,
  ): Uint8Array => {
    if (answer instanceof Encoded) {
      writer.raw(answer.body);
      return writer.done();
    }
    const value = isRefusal(answer) ? handler.refused(answer as ApiRefusal, decoded, context) : answer;
    codecOf(response, context.version).write(writer, value as In<S>);
    return writer.done();
  };

  return {
    key: request.key,
    name: request.name.replace(/Request$/, ''),
    min: handler.min ?? request.min,
    max: handler.max ?? released,
    ...(handler.lasts !== undefined && {
      lasts: (body: Reader, context: RequestContext) =>
        handler.lasts!(codecOf(request, context.version).read(body), context),
    }),
    answer(body, context, begin, unexpected) {
      // Kafka does not look behind the last field either, so trailing bytes are no error.
      const { version } = context;
      const decoded = handler.read?.(body, version) ?? codecOf(request, version).read(body);
      const encoded = (answer: Answer<S>): Uint8Array =>
        write(begin(handler.responseBytes?.(version)), answer, decoded, context);
      const failed = (cause: unknown): Uint8Array => {
        unexpected(cause);
        const refusal = refuse<ErrorName>('UNKNOWN_SERVER_ERROR', 'The server experienced an unexpected error.');
        return encoded(refusal);
      };
      try {
        const answer = handler.handle(decoded, context);
        if (answer instanceof Promise) return answer.then(encoded).catch(failed);
        return encoded(answer);
      } catch (cause) {
        return failed(cause);
      }
    },
  };
}
