/** An embedded broker and requests to it, through the protocol's own codecs over TCP. */
import { join } from 'node:path';
import { zeroUuid } from '../../src/base/uuid.ts';
import { Broker, type BrokerOptions, type Log } from '../../src/index.ts';
import { apiOf } from '../../src/protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frame.ts';
import type { ProduceResponse } from '../../src/protocol/messages/00-produce.ts';
import type { MetadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import type { CreateTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { encodeBatch } from '../support/batch.ts';
import { scratchDir } from '../support/paths.ts';
import { RawClient } from '../support/raw-client.ts';

export const freshDir = (): string => join(scratchDir('embedded'), 'data');

export class LogLines implements Log {
  readonly lines: string[] = [];
  readonly info = (message: string): void => void this.lines.push(`info ${message}`);
  readonly warn = (message: string): void => void this.lines.push(`warn ${message}`);
  readonly error = (message: string): void => void this.lines.push(`error ${message}`);
}

export const portOf = (broker: Broker): number => Number(broker.bootstrapServers.split(':').at(-1));

/** Runs `work` with a broker that is stopped afterwards, whatever happens. */
export async function withBroker<T>(options: BrokerOptions, work: (broker: Broker) => Promise<T>): Promise<T> {
  const broker = await Broker.start(options);
  try {
    return await work(broker);
  } finally {
    await broker.stop();
  }
}

/** Runs `work` with a connection to the broker. */
export async function withClient<T>(broker: Broker, work: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.open(portOf(broker));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

export async function ask<T>(client: RawClient, key: number, version: number, body: unknown): Promise<T> {
  const api = apiOf(key)!;
  const frame = encodeRequest(api, version, { correlationId: 1, clientId: 'embedded' }, body);
  return decodeResponse(api, version, await client.call(frame)).body as T;
}

export const metadata = (client: RawClient, ...names: string[]): Promise<MetadataResponse> =>
  ask(client, 3, 12, {
    topics: names.map(name => ({ name, topicId: zeroUuid })),
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  });

/** Creates a topic and returns the error code. */
export async function createTopic(
  client: RawClient,
  name: string,
  numPartitions = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<number> {
  const given = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: given };
  const answer = await ask<CreateTopicsResponse>(client, 19, 7, {
    topics: [topic],
    timeoutMs: 30_000,
    validateOnly: false,
  });
  return answer.topics[0]!.errorCode;
}

/** Produces one record with acks=all; returns error code and base offset. */
export async function produce(client: RawClient, name: string, index: number, value: string) {
  const records = encodeBatch({ records: [{ value }], baseTimestamp: 1_700_000_000_000n });
  const answer = await ask<ProduceResponse>(client, 0, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 30_000,
    topicData: [{ name, topicId: zeroUuid, partitionData: [{ index, records }] }],
  });
  const { errorCode, baseOffset } = answer.responses[0]!.partitionResponses[0]!;
  return { errorCode, baseOffset };
}
