/** What the controller's decisions need to know of this broker's configuration. */
import type { BrokerConfig } from '../core/config/broker-config.ts';
import { brokerKey } from '../core/config/broker-config.ts';
import { dynamicConfigProblem } from '../core/config/dynamic-config.ts';
import { required } from '../core/config/key.ts';
import { topicConfigProblem, topicKey } from '../core/config/topic-config.ts';
import type { ConfigRules, TopicSettings } from '../core/controller/settings.ts';
import { resourceType } from '../core/metadata/image.ts';

export const topicSettings = (config: BrokerConfig): TopicSettings => ({
  defaultPartitions: config.int('num.partitions'),
  defaultReplicationFactor: config.int('default.replication.factor'),
  deleteEnabled: config.boolean('delete.topic.enable'),
});

export function configRules(config: BrokerConfig): ConfigRules {
  const keyOf = (type: number, name: string) => (type === resourceType.topic ? topicKey(name) : brokerKey(name));
  return {
    invalidTopicConfigs: overrides => topicConfigProblem(overrides, config)?.message,
    invalidBrokerConfigs: dynamicConfigProblem,
    isList: (type, name) => keyOf(type, name)?.type === 'list',
    defaultOf: (type, name) => {
      const fallback = keyOf(type, name)?.default;
      return fallback === undefined || fallback === null || fallback === required ? '' : fallback;
    },
  };
}
