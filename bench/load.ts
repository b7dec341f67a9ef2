import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Result } from '../src/cli/bench/generator.ts';
import { apiOf } from '../src/protocol/api.ts';
import { encodeRequest } from '../src/protocol/frame.ts';
import { CreateTopicsRequest } from '../src/protocol/messages/19-create-topics.ts';
import { DeleteTopicsRequest } from '../src/protocol/messages/20-delete-topics.ts';
import { REPO_ROOT } from '../test/support/paths.ts';
import { ConnectionClosed, RawClient } from '../test/support/raw-client.ts';
import type { Running } from './contestants.ts';
import { freeShare } from './page-cache.ts';
import { cpuSeconds, processors, readMb, residentMb, stolenSince } from './process.ts';
import { realData, type Shape } from './shapes.ts';

/** Before a shape is measured: leaders are found, code is warm. */
const warmUpSeconds = 0.3;
/** What is read must be there: so long it is written. */
const fillSeconds = 1;
/** And so long it is read before that counts: what has left the page cache meanwhile comes back, and a client and its server settle on their processors. */
const readWarmUpSeconds = 4;
/** How long and how often a topic that was just made is tried. */
const trySeconds = 0.1;
const triesMax = 100;
const manyTriesMax = 2_000;
const watchMs = 100;
const outputBytesMax = 16 << 20;

const generator = join(REPO_ROOT, 'build', 'Release', 'milena-bench');

/** One shape on one broker. */
export interface Figures {
  readonly mbPerSecond: number;
  /** Before compression. */
  readonly plainMbPerSecond: number;
  readonly recordsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly cpuSecondsPerGb: number;
  /** The same before compression. */
  readonly cpuSecondsPerPlainGb: number;
  /** Also seconds for a million requests. */
  readonly cpuMicrosPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** The most that was seen while it ran. */
  readonly residentMb: number;
  readonly clientCpuSeconds: number;
  /** The share of the machine's processor time that its host gave to others meanwhile: their noise. */
  readonly stolenShare: number;
  /** What of the memory was free when it began, and so the host's: writes pay for it. */
  readonly freeShare: number;
  /** What the broker read from the disk meanwhile. */
  readonly readMb: number;
  /** Points of the latency curve: [share of all requests, ms]. */
  readonly curve: readonly (readonly [number, number])[];
}

export interface Measured {
  /** Tells this run's topics from others'. */
  readonly tag: string;
  readonly seconds: number;
  /** The path of what is compressed. */
  readonly data?: string;
}

/** Prepares and runs `shape` against `broker`. */
export async function measure(broker: Running, shape: Shape, site: Measured): Promise<Figures> {
  await prepare(broker, shape, site);
  return measureWindow(broker, shape, site);
}

/** Makes the topics, and fills those that are read. */
export async function prepare(broker: Running, shape: Shape, site: Measured): Promise<void> {
  const topic = `${shape.topic}-${site.tag}`;
  const fill: Shape | undefined = shape.fill && { ...shape, mode: 'produce', options: { acks: -1, ...shape.fill } };
  await createTopics(broker.port, topic, shape);
  await untilServed(broker.port, fill ?? shape, topic, site);
  await generate(broker.port, fill ?? shape, topic, site, fill ? fillSeconds : warmUpSeconds);
  if (fill) await generate(broker.port, shape, topic, site, readWarmUpSeconds);
}

/** Runs `shape` on what is prepared; as often as wanted. */
export async function measureWindow(broker: Running, shape: Shape, site: Measured): Promise<Figures> {
  const topic = `${shape.topic}-${site.tag}`;
  const before = cpuSeconds(broker.pid);
  const everywhere = processors();
  const free = freeShare();
  const readBefore = readMb(broker.pid);
  let mostMb = residentMb(broker.pid);
  const watching = setInterval(() => {
    mostMb = Math.max(mostMb, residentMb(broker.pid));
  }, watchMs);
  const result = await generate(broker.port, shape, topic, site, site.seconds).finally(() => clearInterval(watching));
  const cpu = cpuSeconds(broker.pid) - before;
  const stolenShare = stolenSince(everywhere);
  if (result.errors > 0)
    throw new Error(`${shape.name}: ${result.errors} errors, the last with code ${result.lastError}`);
  return {
    mbPerSecond: result.bytesPerSecond / 1e6,
    plainMbPerSecond: result.plainBytesPerSecond / 1e6,
    recordsPerSecond: result.recordsPerSecond,
    requestsPerSecond: result.requestsPerSecond,
    cpuSecondsPerGb: result.bytes === 0 ? 0 : cpu / (result.bytes / 1e9),
    cpuSecondsPerPlainGb: result.plainBytes === 0 ? 0 : cpu / (result.plainBytes / 1e9),
    cpuMicrosPerRequest: (cpu / result.requests) * 1e6,
    p50Ms: result.latencyMs.p50,
    p99Ms: result.latencyMs.p99,
    p999Ms: result.latencyMs.p999,
    maxMs: result.latencyMs.max,
    residentMb: Math.max(mostMb, residentMb(broker.pid)),
    clientCpuSeconds: result.clientCpuSeconds,
    stolenShare,
    freeShare: free,
    readMb: readMb(broker.pid) - readBefore,
    curve: result.curve,
  };
}

/** Some brokers answer CreateTopics before the partitions have leaders: the load is tried for a moment until it meets no error. */
async function untilServed(port: number, shape: Shape, topic: string, site: Measured): Promise<void> {
  await untilNoError(() => generate(port, shape, topic, site, trySeconds));
}

/** Until a partition takes records, which may be minutes when there are many. */
export const untilWritable = (port: number, topic: string, partition: number): Promise<void> =>
  untilNoError(() => runGenerator(port, 'produce', topic, trySeconds, ['--acks', '-1'], [partition]), manyTriesMax);

async function untilNoError(attempt: () => Promise<unknown>, most = triesMax): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (tries === most) throw error;
    }
  }
}

function generate(port: number, shape: Shape, topic: string, site: Measured, seconds: number): Promise<Result> {
  const options = Object.entries(shape.options).flatMap(([name, value]) => [
    `--${name}`,
    value === realData ? (site.data ?? '') : String(value),
  ]);
  const partitions = Array.from({ length: Math.max(1, shape.partitions) }, (_, p) => p);
  return runGenerator(port, shape.mode, topic, seconds, options, partitions);
}

/** The load generator with its own options. */
export async function runGenerator(
  port: number,
  mode: Shape['mode'],
  topic: string,
  seconds: number,
  options: readonly string[],
  partitions: readonly number[] = [0],
): Promise<Result> {
  const leaders = partitions.flatMap(p => ['--leader', `${p}=127.0.0.1:${port}`]);
  const args = [mode, '--topic', topic, '--seconds', String(seconds), ...leaders, ...options];
  const { stdout } = await promisify(execFile)(generator, args, { maxBuffer: outputBytesMax });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Result;
}

/** Gives back the room of what `shape` has written; no matter when the broker cannot. */
export async function removeTopics(broker: Running, shape: Shape, tag: string): Promise<void> {
  if (shape.partitions === 0) return;
  const topic = `${shape.topic}-${tag}`;
  const topicNames = shape.topics ? Array.from({ length: shape.topics }, (_, i) => `${topic}-${i}`) : [topic];
  const header = { correlationId: 1, clientId: 'bench' };
  try {
    const client = await RawClient.open(broker.port);
    await client.call(encodeRequest(apiOf(DeleteTopicsRequest.key)!, 1, header, { topicNames, timeoutMs: 30_000 }));
    await client.close();
  } catch (error) {
    if (!(error instanceof ConnectionClosed)) throw error;
  }
}

async function createTopics(port: number, topic: string, { topics, partitions }: Shape): Promise<void> {
  if (partitions === 0) return;
  const names = topics === undefined ? [topic] : Array.from({ length: topics }, (_, i) => `${topic}-${i}`);
  for (const name of names) await createTopic(port, name, partitions);
}

/** Version 2, which the smallest of servers understands; an existing topic is an error. */
export async function createTopic(port: number, name: string, numPartitions: number): Promise<void> {
  const client = await RawClient.open(port);
  const body = {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 30_000,
    validateOnly: false,
  };
  await client.call(encodeRequest(apiOf(CreateTopicsRequest.key)!, 2, { correlationId: 1, clientId: 'bench' }, body));
  await client.close();
}
