import type { Command } from 'commander';
import type { Cluster } from '../client/cluster.ts';
import { expectNone } from '../client/failure.ts';
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../protocol/messages/55-describe-quorum.ts';
import { DescribeClusterRequest, DescribeClusterResponse } from '../protocol/messages/60-describe-cluster.ts';
import { show, table } from './output.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';

/** `milena cluster info`: brokers, controller and the metadata quorum. */
export function registerCluster(program: Command): void {
  const cluster = program.command('cluster').description('look at a cluster');
  remoteCommand(cluster.command('info'))
    .description('show cluster id, brokers, controller and metadata quorum')
    .action((options: Remote) =>
      withCluster(options, async connected => {
        const info = { ...(await describe(connected)), quorum: await quorum(connected) };
        show(options.format, info, () => asText(info));
      }),
    );
}

async function describe(cluster: Cluster) {
  const answer = await cluster.any.call(DescribeClusterRequest, DescribeClusterResponse, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: cluster.any.versionOf(DescribeClusterRequest) >= 2,
  });
  expectNone(answer.errorCode, 'cluster', answer.errorMessage);
  return {
    clusterId: answer.clusterId,
    controller: answer.controllerId,
    brokers: answer.brokers.map(b => ({
      id: b.brokerId,
      host: b.host,
      port: b.port,
      rack: b.rack,
      fenced: b.isFenced,
    })),
  };
}

async function quorum(cluster: Cluster) {
  const answer = await cluster.any.call(DescribeQuorumRequest, DescribeQuorumResponse, {
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
  });
  expectNone(answer.errorCode, 'metadata quorum', answer.errorMessage);
  const partition = answer.topics[0]!.partitions[0]!;
  return {
    leader: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    highWatermark: partition.highWatermark,
    voters: partition.currentVoters.map(v => v.replicaId),
    observers: partition.observers.map(o => o.replicaId),
  };
}

type Info = Awaited<ReturnType<typeof describe>> & { quorum: Awaited<ReturnType<typeof quorum>> };

function asText(info: Info): string {
  const { quorum: q } = info;
  const rows = info.brokers.map(b => [
    b.id,
    `${b.host}:${b.port}`,
    b.rack,
    [b.id === info.controller ? 'controller' : '', b.fenced ? 'fenced' : ''].filter(Boolean).join(','),
  ]);
  return [
    `Cluster ${info.clusterId}`,
    `Metadata quorum: leader ${q.leader}, epoch ${q.leaderEpoch}, high watermark ${q.highWatermark}, voters ${q.voters.join(',')}`,
    '',
    table(['BROKER', 'ADDRESS', 'RACK', 'ROLE'], rows),
  ].join('\n');
}
