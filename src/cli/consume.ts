import { type Command, InvalidArgumentError } from 'commander';
import { text } from '../base/bytes.ts';
import { openCodecs } from '../client/codecs.ts';
import { Consumer, type FetchedBatch, type Start } from '../client/consumer.ts';
import type { LogRecord } from '../protocol/records/batch.ts';
import { json } from './output.ts';
import { int32Max, integer, type Remote, remoteCommand, withCluster } from './remote.ts';

interface ConsumeOptions extends Remote {
  readonly partition?: readonly number[];
  readonly offset: Start;
  readonly fromTime?: bigint;
  readonly follow?: true;
  readonly max?: number;
  readonly keySeparator?: string;
}

/** `milena consume TOPIC`: what is there, and with --follow what comes, one record a line. */
export function registerConsume(program: Command): void {
  remoteCommand(program.command('consume <topic>'))
    .description('print records, without a group')
    .option('-p, --partition <number>', 'partition, repeatable (default: all)', partitions)
    .option('-o, --offset <offset>', 'earliest, latest or a number', offset, 'earliest' as Start)
    .option('-t, --from-time <time>', 'begin at a time: ISO 8601, or ms since 1970', time)
    .option('-f, --follow', 'wait for new records')
    .option('-n, --max <count>', 'end after so many records', integer(1, int32Max))
    .option('-k, --key-separator <text>', 'print keys too, with this between key and value')
    .action((topic: string, options: ConsumeOptions) => consume(topic, options));
}

const partitions = (given: string, before: readonly number[] = []): number[] => [
  ...before,
  integer(0, int32Max)(given),
];

function offset(given: string): Start {
  if (given === 'earliest' || given === 'latest') return given;
  if (!/^\d{1,19}$/.test(given)) throw new InvalidArgumentError('Give earliest, latest or an offset.');
  return { offset: BigInt(given) };
}

function time(given: string): bigint {
  const ms = /^\d+$/.test(given) ? Number(given) : Date.parse(given);
  if (!Number.isSafeInteger(ms))
    throw new InvalidArgumentError('Give a time as 2026-01-31T12:00:00Z or in ms since 1970.');
  return BigInt(ms);
}

async function consume(topic: string, options: ConsumeOptions): Promise<void> {
  const codec = await openCodecs();
  const start = options.fromTime === undefined ? options.offset : { timestamp: options.fromTime };
  await withCluster(options, async cluster => {
    const consumer = await Consumer.open(cluster, topic, options.partition, start, codec);
    const ends = options.follow ? undefined : await consumer.ends();
    let left = options.max ?? Number.POSITIVE_INFINITY;
    const done = () => ends !== undefined && [...ends].every(([p, end]) => consumer.positions.get(p)! >= end);
    while (left > 0 && !done()) {
      for (const { partition, record } of dataRecords(await consumer.poll())) {
        if (left-- <= 0) break;
        await write(
          `${options.format === 'json' ? asJson(partition, record) : asLine(record, options.keySeparator)}\n`,
        );
      }
    }
  });
}

/** Control records mark the ends of transactions; they are not for readers. */
const dataRecords = (batches: readonly FetchedBatch[]) =>
  batches.flatMap(({ partition, batch }) =>
    batch.control ? [] : batch.records.map(record => ({ partition, record })),
  );

function asJson(partition: number, { offset: at, timestamp, key, value, headers }: LogRecord): string {
  return json({
    partition,
    offset: at,
    timestamp,
    key: key && text(key),
    value: value && text(value),
    ...(headers.length > 0 && { headers: headers.map(h => ({ key: h.key, value: h.value && text(h.value) })) }),
  });
}

function asLine({ key, value }: LogRecord, separator: string | undefined): string {
  const shown = value ? text(value) : '';
  return separator === undefined ? shown : `${key ? text(key) : ''}${separator}${shown}`;
}

/** Waits for a slow reader of the output instead of filling memory. */
function write(line: string): Promise<void> | undefined {
  if (process.stdout.write(line)) return undefined;
  return new Promise(resolve => process.stdout.once('drain', resolve));
}
