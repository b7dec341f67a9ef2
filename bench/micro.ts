/**
 * What one operation costs inside the process (tinybench): the codecs of hot messages, checksums, batches, and the round trip over the strait to the data
 * plane and back. Run by `npm run bench -- micro`.
 */
import { Bench } from 'tinybench';
import { crc32c } from '../src/base/crc32c.ts';
import { type Uuid, uuidAt, zeroUuid } from '../src/base/uuid.ts';
import { decode, encode } from '../src/protocol/codec.ts';
import { ProduceRequest } from '../src/protocol/messages/00-produce.ts';
import { FetchResponse } from '../src/protocol/messages/01-fetch.ts';
import { MetadataResponse } from '../src/protocol/messages/03-metadata.ts';
import { HeartbeatRequest } from '../src/protocol/messages/12-heartbeat.ts';
import { decodeBatch, encodeBatch, readBatchHeader } from '../src/protocol/records/batch.ts';
import type { Init, Message } from '../src/protocol/schema.ts';
import { leadPartition, openRealPlane, temporaryDirectory } from '../test/support/plane.ts';

/** Of each case, after a warm-up of the same order. */
const millisecondsEach = 500;
/** Commands submitted before the first event is waited for, where the strait is to be filled. */
const queriesAtOnce = 1000;

export interface MicroFigures {
  readonly name: string;
  readonly medianNanoseconds: number;
  readonly p99Nanoseconds: number;
  readonly perSecond: number;
  /** Where the case moves bytes: MB/s at the median. */
  readonly mbPerSecond: number | undefined;
}

/** Adds a case to the run; `bytes` and `times` say what one call moves and how often it does the work. */
type AddCase = (name: string, run: () => unknown, size?: { bytes?: number; times?: number }) => void;

export async function runMicro(): Promise<readonly MicroFigures[]> {
  const bench = new Bench({ time: millisecondsEach });
  const sizes = new Map<string, { bytes?: number; times?: number }>();
  const add: AddCase = (name, run, size = {}) => {
    sizes.set(name, size);
    bench.add(name, run);
  };
  addMessages(add);
  addBatches(add);
  const close = await addStrait(add);
  await bench.run();
  await close();
  return bench.tasks.map(({ name, result }) => {
    if (!('latency' in result)) throw new Error(`${name}: ${'error' in result ? String(result.error) : result.state}`);
    const { bytes, times = 1 } = sizes.get(name)!;
    const { p50 = Number.NaN, p99 = Number.NaN } = result.latency;
    return {
      name,
      medianNanoseconds: (p50 * 1e6) / times,
      p99Nanoseconds: (p99 * 1e6) / times,
      perSecond: (1e3 / p50) * times,
      mbPerSecond: bytes === undefined ? undefined : bytes / 1e3 / p50,
    };
  });
}

export function microTable(figures: readonly MicroFigures[]): string {
  const lines = ['| case | median | p99 | per second | MB/s |', '|---|---|---|---|---|'];
  for (const { name, medianNanoseconds, p99Nanoseconds, perSecond, mbPerSecond } of figures) {
    const cells = [name, time(medianNanoseconds), time(p99Nanoseconds), Math.round(perSecond).toLocaleString('en')];
    lines.push(`| ${[...cells, mbPerSecond === undefined ? '' : mbPerSecond.toFixed(0)].join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

const time = (nanoseconds: number): string =>
  nanoseconds < 10_000 ? `${nanoseconds.toFixed(0)} ns` : `${(nanoseconds / 1e3).toFixed(1)} us`;

// ---- messages ----

const records = (count: number, valueBytes: number) =>
  Array.from({ length: count }, (_, i) => ({
    timestamp: 1_700_000_000_000n + BigInt(i),
    key: Buffer.from(`key-${i}`),
    value: new Uint8Array(valueBytes).fill(i),
  }));

/** 64 KB, as producers send them. */
const largeBatch = encodeBatch({ records: records(64, 1000) });

function addMessages(add: AddCase): void {
  const both = <M extends Message>(what: string, message: M, version: number, value: Init<M>): void => {
    const bytes = encode(message, version, value);
    const name = `${what} v${version}, ${bytes.length} B`;
    add(`encode ${name}`, () => encode(message, version, value), { bytes: bytes.length });
    add(`decode ${name}`, () => decode(message, version, bytes), { bytes: bytes.length });
  };
  const topicData = [{ name: 'topic', topicId: zeroUuid, partitionData: [{ index: 0, records: largeBatch }] }];
  both('ProduceRequest of one batch', ProduceRequest, 12, { acks: -1, timeoutMs: 30_000, topicData });
  both('FetchResponse of 50 partitions', FetchResponse, 16, fetchAnswer());
  both('MetadataResponse of 600 partitions', MetadataResponse, 12, metadataAnswer());
  both('HeartbeatRequest', HeartbeatRequest, 4, {
    groupId: 'a-group',
    generationId: 7,
    memberId: 'consumer-1-0f9d2c1e-1d8b-4c4c-9d5e-000000000001',
  });
}

const idOf = (number: number): Uuid => uuidAt(new Uint8Array(16).fill(number + 1));

function fetchAnswer(): Init<typeof FetchResponse> {
  const partitions = Array.from({ length: 50 }, (_, partitionIndex) => ({
    partitionIndex,
    errorCode: 0,
    highWatermark: 1000n,
    lastStableOffset: 1000n,
    logStartOffset: 0n,
    abortedTransactions: null,
    records: largeBatch.subarray(0, 2048),
  }));
  return { errorCode: 0, sessionId: 7, responses: [{ topicId: idOf(0), partitions }] };
}

function metadataAnswer(): Init<typeof MetadataResponse> {
  const topics = Array.from({ length: 100 }, (_, topic) => ({
    errorCode: 0,
    name: `topic-${topic}`,
    topicId: idOf(topic),
    isInternal: false,
    partitions: Array.from({ length: 6 }, (_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: 1,
      leaderEpoch: 3,
      replicaNodes: [1, 2, 3],
      isrNodes: [1, 2, 3],
      offlineReplicas: [],
    })),
  }));
  const brokers = [1, 2, 3].map(nodeId => ({ nodeId, host: `broker-${nodeId}.example`, port: 9092, rack: null }));
  return { errorCode: 0, brokers, clusterId: 'a-cluster', controllerId: 1, topics };
}

// ---- batches ----

function addBatches(add: AddCase): void {
  const small = records(100, 100);
  const batch = encodeBatch({ records: small });
  add(`crc32c in JavaScript, ${largeBatch.length} B`, () => crc32c(largeBatch), { bytes: largeBatch.length });
  add(`encode a batch of 100 records, ${batch.length} B`, () => encodeBatch({ records: small }), {
    bytes: batch.length,
  });
  add(`decode a batch of 100 records, ${batch.length} B`, () => decodeBatch(batch), { bytes: batch.length });
  add(`check a batch's header and CRC, ${batch.length} B`, () => readBatchHeader(batch), { bytes: batch.length });
}

// ---- the strait ----

/** Commands that the data plane answers with an event, one after the other and many at once; returns what ends the plane. */
async function addStrait(add: AddCase): Promise<() => Promise<void>> {
  const directory = temporaryDirectory();
  const { plane, log } = await openRealPlane({ logDirs: [directory.path] });
  const partition = await leadPartition(plane, log, 'strait');
  let ticket = 1;
  const query = (): Promise<unknown> => {
    const mine = ticket++;
    plane.submit({ type: 'query', ticket: mine, what: 'log', partitions: [partition] });
    return log.next('queried', event => event.ticket === mine);
  };
  add('strait: submit a query and wait for its event', query);
  add(
    `strait: ${queriesAtOnce} queries at once, each`,
    async () => {
      for (let i = 0; i < queriesAtOnce; i++)
        plane.submit({ type: 'query', ticket: ticket++, what: 'log', partitions: [partition] });
      const last = ticket - 1;
      await log.next('queried', event => event.ticket === last);
      log.events.length = 0;
    },
    { times: queriesAtOnce },
  );
  add('strait: read all counters', () => plane.readCounters());
  return async () => {
    await plane.close();
    directory.remove();
  };
}
