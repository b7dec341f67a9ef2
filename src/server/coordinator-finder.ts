// Which broker coordinates a group: the leader of the group's partition of `__consumer_offsets`. The topic is created for
// the first who asks. The answer waits for that, and a moment for the partition to be loaded, so that clients need not
// come back: Kafka answers COORDINATOR_NOT_AVAILABLE at once and then COORDINATOR_LOAD_IN_PROGRESS, after each of which
// clients pause longer than all of it takes here. What takes longer is answered as Kafka does.
import { refuse } from '../base/result.ts';
import { type MetadataImage, topicByName } from '../core/metadata/image.ts';
import { consumerOffsetsTopic } from '../core/metadata/topic-names.ts';
import type { Clock } from '../runtime/ports.ts';
import type { ApiRefusal } from './api.ts';
import { aliveBrokerNodes, type BrokerNode } from './views.ts';

/** Below the shortest pause clients make before they ask again (Java 100 ms, kafkajs 300 ms). */
const loadWaitMs = 100;

export interface CoordinatorFinderOptions {
  image(): MetadataImage;
  readonly clock: Pick<Clock, 'after'>;
  /** Resolves when the topic exists or could not be created. */
  createTopic(name: string): Promise<void>;
  /** Index of the partition of `__consumer_offsets` that keeps the group. */
  partitionOf(groupId: string): number;
  /** Resolves when this broker is not loading the partition, or no longer. */
  whenLoaded(partitionIndex: number): Promise<void>;
}

export class CoordinatorFinder {
  private readonly options: CoordinatorFinderOptions;

  constructor(options: CoordinatorFinderOptions) {
    this.options = options;
  }

  /** The address is that of `listener`. COORDINATOR_NOT_AVAILABLE while nobody leads. */
  async find(groupId: string, listener: string): Promise<BrokerNode | ApiRefusal> {
    const { image, createTopic, partitionOf, whenLoaded } = this.options;
    if (topicByName(image(), consumerOffsetsTopic) === undefined) await createTopic(consumerOffsetsTopic);
    const index = partitionOf(groupId);
    const leader = topicByName(image(), consumerOffsetsTopic)?.partitions[index]?.leader;
    const node = aliveBrokerNodes(image(), listener).find(({ id }) => id === leader);
    if (node === undefined) {
      return refuse('COORDINATOR_NOT_AVAILABLE', `partition ${index} of ${consumerOffsetsTopic} has no leader`);
    }
    await this.atMost(loadWaitMs, whenLoaded(index));
    return node;
  }

  private atMost(ms: number, work: Promise<void>): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.options.clock.after(ms, resolve);
      const done = (): void => {
        cancel();
        resolve();
      };
      work.then(done, done);
    });
  }
}
