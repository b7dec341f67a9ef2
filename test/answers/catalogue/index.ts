import type { Suite } from '../suite.ts';
import {
  apiVersions,
  describeCluster,
  describeQuorum,
  describeTopicPartitions,
  listReassignments,
  metadataVersions,
} from './cluster.ts';
import { alterConfigs, describeConfigs } from './configs.ts';
import { fetchVersions } from './fetch.ts';
import { deleteGroups, describeGroups, listGroups } from './group-admin.ts';
import { offsetCommit, offsetDelete, offsetFetch } from './group-offsets.ts';
import { findCoordinator, heartbeat, joinGroup, leaveGroup, syncGroup } from './membership.ts';
import { deleteRecords, leaderEpochs, listOffsets } from './offsets.ts';
import { produceVersions } from './produce.ts';
import { produceChecks } from './produce-checks.ts';
import { describeProducers, initProducerId } from './producers.ts';
import { rebalances } from './rebalances.ts';
import { createPartitionsSuite, createTopicsSuite, deleteTopicsSuite } from './topics.ts';

/** Every suite, in the order in which goldens are captured. */
export const catalogue: readonly Suite[] = [
  produceChecks,
  produceVersions,
  fetchVersions,
  listOffsets,
  leaderEpochs,
  deleteRecords,
  apiVersions,
  metadataVersions,
  describeTopicPartitions,
  describeCluster,
  describeQuorum,
  listReassignments,
  createTopicsSuite,
  deleteTopicsSuite,
  createPartitionsSuite,
  describeConfigs,
  alterConfigs,
  initProducerId,
  describeProducers,
  findCoordinator,
  joinGroup,
  syncGroup,
  heartbeat,
  leaveGroup,
  rebalances,
  offsetCommit,
  offsetFetch,
  offsetDelete,
  describeGroups,
  listGroups,
  deleteGroups,
];
