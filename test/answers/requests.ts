/** The requests that tests of order, sessions and crashes send again and again, and their answers in short. */
import { zeroUuid } from '../../src/base/uuid.ts';
import { decodeResponse } from '../../src/protocol/frame.ts';
import { ProduceRequest, type ProduceResponse } from '../../src/protocol/messages/00-produce.ts';
import { FetchRequest, type FetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { ListOffsetsRequest, type ListOffsetsResponse } from '../../src/protocol/messages/02-list-offsets.ts';
import { InitProducerIdRequest, type InitProducerIdResponse } from '../../src/protocol/messages/22-init-producer-id.ts';
import type { RawClient } from '../support/raw-client.ts';
import { ask, servedApi } from './suite.ts';

export const PRODUCE_VERSION = 9;
export const LIST_OFFSETS_VERSION = 7;
export const FETCH_VERSION = 12;
const INIT_PRODUCER_ID_VERSION = 4;

export const LATEST = -1n;
export const EARLIEST = -2n;

export function listOffset(topic: string, partition: number, timestamp: bigint, correlationId?: number): Uint8Array {
  const partitions = [{ partitionIndex: partition, timestamp }];
  const body = { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions }], timeoutMs: 0 };
  return ask(ListOffsetsRequest, LIST_OFFSETS_VERSION, body, correlationId);
}

export type Offset = { correlationId: number; errorCode: number; offset: bigint };

export function offsetListed(answer: Uint8Array): Offset {
  const { correlationId, body } = decodeResponse(servedApi(ListOffsetsRequest), LIST_OFFSETS_VERSION, answer);
  const partition = (body as ListOffsetsResponse).topics[0]!.partitions[0]!;
  return { correlationId, errorCode: partition.errorCode, offset: partition.offset };
}

/** The answer to a produce() of PRODUCE_VERSION with one partition. */
export function offsetProduced(answer: Uint8Array): Offset {
  const { correlationId, body } = decodeResponse(servedApi(ProduceRequest), PRODUCE_VERSION, answer);
  const partition = (body as ProduceResponse).responses[0]!.partitionResponses[0]!;
  return { correlationId, errorCode: partition.errorCode, offset: partition.baseOffset };
}

export async function newProducerId(client: RawClient): Promise<bigint> {
  const frame = ask(InitProducerIdRequest, INIT_PRODUCER_ID_VERSION, {
    transactionalId: null,
    transactionTimeoutMs: 0,
  });
  const answer = await client.call(frame);
  const { body } = decodeResponse(servedApi(InitProducerIdRequest), INIT_PRODUCER_ID_VERSION, answer);
  const { errorCode, producerId } = body as InitProducerIdResponse;
  if (errorCode !== 0) throw new Error(`InitProducerId: error ${errorCode}`);
  return producerId;
}

export type FetchAsk = {
  readonly partitions?: readonly { partition: number; offset: bigint }[];
  readonly topic: string;
  readonly session?: readonly [id: number, epoch: number];
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly forgotten?: readonly number[];
  readonly correlationId?: number;
};

const FETCH_BYTES = 1 << 20;

export function fetchRequest(a: FetchAsk): Uint8Array {
  const partitions = (a.partitions ?? []).map(({ partition, offset }) => ({
    partition,
    fetchOffset: offset,
    partitionMaxBytes: FETCH_BYTES,
  }));
  return ask(
    FetchRequest,
    FETCH_VERSION,
    {
      maxWaitMs: a.maxWaitMs ?? 0,
      minBytes: a.minBytes ?? 1,
      maxBytes: 50 * FETCH_BYTES,
      sessionId: a.session?.[0] ?? 0,
      sessionEpoch: a.session?.[1] ?? -1,
      topics: partitions.length > 0 ? [{ topic: a.topic, topicId: zeroUuid, partitions }] : [],
      forgottenTopicsData: a.forgotten ? [{ topic: a.topic, topicId: zeroUuid, partitions: [...a.forgotten] }] : [],
    },
    a.correlationId,
  );
}

export const fetched = (answer: Uint8Array): FetchResponse =>
  decodeResponse(servedApi(FetchRequest), FETCH_VERSION, answer).body as FetchResponse;
