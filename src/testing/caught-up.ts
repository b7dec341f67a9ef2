import { Cluster } from '../client/cluster.ts';
import { describeGroup } from '../client/group-admin.ts';
import { committedOffsets } from '../client/group-offsets.ts';
import { earliestTimestamp, latestTimestamp, listOffsets } from '../client/list-offsets.ts';
import { inOrder, PartitionMap, spell, type TopicPartition } from '../client/partition-map.ts';
import type { Broker } from '../index.ts';

export interface CaughtUpOptions {
  /** All partitions of these topics; unless given, those that the group has committed or that its members read. */
  readonly topics?: readonly string[];
  /** Ends the waiting; the error then says what the group has not read yet. */
  readonly signal?: AbortSignal;
}

/** How long between two looks. A look is a few requests to a broker in the same process. */
const lookMs = 20;

/** The waiting was ended by its signal. */
export class NotCaughtUp extends Error {
  override readonly name = 'NotCaughtUp';
}

/**
 * Resolves when the group has committed all that is in its partitions at that moment, and it has at least one. Empty
 * partitions count as read. A consumer that begins at the end of a partition commits nothing for it: wait then with
 * `fromBeginning`, or after something was sent. Rejects with NotCaughtUp when `signal` fires, and when a topic is unknown.
 */
export async function waitUntilCaughtUp(
  broker: Broker,
  group: string,
  { topics, signal }: CaughtUpOptions = {},
): Promise<void> {
  const cluster = await Cluster.connect(broker.bootstrapServers);
  try {
    for (;;) {
      const behind = await missing(cluster, group, topics);
      if (behind?.length === 0) return;
      if (signal?.aborted) throw notCaughtUp(group, behind, signal);
      await nextLook(signal);
    }
  } finally {
    await cluster.close();
  }
}

interface Behind extends TopicPartition {
  readonly committed: bigint | undefined;
  readonly end: bigint;
}

/** Undefined while the group has no partitions. */
async function missing(
  cluster: Cluster,
  group: string,
  topics: readonly string[] | undefined,
): Promise<Behind[] | undefined> {
  const committed = await committedOffsets(cluster, group);
  const wanted = topics ? await allOf(cluster, topics) : await partitionsOf(cluster, group, committed);
  if (wanted.length === 0) return undefined;
  const [starts, ends] = await Promise.all([
    listOffsets(cluster, wanted, earliestTimestamp),
    listOffsets(cluster, wanted, latestTimestamp),
  ]);
  return wanted
    .map(({ topic, partition }) => {
      const start = starts.get(topic, partition)!;
      return {
        topic,
        partition,
        start,
        committed: committed.get(topic, partition)?.offset,
        end: ends.get(topic, partition)!,
      };
    })
    .filter(({ start, end, committed: offset }) => start < end && (offset === undefined || offset < end))
    .sort(inOrder);
}

async function allOf(cluster: Cluster, topics: readonly string[]): Promise<TopicPartition[]> {
  const found = await Promise.all(topics.map(topic => cluster.topic(topic)));
  return found.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex }) => ({ topic: name!, partition: partitionIndex })),
  );
}

/** Of topics that still exist. */
async function partitionsOf(
  cluster: Cluster,
  group: string,
  committed: PartitionMap<unknown>,
): Promise<TopicPartition[]> {
  const { members } = await describeGroup(cluster, group);
  const all = new PartitionMap<boolean>();
  for (const { topic, partition } of [...committed, ...members.flatMap(({ assignment }) => assignment)]) {
    all.set(topic, partition, true);
  }
  const { topics } = await cluster.metadata(all.topics);
  const alive = new Set(topics.filter(({ errorCode }) => errorCode === 0).map(({ name }) => name));
  return [...all].filter(({ topic }) => alive.has(topic));
}

function notCaughtUp(group: string, behind: readonly Behind[] | undefined, signal: AbortSignal): NotCaughtUp {
  const where = behind?.map(at => `${spell(at)} is at ${at.committed ?? 'no offset'} of ${at.end}`).join(', ');
  return new NotCaughtUp(`group ${group}: ${where ?? 'it has no partitions'}`, { cause: signal.reason });
}

/** The next look, at once when the signal fires. */
function nextLook(signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const go = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', go);
      resolve();
    };
    const timer = setTimeout(go, lookMs);
    signal?.addEventListener('abort', go);
  });
}
