/** Reads a group's committed positions and state all the time, through every crash of the broker, and hands each answer over in the order in which it was given. */
import { Connection } from '../../../src/client/connection.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import { OffsetFetchRequest, OffsetFetchResponse } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../../src/protocol/messages/15-describe-groups.ts';

/** Between two looks; how often is not how long anything may take. */
const LOOK_MS = 20;
/** The last version with one group and topic names. */
const OFFSET_FETCH_VERSION = 7;
const DESCRIBE_VERSION = 5;

/** A coordinator that is loading, moving or not there yet. */
const PASSING: ReadonlySet<number> = new Set([
  errorCode.COORDINATOR_LOAD_IN_PROGRESS,
  errorCode.COORDINATOR_NOT_AVAILABLE,
  errorCode.NOT_COORDINATOR,
]);

export type WatchTarget = { host: string; port: number; group: string; topic: string; partitions: number };

export class GroupWatch {
  /** As DescribeGroups spells it; empty while nobody answers. */
  state = '';
  members: readonly string[] = [];
  /** Why nobody answered when last nobody did; for reports. */
  trouble = '';
  private readonly target: WatchTarget;
  private readonly onCommitted: (partition: number, position: bigint) => void;
  private readonly onNews: (failure?: string) => void;
  private connection: Connection | undefined;
  private stopped = false;
  private readonly ended: Promise<void>;

  constructor(
    target: WatchTarget,
    onCommitted: (partition: number, position: bigint) => void,
    onNews: (failure?: string) => void,
  ) {
    this.target = target;
    this.onCommitted = onCommitted;
    this.onNews = onNews;
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.connection?.close();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        this.connection ??= await Connection.open(this.target);
        await this.look(this.connection);
        this.onNews();
      } catch (error) {
        // The broker is gone; it will be back.
        this.trouble = `last trouble: ${error}`;
        this.connection?.close();
        this.connection = undefined;
        this.state = '';
      }
      await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    }
  }

  private async look(connection: Connection): Promise<void> {
    const { group, topic, partitions } = this.target;
    const topics = [{ name: topic, partitionIndexes: Array.from({ length: partitions }, (_, i) => i) }];
    const body = { groupId: group, topics, groups: [] };
    const offsets = await connection.call(OffsetFetchRequest, OffsetFetchResponse, body, OFFSET_FETCH_VERSION);
    const codes = [offsets.errorCode, ...(offsets.topics[0]?.partitions ?? []).map(one => one.errorCode)];
    const refusal = codes.find(code => code !== 0);
    if (refusal === undefined) {
      for (const one of offsets.topics[0]!.partitions) this.onCommitted(one.partitionIndex, one.committedOffset);
    } else if (!PASSING.has(refusal)) {
      this.onNews(`OffsetFetch of ${group} was refused with ${refusal}`);
    }
    const ask = { groups: [group], includeAuthorizedOperations: false };
    const described = await connection.call(DescribeGroupsRequest, DescribeGroupsResponse, ask, DESCRIBE_VERSION);
    const found = described.groups[0]!;
    this.state = found.errorCode === 0 ? found.groupState : '';
    this.members = found.members.map(one => one.memberId);
  }
}
