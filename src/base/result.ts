// A refusal is an answer, not an accident: a value with a wire code for the client and a reason for the log.

export class Refusal<Code extends string = string> {
  readonly refused: Code;
  readonly message: string;

  constructor(refused: Code, message: string) {
    this.refused = refused;
    this.message = message;
  }
}

export const refuse = <Code extends string>(refused: Code, message: string): Refusal<Code> =>
  new Refusal(refused, message);

export const isRefusal = <T, Code extends string>(value: T | Refusal<Code>): value is Refusal<Code> =>
  value instanceof Refusal;
