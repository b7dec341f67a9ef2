// What a batch of records changed, for whoever acts on it: leadership of the data plane, cached answers, logs.
import type { MetadataImage, TopicImage } from './image.ts';

export interface TopicChange {
  readonly before: TopicImage;
  readonly after: TopicImage;
}

export interface MetadataDelta {
  readonly before: MetadataImage;
  readonly after: MetadataImage;
  /** A topic that came and went within the batch is in neither list; one deleted and created anew is in both. */
  readonly topics: {
    readonly created: readonly TopicImage[];
    readonly deleted: readonly TopicImage[];
    readonly changed: readonly TopicChange[];
  };
  /** Resources whose overrides were touched; those of deleted topics are not listed. */
  readonly configs: readonly { readonly type: number; readonly name: string }[];
  /** Ids of brokers that were registered, changed or removed. */
  readonly brokers: readonly number[];
  readonly features: boolean;
  readonly producerIds: boolean;
}
