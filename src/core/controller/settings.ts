// What decisions need to know of the broker's configuration. The composition root fills it in (core/config knows the
// keys); values may change with a dynamic config update, so it is asked for at each decision.

export interface TopicSettings {
  /** num.partitions */
  readonly defaultPartitions: number;
  /** default.replication.factor */
  readonly defaultReplicationFactor: number;
  /** delete.topic.enable */
  readonly deleteEnabled: boolean;
}

export interface ConfigRules {
  /** Why these overrides of a topic cannot be, in words for the client; undefined when they can. */
  readonly invalidTopicConfigs: (configs: ReadonlyMap<string, string>) => string | undefined;
  /** The same for what is to be set dynamically on a broker ('' = cluster default), whatever else is set there already. */
  readonly invalidBrokerConfigs: (configs: ReadonlyMap<string, string>, brokerName: string) => string | undefined;
  /** Is the key a list, so that APPEND and SUBTRACT make sense? */
  readonly isList: (resourceType: number, key: string) => boolean;
  /** The value a list key has when nothing was set, '' for none. */
  readonly defaultOf: (resourceType: number, key: string) => string;
}
