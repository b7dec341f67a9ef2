/**
 * Puts the event stream into a topic piece by piece, without a client library in between: each event goes to the partition of its key, as the value `NUMBER TAB EVENT`,
 * and is known with its offset once the broker has acknowledged it (acks=all).
 */
import { zeroUuid } from '../../../src/base/uuid.ts';
import { Connection } from '../../../src/client/connection.ts';
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/messages/00-produce.ts';
import { encodeBatch } from '../../support/batch.ts';
import { crc32c } from '../../support/crc32c.ts';
import type { Event } from '../../support/events.ts';
import type { Peer } from '../../support/peer.ts';

/** The last version that names topics. */
const PRODUCE_VERSION = 9;
const TIMEOUT_MS = 60_000;
/** Small batches give consumers something to stop between. */
const EVENTS_PER_REQUEST = 200;
const ACKS_ALL = -1;
const START_MS = 1_700_000_000_000n;

export type Landed = { readonly partition: number; readonly offset: number; readonly event: number };

export class EventFeed {
  private readonly events: readonly Event[];
  private readonly partitions: number;
  private next = 0;

  constructor(events: readonly Event[], partitions: number) {
    this.events = events;
    this.partitions = partitions;
  }

  get left(): number {
    return this.events.length - this.next;
  }

  /** Produces the next `count` events and tells where each of them is. */
  async produce(broker: Peer, topic: string, count: number, landed: (one: Landed) => void): Promise<void> {
    const connection = await Connection.open(broker);
    try {
      const end = Math.min(this.next + count, this.events.length);
      while (this.next < end) {
        const upTo = Math.min(this.next + EVENTS_PER_REQUEST, end);
        await this.send(connection, topic, this.next, upTo, landed);
        this.next = upTo;
      }
    } finally {
      connection.close();
    }
  }

  private async send(
    connection: Connection,
    topic: string,
    from: number,
    upTo: number,
    landed: (one: Landed) => void,
  ): Promise<void> {
    const numbers = new Map<number, number[]>();
    for (let event = from; event < upTo; event++) {
      const partition = crc32c(Buffer.from(this.events[event]!.key)) % this.partitions;
      numbers.set(partition, [...(numbers.get(partition) ?? []), event]);
    }
    const partitionData = [...numbers].map(([index, events]) => ({ index, records: this.batch(events) }));
    const topicData = [{ name: topic, topicId: zeroUuid, partitionData }];
    const body = { acks: ACKS_ALL, timeoutMs: TIMEOUT_MS, topicData };
    const answer = await connection.call(ProduceRequest, ProduceResponse, body, PRODUCE_VERSION);
    for (const { index, errorCode, baseOffset } of answer.responses[0]!.partitionResponses) {
      if (errorCode !== 0) throw new Error(`produce to ${topic}-${index} was refused with ${errorCode}`);
      for (const [i, event] of numbers.get(index)!.entries()) {
        landed({ partition: index, offset: Number(baseOffset) + i, event });
      }
    }
  }

  private batch(events: readonly number[]): Buffer {
    const records = events.map(event => {
      const { key, value } = this.events[event]!;
      return { key, value: `${event}\t${value}` };
    });
    return encodeBatch({ baseTimestamp: START_MS, records });
  }
}
