import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import { utf8 } from '../base/bytes.ts';
import { openCodecs } from '../client/codecs.ts';
import { Producer } from '../client/producer.ts';
import { type Compression, compressions, type RecordInit } from '../protocol/records/batch.ts';
import { int32Max, integer } from './arguments.ts';
import { show } from './output.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';

interface ProduceOptions extends Remote {
  readonly partition?: number;
  readonly keySeparator?: string;
  readonly compression: Compression;
  readonly acks: 'all' | '0' | '1';
}

/** Records that wait for one request; a line that is longer goes alone. */
const batchBytesMax = 512 * 1024;
/** What a record takes beside key and value: lengths and differences, each a varint. Lines may be short. */
const recordOverheadBytes = 24;
const acks = { all: -1, '0': 0, '1': 1 } as const;

/** `milena produce TOPIC [FILE]`: one record a line, acknowledged before the command ends. */
export function registerProduce(program: Command): void {
  remoteCommand(program.command('produce <topic> [file]'))
    .description('send lines of a file or of standard input as records')
    .option('-p, --partition <number>', "partition (default: by the key's hash, else in turn)", integer(0, int32Max))
    .option('-k, --key-separator <text>', 'what stands between key and value in a line (default: lines are values)')
    .addOption(new Option('-z, --compression <codec>', 'codec of the batches').choices(compressions).default('none'))
    .addOption(
      new Option('--acks <acks>', 'who must have a record before it counts').choices(['all', '1', '0']).default('all'),
    )
    .action((topic: string, file: string | undefined, options: ProduceOptions) => produce(topic, file, options));
}

async function produce(topic: string, file: string | undefined, options: ProduceOptions): Promise<void> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  const codec = options.compression === 'none' ? undefined : await openCodecs();
  await withCluster(options, async cluster => {
    const { partition, compression } = options;
    const producer = await Producer.open(cluster, { topic, partition, compression, codec, acks: acks[options.acks] });
    let sent = 0;
    for await (const records of batches(input, options.keySeparator)) {
      await producer.send(records);
      sent += records.length;
    }
    show(options.format, { topic, records: sent }, () => `${sent} records sent to ${topic}.`);
  });
}

async function* batches(input: NodeJS.ReadableStream, separator: string | undefined): AsyncGenerator<RecordInit[]> {
  let waiting: RecordInit[] = [];
  let bytes = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    waiting.push(record(line, separator));
    bytes += Buffer.byteLength(line) + recordOverheadBytes;
    if (bytes < batchBytesMax) continue;
    yield waiting;
    waiting = [];
    bytes = 0;
  }
  if (waiting.length > 0) yield waiting;
}

function record(line: string, separator: string | undefined): RecordInit {
  const timestamp = BigInt(Date.now());
  const at = separator ? line.indexOf(separator) : -1;
  if (at < 0) return { timestamp, value: utf8(line) };
  return { timestamp, key: utf8(line.slice(0, at)), value: utf8(line.slice(at + separator!.length)) };
}
