// The configuration this broker acts by at the moment: its properties file and what the metadata sets dynamically, for all
// brokers and for this one.
import type { BrokerConfig } from '../core/config/broker-config.ts';
import { idleDynamicConfigs, withDynamicConfigs } from '../core/config/dynamic-config.ts';
import { toLogConfig } from '../core/config/topic-config.ts';
import {
  configsOf,
  type MetadataImage,
  type ResourceConfigs,
  resourceType,
  topicConfigs,
} from '../core/metadata/image.ts';
import type { LogConfig } from '../runtime/ports.ts';

export class LiveConfigs {
  private readonly file: BrokerConfig;
  private readonly nodeId: number;
  /** For the dynamic configurations it was made of; they are asked for far more often than changed. */
  private made:
    | { defaults: ResourceConfigs; own: ResourceConfigs; config: BrokerConfig; shared: LogConfig }
    | undefined;

  constructor(file: BrokerConfig, nodeId: number) {
    this.file = file;
    this.nodeId = nodeId;
  }

  at(image: MetadataImage): BrokerConfig {
    return this.current(image).config;
  }

  /** Most topics set nothing of their own: they share one configuration. */
  readonly logConfigOf = (image: MetadataImage, topic: string): LogConfig => {
    const { config, shared } = this.current(image);
    const overrides = topicConfigs(image, topic);
    return overrides.size === 0 ? shared : toLogConfig(overrides, config);
  };

  /** Dynamic configurations, set by another broker's hand, that do not take effect here. */
  idle(image: MetadataImage): readonly string[] {
    const { defaults, own } = this.current(image);
    return idleDynamicConfigs(new Map([...defaults, ...own]));
  }

  private current(image: MetadataImage) {
    const defaults = configsOf(image, resourceType.broker, '');
    const own = configsOf(image, resourceType.broker, String(this.nodeId));
    if (this.made?.defaults !== defaults || this.made.own !== own) {
      const config = withDynamicConfigs(this.file, defaults, own);
      this.made = { defaults, own, config, shared: toLogConfig(new Map(), config) };
    }
    return this.made;
  }
}
