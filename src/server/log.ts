/**
 * Where lifecycle facts go: one line each, none per request. The command line gives pino, an embedded broker what its
 * host passes in, tests a list.
 */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
