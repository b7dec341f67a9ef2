const begun = new Map<string, Promise<unknown>>();

/** What several tests of a process need, brought by the first that asks: the others wait for it. `name` says what it is. */
export function once<T>(name: string, bring: () => Promise<T>): Promise<T> {
  const known = begun.get(name) as Promise<T> | undefined;
  if (known !== undefined) return known;
  const bringing = bring();
  begun.set(name, bringing);
  return bringing;
}
