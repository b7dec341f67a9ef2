import { badChoice, checkRange, type Rule } from './rule.ts';

export { atLeast, between, betweenOr, notEmpty, oneOf, oneOfAnyCase, type Rule, throttledReplicas } from './rule.ts';

/** The types of Kafka's configuration definitions. */
export type ConfigType = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password';

/** How a broker property may be changed while the broker runs (KIP-226); topic configurations always may. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide';

/** The default of a key that has none and must be given. */
export const required: unique symbol = Symbol('required');

export interface ConfigKey {
  readonly name: string;
  readonly type: ConfigType;
  /** As it would be written in a properties file; null where Kafka has no value. */
  readonly default: string | null | typeof required;
  readonly rule: Rule | undefined;
  /** Known to the broker, not shown to clients. */
  readonly internal: boolean;
  readonly update: UpdateMode;
  /** What the key does, in our words; undefined for a key that is known and does not act. */
  readonly doc: string | undefined;
}

/** One row of a table of keys. */
export function key(
  name: string,
  type: ConfigType,
  defaultValue: string | null | typeof required,
  rest: { rule?: Rule; internal?: boolean; update?: UpdateMode; doc?: string } = {},
): ConfigKey {
  return {
    name,
    type,
    default: defaultValue,
    rule: rest.rule,
    internal: rest.internal ?? false,
    update: rest.update ?? 'read-only',
    doc: rest.doc,
  };
}

export type ConfigValue = boolean | string | number | bigint | readonly string[];

/** A value that does not fit its key; `message` says what is wrong in words an operator can act on. */
export interface ConfigProblem {
  readonly key: string;
  readonly message: string;
}

const integerBounds = {
  short: [-(2n ** 15n), 2n ** 15n - 1n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Reads `text` as the key's type and checks its rule; a string result of `problem` says why it is refused. */
export function parseValue(of: ConfigKey, text: string): { value: ConfigValue } | { problem: string } {
  const wrong = (why: string) => ({ problem: `Invalid value ${text} for configuration ${of.name}: ${why}` });
  const typed = parseType(of, text.trim());
  if (typed === undefined) return wrong(notOfType(of.type));
  const broken = of.rule && breach(of.rule, typed);
  return broken ? wrong(broken) : { value: typed };
}

function notOfType(type: ConfigType): string {
  return type === 'boolean'
    ? 'Expected value to be either true or false'
    : `Not a number of type ${type.toUpperCase()}`;
}

function parseType(of: ConfigKey, text: string): ConfigValue | undefined {
  switch (of.type) {
    case 'boolean':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    case 'short':
    case 'int':
    case 'long': {
      if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
      const value = BigInt(text);
      const [min, max] = integerBounds[of.type];
      if (value < min || value > max) return undefined;
      return of.type === 'long' ? value : Number(value);
    }
    case 'double':
      return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
    case 'list':
      return text === '' ? [] : text.split(',').map(item => item.trim());
    case 'string':
    case 'class':
    case 'password':
      return text;
  }
}

function breach(rule: Rule, value: ConfigValue): string | undefined {
  switch (rule.kind) {
    case 'range':
      return typeof value === 'number' || typeof value === 'bigint' ? checkRange(rule, value) : undefined;
    case 'choice':
      return (Array.isArray(value) ? value : [value]).map(item => badChoice(rule, String(item))).find(bad => bad);
    case 'not-empty':
      return value === '' || (Array.isArray(value) && value.length === 0) ? 'must not be empty' : undefined;
    case 'throttled-replicas':
      return isThrottledReplicas(value as readonly string[])
        ? undefined
        : "must be '*' or a list of partition:broker pairs";
  }
}

function isThrottledReplicas(items: readonly string[]): boolean {
  return (items.length === 1 && items[0] === '*') || items.every(item => /^\d+:\d+$/.test(item));
}
