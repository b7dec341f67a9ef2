import { errorCode } from '../protocol/errors.ts';
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../protocol/messages/10-find-coordinator.ts';
import type { Address } from './address.ts';
import type { Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { expectNone } from './failure.ts';
import { whilePassing } from './retry.ts';

/** The broker that coordinates a group. */
export interface Coordinator extends Address {
  readonly id: number;
}

const groupKeyType = 0;

/** Asks for the coordinator; waits while the cluster still creates the topic of the offsets. */
export function findCoordinator(cluster: Cluster, group: string): Promise<Coordinator> {
  return whilePassing(async () => {
    await cluster.revive();
    const single = cluster.any.versionOf(FindCoordinatorRequest) < 4;
    const answer = await cluster.any.call(FindCoordinatorRequest, FindCoordinatorResponse, {
      key: single ? group : '',
      keyType: groupKeyType,
      coordinatorKeys: single ? [] : [group],
    });
    const found = single ? answer : answer.coordinators[0]!;
    expectNone(found.errorCode, `coordinator of group ${group}`, found.errorMessage || null);
    return { id: found.nodeId, host: found.host, port: found.port };
  });
}

/**
 * Runs `work` on a connection to the group's coordinator, and again with the new one when it has moved, is loading or was
 * lost. `work` throws what the broker refused (expectNone).
 */
export function onCoordinator<T>(
  cluster: Cluster,
  group: string,
  work: (connection: Connection, coordinator: Coordinator) => Promise<T>,
): Promise<T> {
  return whilePassing(async () => {
    const coordinator = await findCoordinator(cluster, group);
    return work(await cluster.nodeAt(coordinator.id, coordinator), coordinator);
  });
}

/** The answer of a coordinator that may be asked again, elsewhere or later. */
export const isCoordinatorTrouble = (code: number): boolean =>
  code === errorCode.NOT_COORDINATOR ||
  code === errorCode.COORDINATOR_NOT_AVAILABLE ||
  code === errorCode.COORDINATOR_LOAD_IN_PROGRESS ||
  code === errorCode.NETWORK_EXCEPTION;
