// Configuration as clients are shown it: values, where they come from, and what would apply if they were not set
// (KIP-226). The numbers are the protocol's.
import type { BrokerConfig } from '../core/config/broker-config.ts';
import { brokerKey } from '../core/config/broker-config.ts';
import { brokerKeys } from '../core/config/broker-keys.ts';
import { type ConfigKey, type ConfigType, required } from '../core/config/key.ts';
import { effective } from '../core/config/topic-config.ts';
import { topicKeys } from '../core/config/topic-keys.ts';
import { topicSynonyms } from '../core/config/topic-synonyms.ts';
import type { CreateTopicsResponse } from '../protocol/messages/19-create-topics.ts';
import type { DescribeConfigsResponse } from '../protocol/messages/32-describe-configs.ts';

export const configSource = {
  topic: 1,
  dynamicBroker: 2,
  dynamicDefault: 3,
  broker: 4,
  default: 5,
  brokerLogger: 6,
} as const;

const typeCode: Readonly<Record<ConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
};

export type ConfigEntry = DescribeConfigsResponse['results'][number]['configs'][number];
type SynonymEntry = ConfigEntry['synonyms'][number];
export type CreatedConfig = NonNullable<CreateTopicsResponse['topics'][number]['configs']>[number];

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

const shownTopicKeys = (overrides: ReadonlyMap<string, string>): ConfigKey[] =>
  topicKeys.filter(key => !key.internal || overrides.has(key.name)).sort(byName);

/** The whole configuration of a topic in the short form of CreateTopics. */
export function effectiveTopicConfigs(overrides: ReadonlyMap<string, string>, config: BrokerConfig): CreatedConfig[] {
  return shownTopicKeys(overrides).map(key => {
    const { text, source } = effective(key.name, overrides, config);
    return { name: key.name, value: text, readOnly: false, configSource: configSource[source], isSensitive: false };
  });
}

export function topicConfigEntries(overrides: ReadonlyMap<string, string>, config: BrokerConfig): ConfigEntry[] {
  return shownTopicKeys(overrides).map(key => {
    const { text } = effective(key.name, overrides, config);
    // Kafka looks for synonyms under the first broker property of that meaning only.
    const base = topicSynonyms[key.name]?.[0]?.key;
    const inherited = base === undefined ? [] : brokerSynonyms(base, config);
    const own = overrides.has(key.name) ? [{ name: key.name, value: text, source: configSource.topic }] : [];
    return entry(key, text, false, [...own, ...inherited]);
  });
}

export function brokerConfigEntries(config: BrokerConfig): ConfigEntry[] {
  const entries = brokerKeys
    .filter(key => !key.internal)
    .map(key =>
      entry(key, brokerValue(key.name, config), key.update === 'read-only', brokerSynonyms(key.name, config)),
    );
  // Properties of single listeners are in no table of keys.
  for (const [name, value] of config.entries()) {
    const key = brokerKey(name) === undefined ? brokerKey(name.replace(listenerPrefix, '')) : undefined;
    if (key === undefined) continue;
    const synonyms = [{ name, value, source: configSource.broker }, ...brokerSynonyms(key.name, config)];
    entries.push(entry({ ...key, name }, value, key.update === 'read-only', synonyms));
  }
  return entries.sort(byName);
}

/** What was set on all brokers, as `config` acts by it. */
export function defaultConfigEntries(config: BrokerConfig): ConfigEntry[] {
  return brokerConfigEntries(config).flatMap(broker => {
    const synonyms = broker.synonyms.filter(({ source }) => source === configSource.dynamicDefault);
    const own = synonyms.find(({ name }) => name === broker.name);
    return own === undefined ? [] : [{ ...broker, value: own.value, configSource: own.source, synonyms }];
  });
}

const listenerPrefix = /^listener\.name\.[^.]+\./;

function entry(key: ConfigKey, value: string | null, readOnly: boolean, synonyms: SynonymEntry[]): ConfigEntry {
  const isSensitive = key.type === 'password';
  return {
    name: key.name,
    value: isSensitive ? null : value,
    readOnly,
    configSource: synonyms[0]?.source ?? configSource.default,
    isSensitive,
    synonyms: isSensitive ? synonyms.map(synonym => ({ ...synonym, value: null })) : synonyms,
    configType: typeCode[key.type],
    documentation: key.doc ?? null,
  };
}

/** Properties of one meaning in different units, the most precise first; any of them names the others as synonyms. */
const families: readonly (readonly string[])[] = [
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
];

function namesOf(name: string): readonly string[] {
  if (name === 'log.flush.interval.ms') return [name, 'log.flush.scheduler.interval.ms'];
  return families.find(family => family.includes(name)) ?? [name];
}

/** What was set comes before defaults; what precedes the property itself is not shown, as in Kafka. */
function brokerSynonyms(name: string, config: BrokerConfig): SynonymEntry[] {
  const names = namesOf(name);
  const set = names
    .flatMap(synonym => settingsOf(synonym, config).map(({ value, source }) => ({ name: synonym, value, source })))
    .map(synonym => ({ ...synonym, source: configSource[synonym.source] }))
    // Stable: among equals the more precise name stays before the others.
    .sort((a, b) => a.source - b.source);
  const defaults = names.flatMap(synonym => {
    const value = brokerKey(synonym)?.default;
    if (value === undefined || value === null || value === required) return [];
    return [{ name: synonym, value, source: configSource.default }];
  });
  const all = [...set, ...defaults];
  const from = all.findIndex(synonym => synonym.name === name);
  return from < 0 ? [] : all.slice(from);
}

/** node.id and broker.id are one property under two names. */
const twins: Readonly<Record<string, string>> = { 'broker.id': 'node.id', 'node.id': 'broker.id' };

function settingsOf(name: string, config: BrokerConfig): ReturnType<BrokerConfig['settings']> {
  const own = config.settings(name);
  const twin = twins[name];
  return own.length > 0 || twin === undefined ? own : config.settings(twin);
}

const brokerValue = (name: string, config: BrokerConfig): string | null =>
  settingsOf(name, config)[0]?.value ?? config.raw(name);
