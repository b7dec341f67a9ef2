// Mutants: a method of the code under test is replaced while a test looks whether anybody notices.

type Method = (this: never, ...args: never[]) => unknown;
type Methods<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];

/** Replaces a method of a prototype; returns what puts it back. `make` is given the original. */
export function patch<T extends object, K extends Methods<T> & string>(
  target: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => void {
  const original = target[name];
  target[name] = make(original);
  return () => {
    target[name] = original;
  };
}
