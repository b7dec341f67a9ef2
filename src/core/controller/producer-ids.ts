// Producer ids are unique in the cluster for ever: they are handed out in blocks, each block one record.
import { refuse } from '../../base/result.ts';
import type { Decide, Deciding } from './decision.ts';

/** Ids in one block, as in Kafka. */
export const producerIdBlockSize = 1000;

const largestInt64 = 2n ** 63n - 1n;

export interface ProducerIdBlock {
  readonly first: bigint;
  readonly count: number;
}

export function allocateProducerIds(brokerId: number) {
  return ((at: Deciding) => {
    const broker = at.image.brokers.get(brokerId);
    if (broker === undefined) return refuse('BROKER_ID_NOT_REGISTERED', `broker ${brokerId} is not registered`);
    const first = at.image.nextProducerId;
    if (first > largestInt64 - BigInt(producerIdBlockSize)) {
      return refuse(
        'UNKNOWN_SERVER_ERROR',
        `Exhausted all producerIds as the next block's end producerId has exceeded the int64 type limit`,
      );
    }
    const nextProducerId = first + BigInt(producerIdBlockSize);
    return {
      records: [{ type: 'producerIds', version: 0, data: { brokerId, brokerEpoch: broker.epoch, nextProducerId } }],
      reply: { first, count: producerIdBlockSize },
    };
  }) satisfies Decide<ProducerIdBlock>;
}
