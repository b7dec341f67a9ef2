import { type Command, Option } from 'commander';
import { createTopic } from '../../client/admin.ts';
import type { Cluster } from '../../client/cluster.ts';
import { findCoordinator } from '../../client/coordinator.ts';
import { int16Max, integer } from '../arguments.ts';
import { show, table } from '../output.ts';
import { type Remote, remoteCommand, withCluster } from '../remote.ts';
import { commits, type GroupFigures, type GroupSite, heartbeats, rebalance } from './group-loads.ts';
import { Group } from './group-members.ts';
import { openWires } from './group-wire.ts';
import { secondsOption } from './options.ts';

interface GroupsOptions extends Remote {
  readonly load: 'rebalance' | 'heartbeats' | 'commits';
  readonly groups: number;
  readonly members: number;
  readonly seconds: number;
}

export function registerGroups(bench: Command): void {
  secondsOption(remoteCommand(bench.command('groups')))
    .description('load the group coordinator with members of the classic protocol')
    .addOption(
      new Option('--load <load>', 'members that join, that only live, or that commit offsets as fast as they can')
        .choices(['rebalance', 'heartbeats', 'commits'])
        .default('rebalance'),
    )
    .option('--groups <count>', 'groups (heartbeats, commits)', integer(1, int16Max), 10)
    .option('--members <count>', 'members of each group (rebalance, heartbeats)', integer(1, int16Max), 20)
    .action(run);
}

/** Connections and timers of a load do not hold the process; this does, until the load has ended or failed. */
const aliveMs = 1_000;

async function run(options: GroupsOptions): Promise<void> {
  const alive = setInterval(() => undefined, aliveMs);
  try {
    await measure(options);
  } finally {
    clearInterval(alive);
  }
}

async function measure(options: GroupsOptions): Promise<void> {
  const run = `${process.pid}-${Date.now()}`;
  const figures = await withCluster(
    options,
    cluster =>
      new Promise<GroupFigures>((resolve, reject) => {
        const coordinator = (group: string) => findCoordinator(cluster, group);
        const site: GroupSite = { coordinator, run, seconds: options.seconds, lost: reject };
        warmUp(site)
          .then(() => load(cluster, site, options))
          .then(resolve, reject);
      }),
  );
  show(options.format, figures, () =>
    table(
      ['FIGURE', 'VALUE'],
      Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
    ),
  );
}

/** The first group of a cluster waits for the topic of the offsets, which is nobody's figure. */
async function warmUp(site: GroupSite): Promise<void> {
  const group = new Group(`warm-up-${site.run}`);
  const [wire] = await openWires(await site.coordinator(group.id), 1, site.lost);
  await group.grow([wire!]);
  wire!.close();
}

async function load(
  cluster: Cluster,
  site: GroupSite,
  { load: kind, groups, members }: GroupsOptions,
): Promise<GroupFigures> {
  switch (kind) {
    case 'rebalance':
      return rebalance(site, members);
    case 'heartbeats':
      return heartbeats(site, groups, members);
    case 'commits': {
      const topic = `milena-bench-${site.run}`;
      await createTopic(cluster, { name: topic, partitions: 1, replicationFactor: -1, configs: new Map() }, false);
      return commits(site, groups, topic);
    }
  }
}
