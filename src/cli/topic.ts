import { type Command, InvalidArgumentError } from 'commander';
import { addPartitions, alterTopicConfigs, createTopic, deleteTopics, topicOverrides } from '../client/admin.ts';
import type { Cluster, TopicMetadata } from '../client/cluster.ts';
import { ClientFailure, expectNone } from '../client/failure.ts';
import { collect, int16Max, int32Max, integer, keyValue } from './arguments.ts';
import { show, table } from './output.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';

/** `milena topic create|list|describe|alter|delete`, over the public protocol: works against any Kafka. */
export function registerTopic(program: Command): void {
  const topic = program.command('topic').description('create, list, describe, alter and delete topics');
  registerCreate(topic);
  registerList(topic);
  registerDescribe(topic);
  registerAlter(topic);
  registerDelete(topic);
}

interface CreateOptions extends Remote {
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly config?: ReadonlyMap<string, string>;
  readonly validateOnly?: true;
  readonly ifNotExists?: true;
}

function registerCreate(topic: Command): void {
  remoteCommand(topic.command('create <name>'))
    .description('create a topic')
    .option('-p, --partitions <count>', "number of partitions (default: the broker's)", integer(1, int32Max))
    .option(
      '-r, --replication-factor <count>',
      "replicas of each partition (default: the broker's)",
      integer(1, int16Max),
    )
    .option('-c, --config <key=value>', 'topic configuration, repeatable', keyValue)
    .option('--validate-only', 'check, but create nothing')
    .option('--if-not-exists', 'succeed when the topic is there already')
    .action((name: string, options: CreateOptions) => withCluster(options, cluster => create(cluster, name, options)));
}

async function create(cluster: Cluster, name: string, options: CreateOptions): Promise<void> {
  if (options.ifNotExists && (await exists(cluster, name))) {
    show(options.format, { name, created: false }, () => `Topic ${name} is there already.`);
    return;
  }
  const wanted = {
    name,
    partitions: options.partitions ?? -1,
    replicationFactor: options.replicationFactor ?? -1,
    configs: options.config ?? new Map(),
  };
  await createTopic(cluster, wanted, options.validateOnly ?? false);
  const done = options.validateOnly ? 'could be created' : 'created';
  show(options.format, { name, created: !options.validateOnly }, () => `Topic ${name} ${done}.`);
}

async function exists(cluster: Cluster, name: string): Promise<boolean> {
  return (await cluster.metadata([name])).topics[0]!.errorCode === 0;
}

function registerList(topic: Command): void {
  remoteCommand(topic.command('list'))
    .description('list topics')
    .option('--exclude-internal', "leave out the cluster's own topics")
    .action((options: Remote & { excludeInternal?: true }) =>
      withCluster(options, async cluster => {
        const { topics } = await cluster.metadata(null);
        const shown = topics.filter(t => !(options.excludeInternal && t.isInternal)).sort(byName);
        const rows = shown.map(t => [t.name, t.partitions.length, t.partitions[0]?.replicaNodes.length ?? 0] as const);
        show(
          options.format,
          shown.map(t => ({
            name: t.name,
            topicId: t.topicId,
            partitions: t.partitions.length,
            internal: t.isInternal,
          })),
          () => table(['TOPIC', 'PARTITIONS', 'REPLICAS'], rows),
        );
      }),
    );
}

const byName = (a: { name: string | null }, b: { name: string | null }) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1);

function registerDescribe(topic: Command): void {
  remoteCommand(topic.command('describe [names...]'))
    .description('show partitions, leaders, replicas and configuration of topics (default: all)')
    .action((names: string[], options: Remote) =>
      withCluster(options, async cluster => {
        const { topics } = await cluster.metadata(names.length > 0 ? names : null);
        for (const found of topics) expectNone(found.errorCode, `topic ${found.name}`);
        const sorted = [...topics].sort(byName);
        const overrides = await topicOverrides(
          cluster,
          sorted.map(t => t.name!),
        );
        const described = sorted.map(t => description(t, overrides.get(t.name!) ?? new Map()));
        show(options.format, described, () => described.map(asText).join('\n\n'));
      }),
    );
}

type Description = ReturnType<typeof description>;

function description(topic: TopicMetadata, configs: ReadonlyMap<string, string>) {
  return {
    name: topic.name,
    topicId: topic.topicId,
    internal: topic.isInternal,
    configs: Object.fromEntries(configs),
    partitions: [...topic.partitions]
      .sort((a, b) => a.partitionIndex - b.partitionIndex)
      .map(p => ({
        partition: p.partitionIndex,
        leader: p.leaderId,
        leaderEpoch: p.leaderEpoch,
        replicas: p.replicaNodes,
        isr: p.isrNodes,
      })),
  };
}

function asText({ name, topicId, configs, partitions }: Description): string {
  const set = Object.entries(configs).map(([key, value]) => `${key}=${value}`);
  const rows = partitions.map(p => [p.partition, p.leader, p.leaderEpoch, p.replicas.join(','), p.isr.join(',')]);
  return [
    `Topic ${name}  id ${topicId}  partitions ${partitions.length}${set.length > 0 ? `  ${set.join(' ')}` : ''}`,
    table(['PARTITION', 'LEADER', 'EPOCH', 'REPLICAS', 'ISR'], rows),
  ].join('\n');
}

interface AlterOptions extends Remote {
  readonly partitions?: number;
  readonly set?: ReadonlyMap<string, string>;
  readonly unset?: readonly string[];
}

function registerAlter(topic: Command): void {
  remoteCommand(topic.command('alter <name>'))
    .description('change the configuration of a topic, or add partitions')
    .option('-p, --partitions <count>', 'raise the number of partitions', integer(1, int32Max))
    .option('-s, --set <key=value>', 'set a configuration, repeatable', keyValue)
    .option('-u, --unset <key>', "return a configuration to the broker's default, repeatable", collect)
    .action((name: string, options: AlterOptions) => withCluster(options, cluster => alter(cluster, name, options)));
}

async function alter(cluster: Cluster, name: string, options: AlterOptions): Promise<void> {
  const set = options.set ?? new Map<string, string>();
  const unset = options.unset ?? [];
  if (set.size + unset.length === 0 && options.partitions === undefined) {
    throw new ClientFailure('nothing to change; give --set, --unset or --partitions');
  }
  const both = unset.filter(key => set.has(key));
  if (both.length > 0) throw new InvalidArgumentError(`${both.join(', ')}: either --set or --unset.`);
  if (set.size + unset.length > 0) await alterTopicConfigs(cluster, name, set, unset);
  if (options.partitions !== undefined) await addPartitions(cluster, name, options.partitions);
  show(options.format, { name, altered: true }, () => `Topic ${name} changed.`);
}

function registerDelete(topic: Command): void {
  remoteCommand(topic.command('delete <names...>'))
    .description('delete topics and all they hold')
    .action((names: string[], options: Remote) =>
      withCluster(options, async cluster => {
        await deleteTopics(cluster, names);
        show(
          options.format,
          names.map(name => ({ name, deleted: true })),
          () => names.map(name => `Topic ${name} deleted.`).join('\n'),
        );
      }),
    );
}
