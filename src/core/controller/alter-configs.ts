// IncrementalAlterConfigs (API 44) for topics and brokers. A resource changes as a whole or not at all; what was set on
// it before counts when the result is judged.
import { isRefusal, refuse } from '../../base/result.ts';
import { configsOf, type MetadataImage, resourceType } from '../metadata/image.ts';
import type { MetadataRecordInit } from '../metadata/records.ts';
import { invalidTopicName } from '../metadata/topic-names.ts';
import {
  type Decide,
  type Deciding,
  type Outcome,
  recordsPerDecisionMax,
  success,
  type WireRefusal,
} from './decision.ts';
import { duplicatesOf } from './duplicates.ts';
import type { ConfigRules } from './settings.ts';

/** AlterConfigOp's ids (KIP-339). */
export const configOperation = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

export interface AlterableConfig {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

export interface AlterableResource {
  readonly resourceType: number;
  /** '' on a broker resource means the default of all brokers. */
  readonly resourceName: string;
  readonly configs: readonly AlterableConfig[];
}

export interface AlterConfigsAsk {
  readonly resources: readonly AlterableResource[];
  readonly validateOnly: boolean;
}

export interface AlteredResource extends Outcome {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Resources whose configurations Kafka has and nothing acts by here, and why. */
export const unservedConfigs: ReadonlyMap<number, string> = new Map([
  [
    resourceType.group,
    'Configurations of groups are not served yet: they are for groups of the consumer, share and streams protocols',
  ],
  [resourceType.clientMetrics, 'Subscriptions to client metrics are not served yet'],
]);

/** Longest value of one config in UTF-16 units, as Kafka counts. */
const valueLengthMax = 32767;

export function alterConfigs(ask: AlterConfigsAsk, nodeId: number, rules: ConfigRules) {
  return ((at: Deciding) => {
    const records: MetadataRecordInit[] = [];
    const reply: AlteredResource[] = [];
    const twice = duplicatesOf(ask.resources.map(keyOf));
    for (const resource of ask.resources) {
      const { resourceType, resourceName } = resource;
      const changed = twice.has(keyOf(resource))
        ? invalidRequest('Each resource must appear at most once.')
        : alterResource(at.image, resource, nodeId, rules);
      if (isRefusal(changed)) {
        reply.push({ resourceType, resourceName, error: changed.refused, message: changed.message });
        continue;
      }
      for (const [name, value] of changed) {
        records.push({ type: 'config', version: 0, data: { resourceType, resourceName, name, value } });
      }
      reply.push({ resourceType, resourceName, ...success });
    }
    if (records.length > recordsPerDecisionMax) {
      return refuse('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.');
    }
    return { records: ask.validateOnly ? [] : records, reply };
  }) satisfies Decide<readonly AlteredResource[]>;
}

const keyOf = ({ resourceType, resourceName }: AlterableResource): string => `${resourceType}:${resourceName}`;
const invalidRequest = (message: string): WireRefusal => refuse('INVALID_REQUEST', message);

/** The values that change, null for "no longer set". */
function alterResource(
  image: MetadataImage,
  resource: AlterableResource,
  nodeId: number,
  rules: ConfigRules,
): ReadonlyMap<string, string | null> | WireRefusal {
  const bad = malformed(resource) ?? badResource(resource, nodeId);
  if (bad !== undefined) return bad;
  const { resourceType: type, resourceName } = resource;
  const before = configsOf(image, type, resourceName);
  const after = new Map(before);
  const changed = new Map<string, string | null>();
  for (const config of resource.configs) {
    const value = valueAfter(before.get(config.name), config, type, rules);
    if (isRefusal(value)) return value;
    if (value === null) after.delete(config.name);
    else after.set(config.name, value);
    if ((value?.length ?? 0) > valueLengthMax) {
      return refuse(
        'INVALID_CONFIG',
        `The configuration value cannot be added because it exceeds the maximum value size of ${valueLengthMax} bytes.`,
      );
    }
    // A broker reloads what is set again, even to the same value: files behind it may have changed (KAFKA-14136).
    if (type === resourceType.broker || value !== (before.get(config.name) ?? null)) changed.set(config.name, value);
  }
  if (type === resourceType.broker) {
    const set = new Map([...changed].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
    const invalid = rules.invalidBrokerConfigs(set, resourceName);
    return invalid === undefined ? changed : invalidRequest(invalid);
  }
  const invalid = rules.invalidTopicConfigs(after);
  if (invalid !== undefined) return refuse('INVALID_CONFIG', invalid);
  if (image.topicIdsByName.has(resourceName)) return changed;
  return refuse('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${resourceName}' does not exist.`);
}

function malformed({ resourceType: type, configs }: AlterableResource): WireRefusal | undefined {
  if (duplicatesOf(configs.map(({ name }) => name)).size > 0)
    return invalidRequest('Error due to duplicate config keys');
  const nulls = configs.filter(config => config.configOperation !== configOperation.delete && config.value === null);
  if (nulls.length > 0)
    return invalidRequest(`Null value not supported for : ${nulls.map(({ name }) => name).join(', ')}`);
  const unknown = configs.find(
    config => config.configOperation < 0 || config.configOperation > configOperation.subtract,
  );
  if (unknown === undefined) return undefined;
  const message = `Unknown operations type ${unknown.configOperation}`;
  // Kafka's broker checks this for broker resources only; for others its controller trips over it.
  return type === resourceType.broker ? invalidRequest(message) : refuse('UNKNOWN_SERVER_ERROR', message);
}

function badResource({ resourceType: type, resourceName }: AlterableResource, nodeId: number): WireRefusal | undefined {
  switch (type) {
    case resourceType.topic: {
      if (resourceName === '') return invalidRequest('Default topic resources are not allowed.');
      const invalid = invalidTopicName(resourceName);
      return invalid === undefined ? undefined : refuse('INVALID_TOPIC_EXCEPTION', invalid);
    }
    case resourceType.broker:
      if (resourceName === '' || resourceName === String(nodeId)) return undefined;
      return /^-?\d+$/.test(resourceName)
        ? invalidRequest(`Unexpected broker id, expected ${nodeId}, but received ${resourceName}`)
        : invalidRequest(`Node id must be an integer, but it is: ${resourceName}`);
    default:
      return invalidRequest(unservedConfigs.get(type) ?? `Unknown resource type ${type}`);
  }
}

function valueAfter(
  before: string | undefined,
  { name, configOperation: operation, value }: AlterableConfig,
  type: number,
  rules: ConfigRules,
): string | null | WireRefusal {
  if (operation === configOperation.set) return value;
  if (operation === configOperation.delete) return null;
  const verb = operation === configOperation.append ? 'APPEND' : 'SUBTRACT';
  if (!rules.isList(type, name)) {
    return refuse('INVALID_CONFIG', `Can't ${verb} to key ${name} because its type is not LIST.`);
  }
  const parts = new Set((before ?? rules.defaultOf(type, name)).split(',').filter(part => part !== ''));
  for (const part of value!.split(',')) {
    if (operation === configOperation.append) parts.add(part);
    else parts.delete(part);
  }
  return [...parts].join(',');
}
