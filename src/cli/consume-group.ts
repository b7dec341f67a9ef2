import { assignors } from '../client/assignors/assignors.ts';
import { openCodecs } from '../client/codecs.ts';
import { ClientFailure } from '../client/failure.ts';
import { GroupConsumer } from '../client/group-consumer.ts';
import { PartitionMap } from '../client/partition-map.ts';
import { type ConsumeOptions, refuse } from './consume.ts';
import { dataRecords, printRecords } from './records.ts';
import { withCluster } from './remote.ts';

/** Prints what the group's partitions that fall to this member hold, until it is told to stop. */
export async function consumeAsGroup(group: string, topics: readonly string[], options: ConsumeOptions): Promise<void> {
  if (topics.length === 0) throw new ClientFailure('give the topics that the group reads');
  refuse(options, { partition: '--partition', offset: '--offset', fromTime: '--from-time' }, withGroup);
  const codec = await openCodecs();
  await withCluster(options, async cluster => {
    for (const topic of topics) await cluster.topic(topic);
    const consumer = new GroupConsumer(cluster, codec, {
      group,
      topics,
      reset: options.fromBeginning ? 'earliest' : 'latest',
      instanceId: options.instanceId ?? null,
      ...(options.assignor !== undefined && { assignors: [assignors[options.assignor]!] }),
    });
    const signal = onSignal(() => consumer.giveUp());
    try {
      await print(consumer, topics.length > 1, options, signal);
    } finally {
      await consumer.close();
      signal.ignore();
    }
  });
}

const withGroup = 'does not go with --group: the group knows where it goes on; see "milena group reset-offsets"';

async function print(
  consumer: GroupConsumer,
  namesTopics: boolean,
  options: ConsumeOptions,
  signal: { readonly came: boolean },
): Promise<void> {
  let left = options.max ?? Number.POSITIVE_INFINITY;
  const isAtEnd = options.untilEnd ? endOf(consumer) : async () => false;
  while (left > 0 && !signal.came && !(await isAtEnd())) {
    const found = dataRecords(await consumer.poll());
    const read = await printRecords(found.slice(0, left), { ...options, namesTopics });
    // What was not printed, or not read by whom it was printed for, is left to the next member.
    for (const { topic, partition, record } of found.slice(read ? left : 0).reverse()) {
      consumer.positions.set(topic, partition, record.offset);
    }
    if (!read) return;
    left -= found.length;
  }
}

/** Has everything been read that was there when this member got its partitions? */
function endOf(consumer: GroupConsumer): () => Promise<boolean> {
  let ends = new PartitionMap<bigint>();
  let generation = -1;
  return async () => {
    if (consumer.generation < 0) return false;
    if (consumer.generation !== generation) {
      ends = await consumer.ends();
      generation = consumer.generation;
    }
    return [...consumer.positions].every(
      ({ topic, partition, value }) => value >= (ends.get(topic, partition) ?? value),
    );
  };
}

/** The first SIGINT or SIGTERM is obeyed in order, the second one at once. */
function onSignal(act: () => void) {
  const state = { came: false, ignore };
  function obey(): void {
    if (state.came) process.exit(1);
    state.came = true;
    act();
  }
  function ignore(): void {
    process.off('SIGINT', obey);
    process.off('SIGTERM', obey);
  }
  process.on('SIGINT', obey);
  process.on('SIGTERM', obey);
  return state;
}
