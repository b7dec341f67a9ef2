import { errorOf } from '../protocol/errors.ts';

/** What went wrong between this client and a broker, in words for whoever typed the command. */
export class ClientFailure extends Error {
  override readonly name = 'ClientFailure';
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
  return new ClientFailure(`cannot reach ${address}: ${causes[error.code ?? ''] ?? error.message}`);
}

/** Throws unless `code` is 0; the broker's own message is preferred to ours. */
export function expectNone(code: number, what: string, message?: string | null): void {
  if (code === 0) return;
  const { name, message: meaning } = errorOf(code);
  throw new ClientFailure(`${what}: ${message ?? meaning} (${name})`);
}
