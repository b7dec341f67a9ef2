// An image as the records that rebuild it, in the order Kafka's loader expects: features first, because the level of
// metadata.version says how to read the rest; then brokers, topics, configs, producer ids, and what is merely kept.
import { metadataVersionFeature, metadataVersionOf, recordVersions } from './features.ts';
import type { BrokerImage, MetadataImage, PartitionImage, TopicImage } from './image.ts';
import type { MetadataRecordInit } from './records.ts';

/** Replaying what this yields onto an empty image gives `image` again, offset and epoch aside. */
export function* snapshotRecords(image: MetadataImage): Iterable<MetadataRecordInit> {
  const versions = recordVersions(metadataVersionOf(image));
  yield* featureRecords(image);
  for (const broker of image.brokers.values()) yield registerBrokerRecord(broker, versions.registerBroker);
  for (const { id: controllerId, endpoints: endPoints, ...rest } of image.controllers.values()) {
    yield { type: 'registerController', version: 0, data: { controllerId, endPoints, ...rest } };
  }
  for (const topic of image.topicsById.values()) yield* topicRecords(topic, versions.partition);
  for (const [key, configs] of image.configs) {
    const colon = key.indexOf(':');
    const [resourceType, resourceName] = [Number(key.slice(0, colon)), key.slice(colon + 1)];
    for (const [name, value] of configs) {
      yield { type: 'config', version: 0, data: { resourceType, resourceName, name, value } };
    }
  }
  if (image.nextProducerId > 0n) {
    const { id: brokerId, epoch: brokerEpoch } = image.producerIdsBroker;
    yield { type: 'producerIds', version: 0, data: { brokerId, brokerEpoch, nextProducerId: image.nextProducerId } };
  }
  yield* image.kept.values();
}

function* featureRecords(image: MetadataImage): Iterable<MetadataRecordInit> {
  const level = image.features.get(metadataVersionFeature);
  if (level !== undefined) yield featureRecord(metadataVersionFeature, level);
  for (const [name, featureLevel] of image.features) {
    if (name !== metadataVersionFeature) yield featureRecord(name, featureLevel);
  }
}

export const featureRecord = (name: string, featureLevel: number): MetadataRecordInit => ({
  type: 'featureLevel',
  version: 0,
  data: { name, featureLevel },
});

/** Fields that `version` does not know are left at their defaults, as Kafka does when it writes for older brokers. */
export function registerBrokerRecord(broker: BrokerImage, version: number): MetadataRecordInit {
  const { id: brokerId, epoch: brokerEpoch, endpoints: endPoints, logDirs, cordonedLogDirs, ...rest } = broker;
  const data = { brokerId, brokerEpoch, endPoints, ...rest };
  return {
    type: 'registerBroker',
    version,
    data: {
      ...data,
      ...(version >= 3 && { logDirs }),
      ...(version >= 4 && { cordonedLogDirs }),
    },
  };
}

function* topicRecords(topic: TopicImage, version: number): Iterable<MetadataRecordInit> {
  yield { type: 'topic', version: 0, data: { topicId: topic.id, name: topic.name } };
  for (const partition of topic.partitions) yield partitionRecord(topic.id, partition, version);
}

export function partitionRecord(
  topicId: TopicImage['id'],
  partition: PartitionImage,
  version: number,
): MetadataRecordInit {
  const { index: partitionId, directories, elr, lastKnownElr, ...rest } = partition;
  return {
    type: 'partition',
    version,
    data: {
      topicId,
      partitionId,
      ...rest,
      directories: version >= 1 ? directories : [],
      // Null and empty mean the same; Kafka writes the shorter one.
      ...(version >= 2 && elr.length > 0 && { eligibleLeaderReplicas: elr }),
      ...(version >= 2 && lastKnownElr.length > 0 && { lastKnownElr }),
    },
  };
}
