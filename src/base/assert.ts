// Bugs are neither refusals nor environment failures: a broken invariant stops the process, because a wrong broker is
// worse than none. Never use these on input from outside.

export class AssertionError extends Error {
  override name = 'AssertionError';
}

/** Throws AssertionError unless `condition` holds. State the invariant positively in `message`. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The end of an exhaustive switch: adding a case to the union breaks the build here. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
