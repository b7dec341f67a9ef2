import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import { createTopic } from '../client/admin.ts';
import type { Cluster } from '../client/cluster.ts';
import { ClientFailure } from '../client/failure.ts';
import { show, table } from './output.ts';
import { int16Max, int32Max, integer, type Remote, remoteCommand, withCluster } from './remote.ts';

interface BenchOptions extends Remote {
  readonly topic: string;
  readonly partitions: number;
  readonly connections: number;
  readonly seconds: number;
  readonly record?: number;
  readonly batch?: number;
  readonly acks?: string;
  readonly inFlight?: number;
  readonly rate?: number;
  readonly fetchBytes?: number;
}

/** What the load generator prints at the end. Bytes are those of record batches, latencies milliseconds. */
interface Result {
  readonly bytes: number;
  readonly records: number;
  readonly requests: number;
  readonly errors: number;
  readonly lastError: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly recordsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly clientCpuSeconds: number;
  readonly latencyMs: Readonly<Record<'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>;
}

const secondsMax = 86_400;
const generator = fileURLToPath(new URL('../../build/Release/milena-bench', import.meta.url));

/** `milena bench produce|fetch`: a native load generator over the public protocol, for any Kafka broker. */
export function registerBench(program: Command): void {
  const bench = program.command('bench').description('measure a broker');
  loadCommand(bench.command('produce'))
    .description('send prebuilt batches as fast as they are acknowledged, or at a fixed rate')
    .option('--record <bytes>', 'size of a record', integer(1, int32Max), 1024)
    .option('--batch <bytes>', 'size of a batch', integer(1, int32Max), 65_536)
    .option('--acks <acks>', '-1 (all), 1 or 0', '-1')
    .option('--in-flight <requests>', 'unanswered requests on a connection', integer(1, int16Max), 5)
    .option('--rate <MB/s>', 'fixed rate over all connections; latency then counts from when a request was due', rate)
    .action((options: BenchOptions) => run('produce', options));
  loadCommand(bench.command('fetch'))
    .description('read a topic again and again')
    .option('--fetch-bytes <bytes>', 'bytes asked of each partition in one request', integer(1, int32Max), 1_048_576)
    .action((options: BenchOptions) => run('fetch', options));
}

function loadCommand(command: Command): Command {
  return remoteCommand(command)
    .option('--topic <name>', 'topic; created when it is not there', 'milena-bench')
    .option('--partitions <count>', 'partitions of a topic that is created', integer(1, int32Max), 1)
    .option('--connections <count>', 'connections, each on a thread of its own', integer(1, int16Max), 1)
    .option('--seconds <seconds>', 'how long', integer(1, secondsMax), 5);
}

function rate(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Give a rate in MB/s.');
  return value;
}

async function run(mode: 'produce' | 'fetch', options: BenchOptions): Promise<void> {
  const leaders = await withCluster(options, cluster => leadersOf(cluster, options));
  const result = await generate([mode, ...leaders, ...argumentsOf(options)], options);
  show(options.format, result, () => asText(result));
  if (result.errors > 0) throw new ClientFailure(`${result.errors} errors, the last with code ${result.lastError}`);
}

async function leadersOf(cluster: Cluster, { topic, partitions }: BenchOptions): Promise<string[]> {
  const { topics } = await cluster.metadata([topic]);
  if (topics[0]!.errorCode !== 0) {
    await createTopic(cluster, { name: topic, partitions, replicationFactor: -1, configs: new Map() }, false);
  }
  const found = await cluster.topic(topic);
  return found.partitions.flatMap(({ partitionIndex, leaderId }) => {
    const { host, port } = cluster.address(leaderId);
    return ['--leader', `${partitionIndex}=${host}:${port}`];
  });
}

function argumentsOf(options: BenchOptions): string[] {
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ['--topic', options.topic],
    ['--connections', options.connections],
    ['--seconds', options.seconds],
    ['--record', options.record],
    ['--batch', options.batch],
    ['--acks', options.acks],
    ['--in-flight', options.inFlight],
    ['--rate-bytes', options.rate && options.rate * 1e6],
    ['--fetch-bytes', options.fetchBytes],
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

/** Runs the generator; its second-by-second lines become a progress line on a terminal. */
async function generate(args: readonly string[], { seconds, format }: BenchOptions): Promise<Result> {
  const child = spawn(generator, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', error => reject(new ClientFailure(`${generator}: ${error.message}; "npm run build" makes it`)));
    child.once('close', resolve);
  });
  const live = process.stderr.isTTY && format === 'table';
  let result: Result | undefined;
  let at = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const found = JSON.parse(line) as Result | { second: { bytes: number; requests: number } };
    if (!('second' in found)) result = found;
    else if (live) process.stderr.write(`\r${progress(++at, seconds, found.second)}`);
  }
  if (live) process.stderr.write('\r\x1b[K');
  const code = await ended;
  if (!result) throw new ClientFailure(`the load generator ended with code ${code}`);
  return result;
}

const barWidth = 30;

function progress(at: number, seconds: number, { bytes, requests }: { bytes: number; requests: number }): string {
  const filled = Math.min(barWidth, Math.round((at / seconds) * barWidth));
  const bar = '#'.repeat(filled).padEnd(barWidth, '.');
  return `[${bar}] ${at}/${seconds} s  ${(bytes / 1e6).toFixed(1)} MB/s  ${requests} requests/s   `;
}

function asText(result: Result): string {
  const { latencyMs: ms } = result;
  const rows = [
    [
      (result.bytesPerSecond / 1e6).toFixed(1),
      Math.round(result.recordsPerSecond),
      Math.round(result.requestsPerSecond),
      ms.p50,
      ms.p99,
      ms.p999,
      ms.max,
      result.clientCpuSeconds,
    ],
  ];
  return table(['MB/S', 'RECORDS/S', 'REQUESTS/S', 'P50 MS', 'P99 MS', 'P99.9 MS', 'MAX MS', 'CLIENT CPU S'], rows);
}
