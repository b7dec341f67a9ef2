import type { Command } from 'commander';
import type { Cluster } from '../client/cluster.ts';
import { ClientFailure } from '../client/failure.ts';
import { type DescribedGroup, describeGroup, listGroups } from '../client/group-admin.ts';
import { lagOf, type PartitionLag, totalLag } from '../client/group-lag.ts';
import { PartitionMap } from '../client/partition-map.ts';
import { show, table } from './output.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';

type Described = DescribedGroup & { readonly partitions: readonly PartitionLag[] };

export function registerDescribe(group: Command): void {
  remoteCommand(group.command('describe [groups...]'))
    .description('show state, coordinator, members and the lag of each partition (default: all groups)')
    .action((names: string[], options: Remote) =>
      withCluster(options, async cluster => {
        const described = await describe(cluster, names);
        show(options.format, described.map(asJson), () => described.map(asText).join('\n\n'));
      }),
    );
}

export function registerLag(group: Command): void {
  remoteCommand(group.command('lag [groups...]'))
    .description('show how far groups are behind, by topic (default: all groups)')
    .action((names: string[], options: Remote) =>
      withCluster(options, async cluster => {
        const lags = (await describe(cluster, names)).map(byTopic);
        const rows = lags.flatMap(({ group: name, topics, lag }) => [
          ...topics.map(t => [name, t.topic, t.partitions, t.lag] as const),
          ...(topics.length === 1 ? [] : [[name, 'all', null, lag] as const]),
        ]);
        show(options.format, lags, () => table(['GROUP', 'TOPIC', 'PARTITIONS', 'LAG'], rows));
      }),
    );
}

/** Named groups must exist: one that does not is an error, not an empty table. */
async function describe(cluster: Cluster, names: readonly string[]): Promise<Described[]> {
  const wanted = names.length > 0 ? names : await classicGroups(cluster);
  return Promise.all(
    wanted.map(async name => {
      const described = await describeGroup(cluster, name);
      const partitions = await lagOf(cluster, described);
      if (described.state === 'Dead' && partitions.length === 0)
        throw new ClientFailure(`group ${name} does not exist`);
      return { ...described, partitions };
    }),
  );
}

async function classicGroups(cluster: Cluster): Promise<string[]> {
  const groups = await listGroups(cluster, { states: [], types: [] });
  return groups.filter(({ type }) => type === '' || type.toLowerCase() === 'classic').map(({ group }) => group);
}

function byTopic({ group, partitions }: Described) {
  const topics = [...new Set(partitions.map(({ topic }) => topic))].map(topic => {
    const own = partitions.filter(each => each.topic === topic);
    return { topic, partitions: own.length, lag: totalLag(own) };
  });
  return { group, lag: totalLag(partitions), topics };
}

const asJson = ({ members, partitions, ...group }: Described) => ({
  ...group,
  lag: totalLag(partitions),
  members: members.map(member => ({
    ...member,
    assignment: new PartitionMap(member.assignment.map(at => ({ ...at, value: true })))
      .byTopic()
      .map(({ topic, partitions: own }) => ({ topic, partitions: own.map(({ partition }) => partition) })),
  })),
  partitions: partitions.map(({ topic, partition, committed, logEndOffset, lag, member }) => ({
    topic,
    partition,
    committedOffset: committed?.offset ?? null,
    committedMetadata: committed?.metadata ?? null,
    logEndOffset,
    lag,
    memberId: member?.memberId ?? null,
    instanceId: member?.instanceId ?? null,
    clientId: member?.clientId ?? null,
    host: member?.host ?? null,
  })),
});

function asText(described: Described): string {
  const { group, state, coordinator, protocolType, protocol, members, partitions } = described;
  const protocols = [protocolType, protocol].filter(Boolean).join('/') || '-';
  const parts = [
    `Group ${group}  state ${state}  coordinator ${coordinator.id} (${coordinator.host}:${coordinator.port})  protocol ${protocols}`,
    members.length === 0
      ? 'No members.'
      : table(
          ['MEMBER', 'INSTANCE', 'CLIENT', 'HOST', 'PARTITIONS'],
          members.map(m => [m.memberId, m.instanceId, m.clientId, m.host, m.assignment.length]),
        ),
  ];
  if (partitions.length === 0) return [...parts, 'No offsets committed.'].join('\n');
  const rows = partitions.map(p => [
    p.topic,
    p.partition,
    p.committed?.offset ?? null,
    p.logEndOffset,
    p.lag,
    p.member?.memberId ?? null,
    p.member?.clientId ?? null,
    p.member?.host ?? null,
  ]);
  const header = ['TOPIC', 'PARTITION', 'COMMITTED', 'LOG END', 'LAG', 'MEMBER', 'CLIENT', 'HOST'];
  return [...parts, table(header, rows), `Lag in all: ${totalLag(partitions)}`].join('\n');
}
