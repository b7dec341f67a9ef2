// DescribeConfigs, key 32, versions 1-4. Every key of topics and of this broker with its source, synonyms and type; in our
// words what a key does, nothing for keys that do not act.
import { isRefusal, refuse } from '../../base/result.ts';
import { unservedConfigs } from '../../core/controller/alter-configs.ts';
import { resourceType, topicConfigs } from '../../core/metadata/image.ts';
import { invalidTopicName } from '../../core/metadata/topic-names.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../protocol/messages/32-describe-configs.ts';
import { type ApiRefusal, type ServedApi, serve } from '../api.ts';
import {
  brokerConfigEntries,
  type ConfigEntry,
  configSource,
  defaultConfigEntries,
  topicConfigEntries,
} from '../config-entries.ts';
import type { Services } from '../services.ts';

type Resource = DescribeConfigsRequest['resources'][number];
type Result = DescribeConfigsResponse['results'][number];

const resourceTypes: ReadonlySet<number> = new Set(Object.values(resourceType));

export function describeConfigs(services: Services): ServedApi {
  function entriesOf(resource: Resource): ConfigEntry[] | ApiRefusal {
    const { resourceType: type, resourceName: name } = resource;
    switch (type) {
      case resourceType.topic:
        return topicEntries(name);
      case resourceType.broker: {
        // The empty name stands for the defaults of all brokers that were set dynamically.
        if (name === '') return defaultConfigEntries(services.config);
        return notThisBroker(name) ?? brokerConfigEntries(services.config);
      }
      case resourceType.brokerLogger:
        if (name === '') return refuse('INVALID_REQUEST', 'Broker id must not be empty');
        return notThisBroker(name) ?? [rootLogger];
      default:
        return refuse('INVALID_REQUEST', unservedConfigs.get(type) ?? `Unexpected resource type ${type}`);
    }
  }

  function topicEntries(name: string): ConfigEntry[] | ApiRefusal {
    const invalid = invalidTopicName(name);
    if (invalid !== undefined) return refuse('INVALID_TOPIC_EXCEPTION', invalid);
    const image = services.image();
    if (!image.topicIdsByName.has(name)) return refuse('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${name}`);
    return topicConfigEntries(topicConfigs(image, name), services.config);
  }

  function notThisBroker(name: string): ApiRefusal | undefined {
    if (!/^[+-]?\d+$/.test(name)) {
      return refuse('INVALID_REQUEST', `Broker id must be an integer, but it is: ${name}`);
    }
    if (Number(name) === services.nodeId) return undefined;
    return refuse('INVALID_REQUEST', `Unexpected broker id, expected ${services.nodeId}, but received ${name}`);
  }

  return serve({
    request: DescribeConfigsRequest,
    response: DescribeConfigsResponse,

    handle(request) {
      const unknown = request.resources.find(resource => !resourceTypes.has(resource.resourceType));
      if (unknown !== undefined) {
        const { resourceType: type, resourceName: name } = unknown;
        return refuse('INVALID_REQUEST', `Unexpected resource type ${type} for resource ${name}`);
      }
      return {
        results: request.resources.map(resource => {
          const entries = entriesOf(resource);
          if (isRefusal(entries)) return failed(resource, entries.refused, entries.message);
          return { ...failed(resource, 'NONE', ''), configs: selected(entries, resource, request) };
        }),
      };
    },

    refused: (refusal, request) => ({
      results: request.resources.map(resource => failed(resource, refusal.refused, refusal.message)),
    }),
  });
}

const failed = (resource: Resource, error: ErrorName, errorMessage: string): Result => ({
  errorCode: errorCode[error],
  errorMessage,
  resourceType: resource.resourceType,
  resourceName: resource.resourceName,
  configs: [],
});

function selected(
  entries: readonly ConfigEntry[],
  { configurationKeys: keys }: Resource,
  { includeSynonyms, includeDocumentation }: DescribeConfigsRequest,
): ConfigEntry[] {
  const asked = keys === null || keys.length === 0 ? undefined : new Set(keys);
  return entries
    .filter(({ name }) => asked === undefined || asked.has(name))
    .map(entry => ({
      ...entry,
      synonyms: includeSynonyms ? entry.synonyms : [],
      documentation: includeDocumentation ? entry.documentation : null,
    }));
}

/** Milena logs through one logger. */
const rootLogger: ConfigEntry = {
  name: 'root',
  value: 'INFO',
  readOnly: false,
  configSource: configSource.brokerLogger,
  isSensitive: false,
  synonyms: [],
  configType: 0,
  documentation: null,
};
