/** What occurs more than once, each once, in order of the second occurrence. */
export function duplicatesOf<T>(items: Iterable<T>): ReadonlySet<T> {
  const seen = new Set<T>();
  const twice = new Set<T>();
  for (const item of items) {
    if (seen.has(item)) twice.add(item);
    seen.add(item);
  }
  return twice;
}
