import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Cluster } from '../client/cluster.ts';
import { ClientFailure } from '../client/failure.ts';
import { describeGroup, listGroups } from '../client/group-admin.ts';
import { commitAsOutsider, committedOffsets } from '../client/group-offsets.ts';
import { planReset, type ResetTo } from '../client/group-reset.ts';
import { inOrder, type PartitionMap, type TopicPartition } from '../client/partition-map.ts';
import { formatResetCsv, parseResetCsv, type ResetPlans } from '../client/reset-csv.ts';
import { print, show, table } from './output.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';
import { duration, timestamp } from './time.ts';
import { partitionsIn, type TopicScope, topicScope } from './topic-scope.ts';

interface ResetOptions extends Remote {
  readonly allGroups?: true;
  readonly topic?: readonly TopicScope[];
  readonly allTopics?: true;
  readonly toEarliest?: true;
  readonly toLatest?: true;
  readonly toCurrent?: true;
  readonly toDatetime?: bigint;
  readonly byDuration?: bigint;
  readonly shiftBy?: bigint;
  readonly toOffset?: bigint;
  readonly fromFile?: string;
  readonly execute?: true;
  readonly dryRun?: true;
  readonly export?: true;
}

export function registerReset(group: Command): void {
  remoteCommand(group.command('reset-offsets [groups...]'))
    .description(
      'set the committed offsets of groups without members; shows what would be set unless --execute is given',
    )
    .option('--all-groups', 'all classic groups of the cluster')
    .option('-t, --topic <topic[:0,1]>', 'topic, or some of its partitions, repeatable', topicScope)
    .option('--all-topics', 'all topics that the group has committed offsets of')
    .option('--to-earliest', 'to the first record')
    .option('--to-latest', 'to the end')
    .option('--to-current', 'to what is committed; to the end where nothing is')
    .option(
      '--to-datetime <time>',
      'to the first record not older: 2026-01-31T12:00:00.000, UTC unless a zone is given',
      timestamp,
    )
    .option('--by-duration <duration>', 'to the first record not older than so long ago: P1DT12H, PT30M', duration)
    .option('--shift-by <count>', 'by so many records, negative goes back', int64)
    .option('--to-offset <offset>', 'to an offset', unsigned)
    .option(
      '--from-file <file>',
      'to what a CSV file says: topic,partition,offset, or with several groups group,topic,partition,offset',
    )
    .addOption(new Option('--dry-run', 'show what would be set (default)').conflicts('execute'))
    .option('--execute', 'set the offsets')
    .addOption(new Option('--export', 'print the offsets as CSV for --from-file').conflicts('format'))
    .action((groups: string[], options: ResetOptions) =>
      withCluster(options, cluster => reset(cluster, groups, options)),
    );
}

function int64(given: string): bigint {
  if (!/^[+-]?\d{1,18}$/.test(given)) throw new InvalidArgumentError('Give an integer.');
  return BigInt(given.replace('+', ''));
}

function unsigned(given: string): bigint {
  if (!/^\d{1,18}$/.test(given)) throw new InvalidArgumentError('Give an offset: an integer from 0.');
  return BigInt(given);
}

async function reset(cluster: Cluster, names: readonly string[], options: ResetOptions): Promise<void> {
  const modeOf = await mode(names, options);
  const groups = await groupsOf(cluster, names, options);
  const plans = new Map<string, PartitionMap<bigint>>();
  for (const group of groups) {
    await refuseActive(cluster, group);
    const to = modeOf(group);
    const partitions = to.to === 'plan' ? [] : await scope(cluster, group, options);
    const { offsets, warnings } = await planReset(cluster, group, partitions, to);
    for (const warning of warnings) process.stderr.write(`milena: ${warning}\n`);
    plans.set(group, offsets);
  }
  if (options.execute) for (const [group, offsets] of plans) await commitAsOutsider(cluster, group, offsets);
  if (options.export) {
    print(formatResetCsv(plans));
    return;
  }
  const rows = sorted(plans);
  const result = { executed: options.execute === true, offsets: rows };
  show(options.format, result, () => {
    const lines = table(
      ['GROUP', 'TOPIC', 'PARTITION', 'NEW OFFSET'],
      rows.map(({ group, topic, partition, offset }) => [group, topic, partition, offset]),
    );
    return options.execute ? lines : `${lines}\nNothing was changed; --execute sets these offsets.`;
  });
}

const sorted = (plans: ResetPlans) =>
  [...plans].flatMap(([group, plan]) =>
    [...plan].sort(inOrder).map(({ topic, partition, value }) => ({ group, topic, partition, offset: value })),
  );

async function groupsOf(cluster: Cluster, names: readonly string[], options: ResetOptions): Promise<readonly string[]> {
  if (names.length > 0 === (options.allGroups === true)) throw new ClientFailure('give group names or --all-groups');
  if (!options.allGroups) return [...new Set(names)];
  const groups = await listGroups(cluster, { states: [], types: [] });
  return groups.filter(({ type }) => type === '' || type.toLowerCase() === 'classic').map(({ group }) => group);
}

/** Members go on from what they know and would overwrite what is set here. */
async function refuseActive(cluster: Cluster, group: string): Promise<void> {
  const { state } = await describeGroup(cluster, group);
  if (state === 'Empty' || state === 'Dead') return;
  throw new ClientFailure(`group ${group} is ${state}: offsets are reset only while a group has no members`);
}

async function scope(
  cluster: Cluster,
  group: string,
  { topic, allTopics }: ResetOptions,
): Promise<readonly TopicPartition[]> {
  if ((topic === undefined) === (allTopics === undefined)) throw new ClientFailure('give --topic or --all-topics');
  if (topic) return partitionsIn(cluster, topic);
  const committed = await committedOffsets(cluster, group);
  if (committed.size === 0)
    throw new ClientFailure(`group ${group} has committed nothing; name its topics with --topic`);
  return [...committed].sort(inOrder);
}

/** Exactly one mode must be given; the answer says what it means for a group. */
async function mode(names: readonly string[], options: ResetOptions): Promise<(group: string) => ResetTo> {
  const { toDatetime, byDuration, shiftBy, toOffset, fromFile } = options;
  const given: ResetTo[] = [];
  if (options.toEarliest) given.push({ to: 'earliest' });
  if (options.toLatest) given.push({ to: 'latest' });
  if (options.toCurrent) given.push({ to: 'current' });
  if (toDatetime !== undefined) given.push({ to: 'time', timestamp: toDatetime });
  if (byDuration !== undefined) given.push({ to: 'time', timestamp: BigInt(Date.now()) - byDuration });
  if (shiftBy !== undefined) given.push({ to: 'shift', by: shiftBy });
  if (toOffset !== undefined) given.push({ to: 'offset', offset: toOffset });
  if (given.length + (fromFile === undefined ? 0 : 1) !== 1) {
    throw new ClientFailure(
      'give one of --to-earliest, --to-latest, --to-current, --to-datetime, --by-duration, --shift-by, --to-offset and --from-file',
    );
  }
  if (fromFile === undefined) return () => given[0]!;
  if (options.topic || options.allTopics) throw new ClientFailure('--from-file names the partitions itself');
  const plans = parseResetCsv(await contents(fromFile), names.length === 1 ? names[0] : undefined);
  return group => {
    const plan = plans.get(group);
    if (!plan) throw new ClientFailure(`${fromFile} has no offsets for group ${group}`);
    return { to: 'plan', plan };
  };
}

async function contents(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ClientFailure(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
