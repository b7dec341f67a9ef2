// Leadership on the only broker: a start bumps the leader epoch of every partition it leads, so that a client which
// talked to the previous incarnation is fenced (KIP-320).
import { metadataVersionOf, recordVersions } from '../metadata/features.ts';
import { type MetadataImage, noLeader, type PartitionImage, type TopicImage } from '../metadata/image.ts';
import type { MetadataRecordInit } from '../metadata/records.ts';
import type { Decide, Deciding } from './decision.ts';

/** Partitions changed by one decision. A start with more takes several; each is atomic, the whole need not be. */
export const electionsPerDecisionMax = 2_000;

export interface Elections {
  /** Partitions that were given this leader. */
  readonly changed: number;
  /** Where to go on: a partition to look at first; undefined when all were looked at. */
  readonly next: PartitionCursor | undefined;
}

export interface PartitionCursor {
  readonly topic: number;
  readonly partition: number;
}

const start: PartitionCursor = { topic: 0, partition: 0 };

/** Makes `brokerId` the leader, in a new epoch, of every partition from `from` on whose ISR it is in. */
export function electLeaders(brokerId: number, from: PartitionCursor = start) {
  return ((at: Deciding) => {
    const records: MetadataRecordInit[] = [];
    const { partition: version } = recordVersions(metadataVersionOf(at.image));
    const done = (next: PartitionCursor | undefined) => ({ records, reply: { changed: records.length, next } });
    let position = 0;
    for (const topic of inOrder(at.image)) {
      if (position >= from.topic) {
        const first = position === from.topic ? from.partition : 0;
        for (const partition of topic.partitions.slice(first)) {
          if (records.length === electionsPerDecisionMax) return done({ topic: position, partition: partition.index });
          if (!mayLead(partition, brokerId)) continue;
          const data = { topicId: topic.id, partitionId: partition.index, leader: brokerId };
          records.push({ type: 'partitionChange', version, data });
        }
      }
      position++;
    }
    return done(undefined);
  }) satisfies Decide<Elections>;
}

const mayLead = ({ isr, leader }: PartitionImage, brokerId: number): boolean =>
  isr.includes(brokerId) && (leader === brokerId || leader === noLeader);

// The cursor counts topics, so nothing may be created or deleted between two decisions: true during a start.
const inOrder = (image: MetadataImage): Iterable<TopicImage> => image.topicsById.values();
