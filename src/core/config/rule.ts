/** What a value must satisfy beyond its type; plain data, so that tables can be shown and checked. */
export type Rule =
  | { readonly kind: 'range'; readonly min: number; readonly max: number | undefined; readonly or: number | undefined }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly anyCase: boolean }
  | { readonly kind: 'not-empty' }
  | { readonly kind: 'throttled-replicas' };

export const atLeast = (min: number): Rule => ({ kind: 'range', min, max: undefined, or: undefined });
export const between = (min: number, max: number): Rule => ({ kind: 'range', min, max, or: undefined });
/** `or` is one further value, outside of the range, that stands for "the default". */
export const betweenOr = (min: number, max: number, or: number): Rule => ({ kind: 'range', min, max, or });
export const oneOf = (...values: readonly string[]): Rule => ({ kind: 'choice', values, anyCase: false });
export const oneOfAnyCase = (...values: readonly string[]): Rule => ({ kind: 'choice', values, anyCase: true });
export const notEmpty: Rule = { kind: 'not-empty' };
export const throttledReplicas: Rule = { kind: 'throttled-replicas' };

/** Says which bound `value` breaks, if any. */
export function checkRange(rule: Extract<Rule, { kind: 'range' }>, value: number | bigint): string | undefined {
  const fits = value >= rule.min && (rule.max === undefined || value <= rule.max);
  if (fits || (rule.or !== undefined && Number(value) === rule.or)) return undefined;
  if (rule.or !== undefined) return `Value must be between ${rule.min} and ${rule.max} or equal to ${rule.or}`;
  return value < rule.min ? `Value must be at least ${rule.min}` : `Value must be no more than ${rule.max}`;
}

export function badChoice(rule: Extract<Rule, { kind: 'choice' }>, value: string): string | undefined {
  const same = (a: string, b: string) => (rule.anyCase ? a.toLowerCase() === b.toLowerCase() : a === b);
  return rule.values.some(known => same(known, value)) ? undefined : `String must be one of: ${rule.values.join(', ')}`;
}
