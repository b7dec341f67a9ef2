import { Cluster } from '../client/cluster.ts';
import { describeGroup } from '../client/group-admin.ts';
import { committedOffsets } from '../client/group-offsets.ts';
import { earliestTimestamp, latestTimestamp, listOffsets } from '../client/list-offsets.ts';
import { inOrder, PartitionMap, spell, type TopicPartition } from '../client/partition-map.ts';
import type { Broker } from '../index.ts';
import { internalsOf } from './internals.ts';

export interface CaughtUpOptions {
  /** All partitions of these topics; unless given, those that the group has committed or that its members read. */
  readonly topics?: readonly string[];
  /** Ends the waiting; the error then says what the group has not read yet. */
  readonly signal?: AbortSignal;
}

/** A commit ends the waiting at once; what changes without one (a topic that is emptied) is seen after so long. */
const lookMs = 250;

/** The waiting was ended by its signal. */
export class NotCaughtUp extends Error {
  override readonly name = 'NotCaughtUp';
}

/**
 * Resolves when the group has committed all that is in its partitions, and it has at least one. Empty partitions count as
 * read. Rejects with NotCaughtUp when `signal` fires, and when a topic does not exist. A consumer that begins at the end
 * commits nothing before it has read something: it never catches up with what was there before.
 */
export async function waitUntilCaughtUp(
  broker: Broker,
  group: string,
  { topics, signal }: CaughtUpOptions = {},
): Promise<void> {
  const commits = new Commits(broker, group, signal);
  const cluster = await Cluster.connect(broker.bootstrapServers);
  try {
    for (;;) {
      // A commit during the look is not missed: the waiting behind it ends at once.
      const next = commits.next();
      const behind = await missing(cluster, group, topics);
      if (behind?.length === 0) return;
      if (signal?.aborted) throw notCaughtUp(group, behind, signal);
      await next;
    }
  } finally {
    commits.close();
    await cluster.close();
  }
}

/** The commits of one group as they come, and whatever else ends a waiting for one. */
class Commits {
  readonly #stop: () => void;
  readonly #signal: AbortSignal | undefined;
  #wake: () => void = () => {};

  constructor(broker: Broker, group: string, signal: AbortSignal | undefined) {
    this.#signal = signal;
    const onAbort = (): void => this.#wake();
    signal?.addEventListener('abort', onAbort);
    const forget = internalsOf(broker).onCommitted(committed => {
      if (committed === group) this.#wake();
    });
    this.#stop = () => {
      forget();
      signal?.removeEventListener('abort', onAbort);
    };
  }

  /** Resolves with the next commit from now, with the signal, or after `lookMs`. */
  next(): Promise<void> {
    if (this.#signal?.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#wake(), lookMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.#wake();
    this.#stop();
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
