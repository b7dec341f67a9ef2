import { type Command, InvalidArgumentError, Option } from 'commander';
import { compressions } from '../../protocol/records/batch.ts';
import { int16Max, int32Max, integer } from '../arguments.ts';
import type { Remote } from '../remote.ts';

/** What commands of `milena bench` may be given; each takes some of it. */
export interface LoadOptions extends Remote {
  readonly topic: string;
  readonly partitions: number;
  readonly connections: number;
  readonly seconds: number;
  readonly threads?: number;
  readonly record?: number;
  readonly batch?: number;
  readonly batchRecords?: number;
  readonly compression?: string;
  readonly data?: string;
  readonly acks?: string;
  readonly inFlight?: number;
  readonly rate?: number;
  readonly rateRecords?: number;
  readonly fetchBytes?: number;
  readonly metadataTopics?: number;
  readonly idle?: number;
}

const secondsMin = 0.1;
const secondsMax = 86_400;

const positive =
  (what: string, min = Number.MIN_VALUE, max = Number.MAX_VALUE) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`Give ${what}.`);
    return value;
  };

export const secondsOption = (command: Command): Command =>
  command.option(
    '--seconds <seconds>',
    'how long',
    positive(`seconds from ${secondsMin} to ${secondsMax}`, secondsMin, secondsMax),
    5,
  );

export const topicOptions = (command: Command): Command =>
  command
    .option('--topic <name>', 'topic; created when it is not there', 'milena-bench')
    .option('--partitions <count>', 'partitions of a topic that is created', integer(1, int32Max), 1);

export const connectionOptions = (command: Command): Command =>
  command
    .option('--connections <count>', 'connections; partitions are dealt to them', integer(1, int16Max), 1)
    .option(
      '--threads <count>',
      'threads that serve the connections (default: one for each processor)',
      integer(1, 1024),
    );

export const inFlightOption = (command: Command, usual: number): Command =>
  command.option('--in-flight <requests>', 'unanswered requests on a connection', integer(1, int16Max), usual);

export const recordOptions = (command: Command, recordBytes: number): Command =>
  command
    .option('--record <bytes>', 'size of a record', integer(1, int32Max), recordBytes)
    .option('--acks <acks>', '-1 (all), 1 or 0', '-1');

export const batchOptions = (command: Command, batchBytes: number): Command =>
  command
    .option('--batch <bytes>', 'size of a batch before compression', integer(1, int32Max), batchBytes)
    .option('--batch-records <count>', 'records of a batch, whatever its size', integer(1, int32Max))
    .addOption(new Option('--compression <codec>', 'of batches').choices(compressions).default('none'))
    .option('--data <file>', 'cut values from this file, for compression of something real (default: random letters)');

/** A fixed rate: latency then counts from when a request was due, whatever delays it. */
export const rateOptions = (command: Command): Command =>
  command
    .option('--rate <MB/s>', 'fixed rate over all connections', positive('a rate in MB/s'))
    .option('--rate-records <records/s>', 'the same in records', positive('a rate in records a second'));

/** The generator's arguments for those of `options` that are given. */
export function argumentsOf(options: Partial<LoadOptions>): string[] {
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ['--topic', options.topic],
    ['--connections', options.connections],
    ['--threads', options.threads],
    ['--record', options.record],
    ['--batch', options.batch],
    ['--batch-records', options.batchRecords],
    ['--compression', options.compression],
    ['--data', options.data],
    ['--acks', options.acks],
    ['--in-flight', options.inFlight],
    ['--rate-bytes', options.rate && options.rate * 1e6],
    ['--rate-records', options.rateRecords],
    ['--fetch-bytes', options.fetchBytes],
    ['--metadata-topics', options.metadataTopics],
    ['--idle', options.idle],
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}
