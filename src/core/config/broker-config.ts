import { brokerKeys } from './broker-keys.ts';
import { type ConfigKey, type ConfigProblem, type ConfigValue, parseValue, required } from './key.ts';
import { nearest } from './nearest.ts';

const keysByName: ReadonlyMap<string, ConfigKey> = new Map(brokerKeys.map(key => [key.name, key]));

/** `listener.name.<listener>.<key>` sets a property for one listener (KIP-103). */
const listenerPrefix = /^listener\.name\.[^.]+\./;

export function brokerKey(name: string): ConfigKey | undefined {
  return keysByName.get(name);
}

/** What reading a broker's properties brought to light, besides the values. */
export interface Findings {
  /** Unknown or ill-typed properties, each in words with the nearest known name. */
  readonly problems: readonly ConfigProblem[];
  /** Known properties that were set and do not act yet. */
  readonly idle: readonly string[];
}

/** Where a value was set: dynamically on this broker, dynamically on all brokers, in its properties file. */
export type SetSource = 'dynamicBroker' | 'dynamicDefault' | 'broker';

interface Layer {
  readonly source: SetSource;
  readonly values: ReadonlyMap<string, string>;
}

/** The typed properties of one broker: what was set, else Kafka's default. Immutable. */
export class BrokerConfig {
  /** The one that counts first. */
  readonly #layers: readonly Layer[];
  readonly #set: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, ConfigValue>;

  private constructor(layers: readonly Layer[], set: ReadonlyMap<string, string>, values: Map<string, ConfigValue>) {
    this.#layers = layers;
    this.#set = set;
    this.#values = values;
  }

  static read(properties: ReadonlyMap<string, string>): { config: BrokerConfig; findings: Findings } {
    const problems: ConfigProblem[] = [];
    const idle: string[] = [];
    const values = new Map<string, ConfigValue>();
    for (const [name, text] of properties) {
      const of = keysByName.get(name.replace(listenerPrefix, ''));
      if (!of) {
        problems.push({ key: name, message: unknownProperty(name) });
        continue;
      }
      const parsed = parseValue(of, text);
      if ('problem' in parsed) problems.push({ key: name, message: parsed.problem });
      else values.set(name, parsed.value);
      if (of.doc === undefined) idle.push(name);
    }
    const set = new Map(properties);
    return { config: new BrokerConfig([{ source: 'broker', values: set }], set, values), findings: { problems, idle } };
  }

  /** The same properties file with these values, which must fit their keys, set dynamically. */
  withDynamic(defaults: ReadonlyMap<string, string>, own: ReadonlyMap<string, string>): BrokerConfig {
    const file = this.#layers.find(({ source }) => source === 'broker')!;
    const set = new Map([...file.values, ...defaults, ...own]);
    const layers: Layer[] = [
      { source: 'dynamicBroker', values: own },
      { source: 'dynamicDefault', values: defaults },
      file,
    ];
    const { config } = BrokerConfig.read(set);
    return new BrokerConfig(layers, set, new Map(config.#values));
  }

  /** What was set under this name, the value that counts first. */
  settings(name: string): readonly { readonly value: string; readonly source: SetSource }[] {
    return this.#layers.flatMap(({ source, values }) => {
      const value = values.get(name);
      return value === undefined ? [] : [{ value, source }];
    });
  }

  /** True when the property was given, whatever its value. */
  isSet(name: string): boolean {
    return this.#set.has(name);
  }

  /** Every property that was given, as it was written. */
  entries(): ReadonlyMap<string, string> {
    return this.#set;
  }

  /** The value as text, as DescribeConfigs shows it; null where there is none. */
  raw(name: string): string | null {
    const given = this.#set.get(name);
    if (given !== undefined) return given.trim();
    const fallback = known(name).default;
    return fallback === required ? null : fallback;
  }

  boolean(name: string): boolean {
    return this.#typed(name, 'boolean') as boolean;
  }

  /** int and short properties. */
  int(name: string): number {
    return this.#typed(name, 'number') as number;
  }

  double(name: string): number {
    return this.#typed(name, 'number') as number;
  }

  long(name: string): bigint {
    return this.#typed(name, 'bigint') as bigint;
  }

  text(name: string): string {
    return this.#typed(name, 'string') as string;
  }

  list(name: string): readonly string[] {
    return this.#typed(name, 'object') as readonly string[];
  }

  /** The typed value, or undefined where neither a value nor a default is. */
  optional(name: string): ConfigValue | undefined {
    const given = this.#values.get(name);
    if (given !== undefined) return given;
    const of = known(name);
    if (of.default === null || of.default === required) return undefined;
    const parsed = parseValue(of, of.default);
    if ('problem' in parsed) throw new Error(`the default of ${name} does not fit its type`);
    return parsed.value;
  }

  #typed(name: string, type: string): ConfigValue {
    const value = this.optional(name);
    if (value === undefined) throw new Error(`${name} has no value`);
    if (typeof value !== type) throw new Error(`${name} is a ${typeof value}, asked for as ${type}`);
    return value;
  }
}

function known(name: string): ConfigKey {
  const of = keysByName.get(name);
  if (!of) throw new Error(`${name} is no broker property`);
  return of;
}

function unknownProperty(name: string): string {
  const near = nearest(name, keysByName.keys());
  return `Unknown property ${name}${near ? `; did you mean ${near}?` : ''}`;
}
