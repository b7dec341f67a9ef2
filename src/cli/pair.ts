/** `key=value`, the key not empty; undefined for anything else. */
export function pairOf(text: string): readonly [key: string, value: string] | undefined {
  const at = text.indexOf('=');
  return at <= 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}
