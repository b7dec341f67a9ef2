/** Fills `__consumer_offsets` with commits of many groups, through the protocol; its closed segments can all be cleaned then. */

import { zeroUuid } from '../src/base/uuid.ts';
import { Connection } from '../src/client/connection.ts';
import { apiOf } from '../src/protocol/api.ts';
import { decodeResponse, encodeRequest } from '../src/protocol/frame.ts';
import { OffsetCommitRequest, type OffsetCommitResponse } from '../src/protocol/messages/08-offset-commit.ts';
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../src/protocol/messages/10-find-coordinator.ts';
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../src/protocol/messages/44-incremental-alter-configs.ts';
import { createTopics } from '../test/answers/play.ts';
import { RawClient } from '../test/support/raw-client.ts';

/** offsets.topic.num.partitions as shipped. */
export const offsetsPartitions = 50;
const topic = 'events';
/** The last version that names topics. */
const commitVersion = 9;
const connections = 8;
const inFlight = 16;
const topicResource = 2;
const [setOperation, deleteOperation] = [0, 1];
/** One answer in so many is looked at. */
const looksAt = 100;

export interface CommitSizes {
  readonly commits: number;
  readonly groups: number;
  readonly partitions: number;
}

const groupName = (group: number): string => `order-service-${group}`;

function commitFrame(group: number, partitions: number, round: number): Uint8Array {
  return encodeRequest(
    apiOf(OffsetCommitRequest.key)!,
    commitVersion,
    { correlationId: group, clientId: 'bench' },
    {
      groupId: groupName(group),
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: [
        {
          name: topic,
          topicId: zeroUuid,
          partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
            partitionIndex,
            committedOffset: BigInt(round),
            committedMetadata: '',
          })),
        },
      ],
    },
  );
}

async function receive(client: RawClient, count: number): Promise<void> {
  const answer = await client.receive();
  if (count % looksAt !== 0) return;
  const { body } = decodeResponse(apiOf(OffsetCommitRequest.key)!, commitVersion, answer);
  for (const { partitions } of (body as OffsetCommitResponse).topics) {
    for (const { errorCode } of partitions)
      if (errorCode !== 0) throw new Error(`a commit was refused with ${errorCode}`);
  }
}

/** Every group commits once a round; each connection has groups of its own. */
async function commitRounds(
  port: number,
  { groups, partitions }: CommitSizes,
  from: number,
  upTo: number,
): Promise<void> {
  const one = async (first: number): Promise<void> => {
    const client = await RawClient.open(port);
    let [waiting, answered] = [0, 0];
    for (let round = from; round < upTo; round++) {
      for (let group = first; group < groups; group += connections) {
        if (waiting === inFlight) {
          await receive(client, answered++);
          waiting--;
        }
        client.send(commitFrame(group, partitions, round));
        waiting++;
      }
    }
    for (; waiting > 0; waiting--) await receive(client, answered++);
    await client.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, first) => one(first)));
}

async function coordinated(connection: Connection, groups: number): Promise<void> {
  const coordinatorKeys = Array.from({ length: groups }, (_, group) => groupName(group));
  for (;;) {
    const answer = await connection.call(FindCoordinatorRequest, FindCoordinatorResponse, {
      keyType: 0,
      coordinatorKeys,
    });
    if (answer.coordinators.every(({ errorCode }) => errorCode === 0)) return;
  }
}

async function setSegmentMs(connection: Connection, value: string | null): Promise<void> {
  const configOperation = value === null ? deleteOperation : setOperation;
  const resource = {
    ...{ resourceType: topicResource, resourceName: '__consumer_offsets' },
    configs: [{ name: 'segment.ms', configOperation, value }],
  };
  const { responses } = await connection.call(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, {
    resources: [resource],
    validateOnly: false,
  });
  if (responses[0]!.errorCode !== 0) throw new Error(`segment.ms: ${responses[0]!.errorMessage}`);
}

export async function commitAll(port: number, sizes: CommitSizes): Promise<void> {
  const admin = await RawClient.open(port);
  await createTopics(admin, [{ name: topic, partitions: sizes.partitions }]);
  await admin.close();
  const connection = await Connection.open({ host: '127.0.0.1', port });
  await coordinated(connection, sizes.groups);
  const rounds = Math.ceil(sizes.commits / sizes.groups / sizes.partitions);
  await commitRounds(port, sizes, 0, rounds);
  // Segments are older than a millisecond: the next commit of each partition begins a new one.
  await setSegmentMs(connection, '1');
  await commitRounds(port, sizes, rounds, rounds + 1);
  await setSegmentMs(connection, null);
  connection.close();
}
