import { type Command, InvalidArgumentError, Option } from 'commander';
import { assignorNames } from '../client/assignors/assignors.ts';
import { openCodecs } from '../client/codecs.ts';
import { Consumer, type Start } from '../client/consumer.ts';
import { ClientFailure } from '../client/failure.ts';
import { int32Max, integer } from './arguments.ts';
import { consumeAsGroup } from './consume-group.ts';
import { dataRecords, printRecords } from './records.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';
import { timestamp } from './time.ts';

export interface ConsumeOptions extends Remote {
  readonly partition?: readonly number[];
  readonly offset?: Start;
  readonly fromTime?: bigint;
  readonly follow?: true;
  readonly max?: number;
  readonly keySeparator?: string;
  readonly group?: string;
  readonly fromBeginning?: true;
  readonly untilEnd?: true;
  readonly instanceId?: string;
  readonly assignor?: string;
}

/** `milena consume TOPIC`: what is there, and with --follow what comes, one record a line. `--group`: as a member of it. */
export function registerConsume(program: Command): void {
  remoteCommand(program.command('consume [topics...]'))
    .description('print records of a topic, or of several as a member of a consumer group')
    .option('-p, --partition <number>', 'partition, repeatable (default: all)', partitions)
    .option('-o, --offset <offset>', 'earliest, latest or a number (default: earliest)', offset)
    .option('-t, --from-time <time>', 'begin at a time: ISO 8601, or ms since 1970', timestamp)
    .option('-f, --follow', 'wait for new records')
    .option('-n, --max <count>', 'end after so many records', integer(1, int32Max))
    .option('-k, --key-separator <text>', 'print keys too, with this between key and value')
    .option('-g, --group <name>', 'join this group, commit what was printed, leave on SIGINT or SIGTERM')
    .option(
      '--from-beginning',
      'with --group: begin partitions without a commit at their first record, not at their end',
    )
    .option('--until-end', 'with --group: leave when the partitions are read to the ends they had')
    .option('--instance-id <id>', 'with --group: be a static member')
    .addOption(new Option('--assignor <name>', 'with --group: how partitions are shared out').choices(assignorNames))
    .action((topics: string[], options: ConsumeOptions) =>
      options.group === undefined ? consume(topics, options) : consumeAsGroup(options.group, topics, options),
    );
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

async function consume(topics: readonly string[], options: ConsumeOptions): Promise<void> {
  const [topic] = topics;
  if (topic === undefined || topics.length > 1) throw new ClientFailure('give one topic, or --group and any number');
  refuse(options, { fromBeginning: '--from-beginning', untilEnd: '--until-end' }, 'needs --group');
  refuse(options, { instanceId: '--instance-id', assignor: '--assignor' }, 'needs --group');
  const codec = await openCodecs();
  const start = options.fromTime === undefined ? (options.offset ?? 'earliest') : { timestamp: options.fromTime };
  await withCluster(options, async cluster => {
    const consumer = await Consumer.open(cluster, topic, options.partition, start, codec);
    const ends = options.follow ? undefined : await consumer.ends();
    let left = options.max ?? Number.POSITIVE_INFINITY;
    const position = (partition: number): bigint => consumer.positions.get(topic, partition)!;
    const done = () => ends !== undefined && [...ends].every(({ partition, value }) => position(partition) >= value);
    while (left > 0 && !done()) {
      const found = dataRecords(await consumer.poll());
      if (!(await printRecords(found.slice(0, left), { ...options, namesTopics: false }))) break;
      left -= found.length;
    }
  });
}

/** Options that do not go with the others are named, not passed over. */
export function refuse<K extends keyof ConsumeOptions>(
  options: ConsumeOptions,
  names: Readonly<Record<K, string>>,
  why: string,
): void {
  for (const key of Object.keys(names) as K[]) {
    if (options[key] !== undefined) throw new ClientFailure(`${names[key]} ${why}`);
  }
}
