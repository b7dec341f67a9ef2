import type { Command } from 'commander';
import { int16Max, int32Max, integer } from './arguments.ts';
import { expectNoErrors, generate, type Result, resultTable } from './bench/generator.ts';
import { registerGroups } from './bench/groups.ts';
import {
  argumentsOf,
  batchOptions,
  connectionOptions,
  inFlightOption,
  type LoadOptions,
  rateOptions,
  recordOptions,
  secondsOption,
  topicOptions,
} from './bench/options.ts';
import { loadPartitions, type PartitionsLoad, removePartitions } from './bench/partitions.ts';
import { bootstrapOf, ensureTopics, leadersOf, startsOf } from './bench/topics.ts';
import { show, table } from './output.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';

const idleMax = 1_000_000;

/** `milena bench`: loads over the public protocol, for any Kafka broker, from a native generator that costs almost nothing. */
export function registerBench(program: Command): void {
  const bench = program.command('bench').description('measure a broker');
  const load = (name: string): Command => secondsOption(remoteCommand(bench.command(name)));

  rateOptions(
    batchOptions(recordOptions(inFlightOption(connectionOptions(topicOptions(load('produce'))), 5), 1024), 65_536),
  )
    .description('send prebuilt batches as fast as they are acknowledged, or at a fixed rate')
    .action(produce);
  connectionOptions(topicOptions(load('fetch')))
    .description('read a topic again and again')
    .option('--fetch-bytes <bytes>', 'bytes asked of each partition in one request', integer(1, int32Max), 1_048_576)
    .action(fetch);
  recordOptions(topicOptions(load('latency')), 1024)
    .description('from when a record is due to be sent until a consumer has it')
    .option('--rate-records <records/s>', 'records a second', integer(1, int32Max), 1000)
    .action(latency);
  inFlightOption(connectionOptions(load('ping')), 32)
    .description('small questions: ApiVersions, or Metadata of some topics')
    .option('--topic <name>', 'what the names of the topics begin with', 'milena-bench-metadata')
    .option(
      '--metadata-topics <count>',
      'ask for so many topics, created when they are not there',
      integer(0, int16Max),
      0,
    )
    .action(ping);
  batchOptions(recordOptions(inFlightOption(connectionOptions(topicOptions(load('connections'))), 32), 100), 100)
    .description('a small load, first alone and then beside idle connections')
    .option('--idle <count>', 'connections that do nothing', integer(1, idleMax), 1000)
    .action(connections);
  remoteCommand(bench.command('partitions'))
    .description('create partitions and write to each')
    .option('--topic <name>', 'what the names of the topics begin with', 'milena-bench-partitions')
    .option('--topics <count>', 'how many topics', integer(1, int32Max), 1)
    .option('--partitions <count>', 'partitions of each', integer(1, int32Max), 1000)
    .option('--delete', 'delete the topics afterwards', false)
    .action(partitions);
  registerGroups(bench);
}

async function produce(options: LoadOptions): Promise<void> {
  const leaders = await topicOf(options);
  finish(options, await generate(['produce', ...leaders, ...argumentsOf(options)], options));
}

async function fetch(options: LoadOptions): Promise<void> {
  const places = await withCluster(options, async cluster => {
    await ensureTopics(cluster, [options.topic], options.partitions);
    return [...(await leadersOf(cluster, options.topic)), ...(await startsOf(cluster, options.topic))];
  });
  finish(options, await generate(['fetch', ...places, ...argumentsOf(options)], options));
}

async function latency(options: LoadOptions): Promise<void> {
  const leaders = await topicOf(options);
  finish(options, await generate(['latency', ...leaders, ...argumentsOf(options)], options));
}

async function ping(options: LoadOptions): Promise<void> {
  const names = Array.from({ length: options.metadataTopics ?? 0 }, (_, i) => `${options.topic}-${i}`);
  if (names.length > 0) await withCluster(options, cluster => ensureTopics(cluster, names, 1));
  finish(options, await generate(['ping', ...bootstrapOf(options), ...argumentsOf(options)], options));
}

/** The figures without idle connections, then those with them. */
async function connections(options: LoadOptions): Promise<void> {
  const leaders = await topicOf(options);
  const { idle, ...alone } = options;
  const without = await generate(['produce', ...leaders, ...argumentsOf(alone)], options);
  expectNoErrors(without);
  const beside = await generate(['produce', ...leaders, ...argumentsOf(options)], options);
  expectNoErrors(beside);
  const share = beside.requestsPerSecond / without.requestsPerSecond;
  show(options.format, { without, beside, share }, () => {
    const { openSeconds = 0, disturbed = 0 } = beside.idle ?? {};
    const rows = resultTable([
      ['alone', without],
      [`beside ${idle} idle`, beside],
    ]);
    return `${rows}\n${idle} connections opened in ${openSeconds} s, ${disturbed} disturbed; ${(share * 100).toFixed(1)} % of the requests/s`;
  });
}

async function partitions(
  options: Remote & PartitionsLoad & { readonly partitions: number; readonly delete: boolean },
) {
  const load = { topic: options.topic, topics: options.topics, partitionsEach: options.partitions };
  const figures = await withCluster(options, async cluster => {
    const found = await loadPartitions(cluster, load);
    if (options.delete) await removePartitions(cluster, load);
    return found;
  });
  const { createdSeconds, usableSeconds, early } = figures;
  const row = [figures.partitions, createdSeconds.toFixed(3), usableSeconds.toFixed(3), early];
  show(options.format, figures, () => table(['PARTITIONS', 'CREATED S', 'USABLE S', 'TOO EARLY'], [row]));
}

/** Makes the topic if need be; the generator's arguments that say who leads it. */
const topicOf = (options: LoadOptions): Promise<string[]> =>
  withCluster(options, async cluster => {
    await ensureTopics(cluster, [options.topic], options.partitions);
    return leadersOf(cluster, options.topic);
  });

function finish(options: LoadOptions, result: Result): void {
  show(options.format, result, () => resultTable([['', result]]));
  expectNoErrors(result);
}
