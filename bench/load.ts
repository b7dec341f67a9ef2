import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { apiOf } from '../src/protocol/api.ts';
import { encodeRequest } from '../src/protocol/frame.ts';
import { CreateTopicsRequest } from '../src/protocol/messages/19-create-topics.ts';
import { REPO_ROOT } from '../test/support/paths.ts';
import { RawClient } from '../test/support/raw-client.ts';
import type { Running } from './contestants.ts';
import { cpuSeconds, residentMb } from './process.ts';
import type { Shape } from './shapes.ts';

/** Before a produce shape is measured: leaders are found, code is warm. */
const warmUpSeconds = 1;

const generator = join(REPO_ROOT, 'build', 'Release', 'milena-bench');

/** One shape on one broker. */
export interface Figures {
  readonly mbPerSecond: number;
  readonly requestsPerSecond: number;
  readonly cpuSecondsPerGb: number;
  readonly cpuMicrosPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly residentMb: number;
}

interface Output {
  readonly bytes: number;
  readonly requests: number;
  readonly errors: number;
  readonly lastError: number;
  readonly bytesPerSecond: number;
  readonly requestsPerSecond: number;
  readonly latencyMs: Readonly<Record<'p50' | 'p99' | 'p999' | 'max', number>>;
}

/** Runs `shape` against `broker` for `seconds`. The topic is made new when the shape produces. */
export async function measure(broker: Running, shape: Shape, round: number, seconds: number): Promise<Figures> {
  const topic = `${shape.topic}-${round}`;
  if (shape.mode === 'produce') {
    await createTopic(broker.port, topic, shape.partitions);
    // Errors are no matter here: some brokers answer CreateTopics before the partitions have leaders.
    await generate(broker.port, shape, topic, warmUpSeconds).catch(() => undefined);
  }
  const before = cpuSeconds(broker.pid);
  const output = await generate(broker.port, shape, topic, seconds);
  const cpu = cpuSeconds(broker.pid) - before;
  if (output.errors > 0)
    throw new Error(`${shape.name}: ${output.errors} errors, the last with code ${output.lastError}`);
  return {
    mbPerSecond: output.bytesPerSecond / 1e6,
    requestsPerSecond: output.requestsPerSecond,
    cpuSecondsPerGb: cpu / (output.bytes / 1e9),
    cpuMicrosPerRequest: (cpu / output.requests) * 1e6,
    p50Ms: output.latencyMs.p50,
    p99Ms: output.latencyMs.p99,
    p999Ms: output.latencyMs.p999,
    maxMs: output.latencyMs.max,
    residentMb: residentMb(broker.pid),
  };
}

async function generate(port: number, shape: Shape, topic: string, seconds: number): Promise<Output> {
  const leaders = Array.from({ length: shape.partitions }, (_, p) => ['--leader', `${p}=127.0.0.1:${port}`]).flat();
  const options = Object.entries(shape.options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = [shape.mode, '--topic', topic, '--seconds', String(seconds), ...leaders, ...options];
  const { stdout } = await promisify(execFile)(generator, args, { maxBuffer: 16 << 20 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Output;
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
