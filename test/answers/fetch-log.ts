/** Reads a partition by plain Fetch requests, as stored, from an offset to its end. */
import { zeroUuid } from '../../src/base/uuid.ts';
import { decodeResponse } from '../../src/protocol/frame.ts';
import { FetchRequest, type FetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { parseBatches } from '../support/parse-batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { ask, servedApi } from './suite.ts';

const VERSION = 11;
const FETCH_BYTES = 8 << 20;
const OPENING_DEADLINE_MS = 60_000;
const NOT_LEADER_OR_FOLLOWER = 6;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

export type FetchLogOptions = {
  readonly from?: bigint;
  /** The read at the end waits that long for more to become visible. */
  readonly waitMs?: number;
};

/** A partition that is still being opened after a restart is asked again until it answers. */
export async function fetchLog(
  port: number,
  topic: string,
  partition: number,
  { from = 0n, waitMs = 0 }: FetchLogOptions = {},
): Promise<Buffer> {
  const client = await RawClient.open(port);
  const pieces: Buffer[] = [];
  const deadline = Date.now() + OPENING_DEADLINE_MS;
  try {
    for (let offset = from; ; ) {
      const partitions = [{ partition, fetchOffset: offset, partitionMaxBytes: FETCH_BYTES }];
      const frame = ask(FetchRequest, VERSION, {
        ...{ maxWaitMs: waitMs, minBytes: waitMs > 0 ? 1 : 0, maxBytes: FETCH_BYTES },
        ...{ topics: [{ topic, topicId: zeroUuid, partitions }], forgottenTopicsData: [] },
      });
      const { body } = decodeResponse(servedApi(FetchRequest), VERSION, await client.call(frame));
      const read = (body as FetchResponse).responses[0]!.partitions[0]!;
      const opening = read.errorCode === NOT_LEADER_OR_FOLLOWER || read.errorCode === UNKNOWN_TOPIC_OR_PARTITION;
      if (opening && Date.now() < deadline) continue;
      if (read.errorCode !== 0)
        throw new Error(`fetching ${topic}-${partition} from ${offset}: error ${read.errorCode}`);
      const bytes = Buffer.from(read.records ?? new Uint8Array(0));
      const batches = parseBatches(bytes);
      const last = batches.at(-1);
      if (last === undefined) return Buffer.concat(pieces);
      pieces.push(
        bytes.subarray(
          0,
          batches.reduce((sum, batch) => sum + batch.bytes, 0),
        ),
      );
      offset = last.baseOffset + BigInt(last.lastOffsetDelta) + 1n;
    }
  } finally {
    await client.close();
  }
}
