// Broker properties that change while the broker runs (KIP-226): what was set on this broker, else on all brokers, else in
// its properties file. Kafka lets many change; here those change that act at once, and the others are refused by name
// rather than stored without effect.
import { type BrokerConfig, brokerKey } from './broker-config.ts';
import { parseValue } from './key.ts';
import { topicSynonyms } from './topic-synonyms.ts';

/** The defaults of topic configurations: a change of theirs reaches every partition that does not set its own. */
const topicDefaults: ReadonlySet<string> = new Set(
  Object.values(topicSynonyms).flatMap(synonyms => synonyms.map(({ key }) => key)),
);

/** Does a dynamic value of this property take effect? */
export function actsDynamically(name: string): boolean {
  const of = brokerKey(name);
  return of !== undefined && of.update !== 'read-only' && of.doc !== undefined && topicDefaults.has(name);
}

/** Why these values cannot be set on a broker, or with the name '' on all of them; undefined when they can. */
export function dynamicConfigProblem(values: ReadonlyMap<string, string>, brokerName: string): string | undefined {
  for (const [name, text] of values) {
    const of = brokerKey(name);
    if (of === undefined) return `Unknown broker config name: ${name}`;
    if (of.update === 'read-only') return `Cannot update this config dynamically: ${name}`;
    if (of.update === 'per-broker' && brokerName === '') {
      return `Cannot update this config at the default cluster level, it must be updated at broker level: ${name}`;
    }
    if (!actsDynamically(name)) {
      return `Changing ${name} while the broker runs is not served yet; set it in the broker's properties`;
    }
    const parsed = parseValue(of, text);
    if ('problem' in parsed) return parsed.problem;
  }
  return undefined;
}

const takesEffect = ([name, text]: readonly [string, string]): boolean =>
  actsDynamically(name) && 'value' in parseValue(brokerKey(name)!, text);

/** `config` with the dynamic values that take effect (one that does not fit its key has none): `own` of this broker before `defaults` of all. */
export function withDynamicConfigs(
  config: BrokerConfig,
  defaults: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, string>,
): BrokerConfig {
  const acting = (values: ReadonlyMap<string, string>) => new Map([...values].filter(takesEffect));
  return config.withDynamic(acting(defaults), acting(own));
}

/** The names that metadata written by others sets dynamically and that do not take effect here. */
export const idleDynamicConfigs = (values: ReadonlyMap<string, string>): string[] =>
  [...values].filter(setting => !takesEffect(setting)).map(([name]) => name);
