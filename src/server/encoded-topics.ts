// Topics of Metadata answers in wire form, kept for as long as they are true, so that a thousand clients that reconnect
// cost copies of bytes and not encodings of partitions. A topic's image is immutable: it is the key. What else an encoded
// topic depends on is the version, the listener, and the brokers; another set of brokers empties the cache.
import type { MetadataImage, TopicImage } from '../core/metadata/image.ts';
import { isInternalTopic } from '../core/metadata/topic-names.ts';
import { codecOf } from '../protocol/codec.ts';
import { errorCode } from '../protocol/errors.ts';
import { MetadataResponse } from '../protocol/messages/03-metadata.ts';
import type { Fields, Message } from '../protocol/schema.ts';
import { Writer } from '../protocol/wire.ts';
import { operationsNotAsked, topicOperations } from './authorized-operations.ts';
import { partitionView, type ViewRules } from './views.ts';

/** One topic of a Metadata answer, as the schema types it. */
export type MetadataTopic = MetadataResponse['topics'][number];

export interface TopicForm {
  readonly version: number;
  readonly listener: string;
  readonly withOperations: boolean;
}

const firstWithListenerErrors = 6;
const firstWithOperations = 8;

const viewRules = (version: number): ViewRules => ({
  errorUnavailableEndpoints: version === 0,
  errorUnavailableListeners: version >= firstWithListenerErrors,
});

export const operationsOf = ({ version, withOperations }: TopicForm): number =>
  version >= firstWithOperations && withOperations ? topicOperations : operationsNotAsked;

/** The schema of one topic, taken out of that of the answer. */
const topicMessage: Message = (() => {
  const { node } = MetadataResponse.fields.topics.life;
  if (node.kind !== 'array' || node.of.kind !== 'struct') throw new Error('topics of Metadata are not structs');
  const { min, max, flexibleFrom, key } = MetadataResponse;
  return { name: 'MetadataResponse.topics[]', key, min, max, flexibleFrom, fields: node.of.fields };
})();

export function encodeTopic(topic: MetadataTopic, version: number): Uint8Array {
  const writer = new Writer();
  codecOf<Fields>(topicMessage, version).write(writer, topic);
  return writer.done();
}

export function topicView(image: MetadataImage, topic: TopicImage, form: TopicForm): MetadataTopic {
  const rules = viewRules(form.version);
  return {
    errorCode: errorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.map(partition => {
      const { error, ...view } = partitionView(image, partition, form.listener, rules);
      return {
        errorCode: errorCode[error],
        partitionIndex: partition.index,
        ...view,
        replicaNodes: [...view.replicaNodes],
        isrNodes: [...view.isrNodes],
        offlineReplicas: [...view.offlineReplicas],
      };
    }),
    topicAuthorizedOperations: operationsOf(form),
  };
}

export class EncodedTopics {
  private brokers: MetadataImage['brokers'] | undefined;
  private byForm = new Map<string, WeakMap<TopicImage, Uint8Array>>();

  of(image: MetadataImage, topic: TopicImage, form: TopicForm): Uint8Array {
    if (image.brokers !== this.brokers) {
      this.brokers = image.brokers;
      this.byForm = new Map();
    }
    const key = `${form.version}/${form.withOperations}/${form.listener}`;
    let encoded = this.byForm.get(key);
    if (encoded === undefined) {
      encoded = new WeakMap();
      this.byForm.set(key, encoded);
    }
    let bytes = encoded.get(topic);
    if (bytes === undefined) {
      bytes = encodeTopic(topicView(image, topic, form), form.version);
      encoded.set(topic, bytes);
    }
    return bytes;
  }
}
