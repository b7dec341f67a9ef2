/**
 * Why a broker cannot start, or ceased to run: one line that an operator can act on. CONFIG: the properties;
 * PORT_IN_USE, ADDRESS: a listener; LOCKED, IO: a log directory; FORMAT: what a directory holds.
 */
export type StartFailureCode = 'CONFIG' | 'PORT_IN_USE' | 'ADDRESS' | 'LOCKED' | 'IO' | 'FORMAT';

export class StartFailure extends Error {
  override name = 'StartFailure';
  readonly code: StartFailureCode;

  constructor(code: StartFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
