/** One connection of a group's client: requests in, decoded answers out. */
import { apiOf } from '../../src/protocol/api.ts';
import { decodeRequest, decodeResponse } from '../../src/protocol/frame.ts';
import type { OffsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import type { OffsetFetchResponse } from '../../src/protocol/messages/09-offset-fetch.ts';
import type { JoinGroupResponse } from '../../src/protocol/messages/11-join-group.ts';
import { HeartbeatRequest, type HeartbeatResponse } from '../../src/protocol/messages/12-heartbeat.ts';
import type { SyncGroupResponse } from '../../src/protocol/messages/14-sync-group.ts';
import { DescribeGroupsRequest, type DescribeGroupsResponse } from '../../src/protocol/messages/15-describe-groups.ts';
import {
  DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
} from '../../src/protocol/messages/35-describe-log-dirs.ts';
import {
  COMMIT_VERSION,
  commit,
  FETCH_VERSION,
  fetchOffsets,
  find,
  JOIN_AT_ONCE,
  join,
  SYNC_VERSION,
  sync,
} from '../answers/groups.ts';
import { ask } from '../answers/suite.ts';
import { DEADLINE_MS, RawClient } from '../support/raw-client.ts';

const HEARTBEAT_VERSION = 3;
const DESCRIBE_VERSION = 4;
const LOG_DIRS_VERSION = 1;
const OFFSETS_PARTITIONS = 50;
export const LOADING = 14;

type FetchedPartition = OffsetFetchResponse['topics'][number]['partitions'][number];

export class GroupClient {
  private readonly raw: RawClient;

  private constructor(raw: RawClient) {
    this.raw = raw;
  }

  static async open(port: number): Promise<GroupClient> {
    return new GroupClient(await RawClient.open(port));
  }

  close(): Promise<void> {
    return this.raw.close();
  }

  async call<Answer>(frame: Uint8Array): Promise<Answer> {
    const { api, header } = decodeRequest(frame);
    const answer = await this.raw.call(frame);
    return decodeResponse(apiOf(api.key)!, header.requestApiVersion, answer).body as Answer;
  }

  /** Asks until the group's coordinator is there and has loaded it. */
  async ready(groupId: string): Promise<void> {
    for (const deadline = Date.now() + DEADLINE_MS; ; ) {
      await this.call(find(0, [groupId]));
      const { errorCode } = await this.call<OffsetFetchResponse>(
        fetchOffsets(FETCH_VERSION, [{ groupId, topics: [] }]),
      );
      if (errorCode === 0) return;
      if (Date.now() > deadline) throw new Error(`group ${groupId} is not served: error ${errorCode}`);
    }
  }

  join(groupId: string, memberId = '', timeoutMs?: number): Promise<JoinGroupResponse> {
    const timeouts = timeoutMs === undefined ? {} : { sessionTimeoutMs: timeoutMs, rebalanceTimeoutMs: timeoutMs };
    return this.call(join(JOIN_AT_ONCE, { groupId, memberId, ...timeouts }));
  }

  sync(groupId: string, memberId: string, generationId: number, shares: Readonly<Record<string, string>> = {}) {
    const assignments = Object.entries(shares).map(([id, share]) => ({ memberId: id, assignment: Buffer.from(share) }));
    return this.call<SyncGroupResponse>(sync(SYNC_VERSION, { groupId, memberId, generationId, assignments }));
  }

  /** The error code. */
  async heartbeat(groupId: string, memberId: string, generationId: number): Promise<number> {
    const frame = ask(HeartbeatRequest, HEARTBEAT_VERSION, { groupId, memberId, generationId });
    return (await this.call<HeartbeatResponse>(frame)).errorCode;
  }

  /** The error code. `member` is an id and a generation. */
  async commit(groupId: string, topic: string, offset: bigint, member: readonly [string, number] = ['', -1]) {
    const [memberId, generation] = member;
    const topics = [{ name: topic, offsets: [{ partition: 0, offset }] }];
    const frame = commit(COMMIT_VERSION, { groupId, memberId, generation, topics });
    return (await this.call<OffsetCommitResponse>(frame)).topics[0]!.partitions[0]!.errorCode;
  }

  /** -1 when there is none. */
  async fetch(groupId: string, topic: string, requireStable = false): Promise<bigint> {
    return (await this.fetchOne(groupId, topic, requireStable)).committedOffset;
  }

  /** What is committed for partition 0 of the topic. */
  async fetchOne(groupId: string, topic: string, requireStable = false): Promise<FetchedPartition> {
    const topics = [{ name: topic, partitions: [0] }];
    const frame = fetchOffsets(FETCH_VERSION, [{ groupId, topics }], requireStable);
    const answer = await this.call<OffsetFetchResponse>(frame);
    if (answer.errorCode !== 0) throw new Error(`offsets of ${groupId}: error ${answer.errorCode}`);
    return answer.topics[0]!.partitions[0]!;
  }

  /** Bytes of `__consumer_offsets`, synced or not. */
  async writtenBytes(): Promise<bigint> {
    const partitions = Array.from({ length: OFFSETS_PARTITIONS }, (_, i) => i);
    const frame = ask(DescribeLogDirsRequest, LOG_DIRS_VERSION, {
      topics: [{ topic: '__consumer_offsets', partitions }],
    });
    const { results } = await this.call<DescribeLogDirsResponse>(frame);
    const sizes = results.flatMap(({ topics }) => topics.flatMap(topic => topic.partitions));
    return sizes.reduce((sum, { partitionSize }) => sum + partitionSize, 0n);
  }

  async describe(groupId: string): Promise<DescribeGroupsResponse['groups'][number]> {
    const frame = ask(DescribeGroupsRequest, DESCRIBE_VERSION, {
      groups: [groupId],
      includeAuthorizedOperations: false,
    });
    return (await this.call<DescribeGroupsResponse>(frame)).groups[0]!;
  }

  /** A member alone in a new generation of its group, with `share` assigned; returns its id and the generation. */
  async settle(groupId: string, share = 'all'): Promise<readonly [string, number]> {
    const { memberId, generationId, errorCode } = await this.join(groupId);
    if (errorCode !== 0) throw new Error(`joining ${groupId}: error ${errorCode}`);
    await this.sync(groupId, memberId, generationId, { [memberId]: share });
    return [memberId, generationId];
  }
}
