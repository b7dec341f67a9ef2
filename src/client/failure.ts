import { errorCode, errorOf } from '../protocol/errors.ts';

/** What went wrong between this client and a broker, in words for whoever typed the command. */
export class ClientFailure extends Error {
  override readonly name = 'ClientFailure';
  /** Kafka's code of it; NETWORK_EXCEPTION when the connection was lost, 0 when no broker has said anything. */
  readonly code: number;

  constructor(message: string, code = 0) {
    super(message);
    this.code = code;
  }
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; is a broker running?',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'there is no route to the host',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'the connection was reset',
};

export function unreachable(address: string, error: NodeJS.ErrnoException): ClientFailure {
  const why = causes[error.code ?? ''] ?? error.message;
  return new ClientFailure(`cannot reach ${address}: ${why}`, errorCode.NETWORK_EXCEPTION);
}

/** The failure that `code`, not 0, stands for; the broker's own message is preferred to ours. */
export function refusal(code: number, what: string, message?: string | null): ClientFailure {
  const { name, message: meaning } = errorOf(code);
  return new ClientFailure(`${what}: ${message ?? meaning} (${name})`, code);
}

/** Throws unless `code` is 0. */
export function expectNone(code: number, what: string, message?: string | null): void {
  if (code !== 0) throw refusal(code, what, message);
}
