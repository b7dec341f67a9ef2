/** Which APIs each kind of listener answers. What is here is what ApiVersions names, and nothing else. */
import type { ServedApi } from './api.ts';
import { metadata } from './handlers/03-metadata.ts';
import { offsetCommit } from './handlers/08-offset-commit.ts';
import { offsetFetch } from './handlers/09-offset-fetch.ts';
import { findCoordinator } from './handlers/10-find-coordinator.ts';
import { joinGroup } from './handlers/11-join-group.ts';
import { heartbeat } from './handlers/12-heartbeat.ts';
import { leaveGroup } from './handlers/13-leave-group.ts';
import { syncGroup } from './handlers/14-sync-group.ts';
import { describeGroups } from './handlers/15-describe-groups.ts';
import { listGroups } from './handlers/16-list-groups.ts';
import { apiVersions } from './handlers/18-api-versions.ts';
import { createTopicsApi } from './handlers/19-create-topics.ts';
import { deleteTopicsApi } from './handlers/20-delete-topics.ts';
import { deleteRecords } from './handlers/21-delete-records.ts';
import { initProducerId } from './handlers/22-init-producer-id.ts';
import { describeConfigs } from './handlers/32-describe-configs.ts';
import { describeLogDirs } from './handlers/35-describe-log-dirs.ts';
import { createPartitionsApi } from './handlers/37-create-partitions.ts';
import { deleteGroups } from './handlers/42-delete-groups.ts';
import { incrementalAlterConfigs } from './handlers/44-incremental-alter-configs.ts';
import { listPartitionReassignments } from './handlers/46-list-partition-reassignments.ts';
import { offsetDelete } from './handlers/47-offset-delete.ts';
import { describeQuorum } from './handlers/55-describe-quorum.ts';
import { describeCluster, endpointType } from './handlers/60-describe-cluster.ts';
import { describeProducers } from './handlers/61-describe-producers.ts';
import { describeTopicPartitions } from './handlers/75-describe-topic-partitions.ts';
import type { PlaneAsks } from './plane-asks.ts';
import type { Services } from './services.ts';

/** Produce, Fetch, ListOffsets and OffsetForLeaderEpoch: the data plane answers them itself. */
const nativeKeys = [0, 1, 2, 23] as const;

/** What brokers and controllers answer alike: it is decided by the controller anyway. */
const shared = (services: Services): ServedApi[] => [
  createTopicsApi(services),
  deleteTopicsApi(services),
  describeConfigs(services),
  createPartitionsApi(services),
  incrementalAlterConfigs(services),
  listPartitionReassignments(services),
  describeQuorum(services),
];

const groupApis = (services: Services): ServedApi[] => [
  offsetCommit(services),
  offsetFetch(services),
  findCoordinator(services),
  joinGroup(services),
  heartbeat(services),
  leaveGroup(services),
  syncGroup(services),
  describeGroups(services),
  listGroups(services),
  deleteGroups(services),
  offsetDelete(services),
];

export function brokerApis(services: Services, asks: PlaneAsks): ServedApi[] {
  const apis = [
    ...shared(services),
    ...groupApis(services),
    metadata(services),
    deleteRecords(services, asks),
    initProducerId(services),
    describeLogDirs(services, asks),
    describeCluster(services, endpointType.broker),
    describeProducers(services, asks),
    describeTopicPartitions(services),
  ];
  return [...apis, apiVersions(services, [...nativeKeys, ...apis.map(({ key }) => key)])];
}

/** A listener named by controller.listener.names, for `--bootstrap-controller` (KIP-919). */
export function controllerApis(services: Services): ServedApi[] {
  const apis = [...shared(services), describeCluster(services, endpointType.controller)];
  return [
    ...apis,
    apiVersions(
      services,
      apis.map(({ key }) => key),
    ),
  ];
}
