import { groupBy } from '../../base/group-by.ts';
import { zeroUuid } from '../../base/uuid.ts';
import { createTopics, deleteTopics } from '../../client/admin.ts';
import type { Cluster, TopicMetadata } from '../../client/cluster.ts';
import { ClientFailure, expectNone } from '../../client/failure.ts';
import { errorOf } from '../../protocol/errors.ts';
import { ProduceRequest, ProduceResponse } from '../../protocol/messages/00-produce.ts';
import { encodeBatch } from '../../protocol/records/batch.ts';

export interface PartitionsLoad {
  /** Names begin with it. */
  readonly topic: string;
  readonly topics: number;
  readonly partitionsEach: number;
}

export interface PartitionsFigures {
  readonly partitions: number;
  /** From the first request until the broker says that all are created. */
  readonly createdSeconds: number;
  /** From the first request until a record has been acknowledged (acks=all) by every partition. */
  readonly usableSeconds: number;
  /** Produce attempts that came too early and were made again. */
  readonly early: number;
}

/** Partitions in one CreateTopics, and in one Produce: well below what any broker takes. */
const createdAtOnce = 2_000;
const producedAtOnce = 1_000;
const ackTimeoutMs = 30_000;
const usableDeadlineMs = 300_000;
const againMs = 5;

interface Place {
  readonly topic: TopicMetadata;
  readonly partition: number;
  readonly leader: number;
}

/** Creates partitions and writes a record to each of them. Refused when a topic is there already. */
export async function loadPartitions(cluster: Cluster, load: PartitionsLoad): Promise<PartitionsFigures> {
  const names = Array.from({ length: load.topics }, (_, i) => `${load.topic}-${i}`);
  const beganMs = performance.now();
  const seconds = (): number => (performance.now() - beganMs) / 1000;
  const each = Math.max(1, Math.floor(createdAtOnce / load.partitionsEach));
  for (let i = 0; i < names.length; i += each) {
    const some = names.slice(i, i + each);
    const topics = some.map(name => ({ name, partitions: load.partitionsEach, replicationFactor: -1 }));
    await createTopics(
      cluster,
      topics.map(topic => ({ ...topic, configs: new Map() })),
      false,
    );
  }
  const createdSeconds = seconds();
  const early = await writeToAll(cluster, names, load.partitionsEach);
  return { partitions: load.topics * load.partitionsEach, createdSeconds, usableSeconds: seconds(), early };
}

export const removePartitions = (cluster: Cluster, { topic, topics }: PartitionsLoad): Promise<void> =>
  deleteTopics(
    cluster,
    Array.from({ length: topics }, (_, i) => `${topic}-${i}`),
  );

/** Until each partition has acknowledged a record; returns how many attempts were too early. */
async function writeToAll(cluster: Cluster, names: readonly string[], partitionsEach: number): Promise<number> {
  const giveUpMs = performance.now() + usableDeadlineMs;
  let early = 0;
  for (let missing = new Set(names); missing.size > 0; ) {
    if (performance.now() > giveUpMs) throw new ClientFailure(`${missing.size} topics could not be written to`);
    const { topics } = await cluster.metadata([...missing]);
    const places = topics.flatMap(topic =>
      topic.partitions.map(p => ({ topic, partition: p.partitionIndex, leader: p.leaderId })),
    );
    const ready = places.filter(({ leader }) => leader >= 0);
    early += missing.size * partitionsEach - ready.length;
    const written = await writtenTo(cluster, ready);
    early += ready.length - written.length;
    // A topic is done when all of it was written to in one go; what was written before is written again.
    const whole = groupBy(written, place => place.topic.name!);
    missing = new Set([...missing].filter(name => (whole.get(name)?.length ?? 0) < partitionsEach));
    if (missing.size > 0) await new Promise(resolve => setTimeout(resolve, againMs));
  }
  return early;
}

/** Those of `places` that acknowledged a record. */
async function writtenTo(cluster: Cluster, places: readonly Place[]): Promise<Place[]> {
  const all: Promise<Place[]>[] = [];
  for (const [leader, some] of groupBy(places, place => place.leader)) {
    for (let i = 0; i < some.length; i += producedAtOnce)
      all.push(produce(cluster, leader, some.slice(i, i + producedAtOnce)));
  }
  return (await Promise.all(all)).flat();
}

async function produce(cluster: Cluster, leader: number, places: readonly Place[]): Promise<Place[]> {
  const connection = await cluster.node(leader);
  const byName = connection.versionOf(ProduceRequest) < 13;
  const records = encodeBatch({ records: [{ timestamp: BigInt(Date.now()), value: Buffer.from('usable') }] });
  const answer = await connection.call(ProduceRequest, ProduceResponse, {
    acks: -1,
    timeoutMs: ackTimeoutMs,
    topicData: [...groupBy(places, place => place.topic)].map(([topic, some]) => ({
      name: byName ? topic.name! : '',
      topicId: byName ? zeroUuid : topic.topicId,
      partitionData: some.map(({ partition }) => ({ index: partition, records })),
    })),
  });
  const keyOf = (topic: string, partition: number): string => `${topic} ${partition}`;
  const byKey = new Map(places.map(p => [keyOf(byName ? p.topic.name! : p.topic.topicId, p.partition), p]));
  const written: Place[] = [];
  for (const { name, topicId, partitionResponses } of answer.responses) {
    for (const { index, errorCode, errorMessage } of partitionResponses) {
      if (errorCode !== 0 && !errorOf(errorCode).retriable)
        expectNone(errorCode, `partition ${index} of ${name}`, errorMessage);
      const place = byKey.get(keyOf(byName ? name! : topicId, index));
      if (errorCode === 0 && place) written.push(place);
    }
  }
  return written;
}
