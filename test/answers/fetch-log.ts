/** Reads a whole partition by plain Fetch requests, as stored. With `waitMs` the read at the end waits that long for more to become visible. */
import { zeroUuid } from '../../src/base/uuid.ts';
import { apiOf } from '../../src/protocol/api.ts';
import { decodeResponse } from '../../src/protocol/frame.ts';
import { FetchRequest, type FetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { parseBatches } from '../support/parse-batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { ask } from './suite.ts';

const VERSION = 11;
const FETCH_BYTES = 64 << 20;

export async function fetchLog(port: number, topic: string, partition: number, waitMs = 0): Promise<Buffer> {
  const client = await RawClient.open(port);
  const pieces: Buffer[] = [];
  try {
    for (let offset = 0n; ; ) {
      const frame = ask(FetchRequest, VERSION, {
        maxWaitMs: waitMs,
        minBytes: waitMs > 0 ? 1 : 0,
        maxBytes: FETCH_BYTES,
        topics: [
          {
            topic,
            topicId: zeroUuid,
            partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: FETCH_BYTES }],
          },
        ],
        forgottenTopicsData: [],
      });
      const { body } = decodeResponse(apiOf(FetchRequest.key)!, VERSION, await client.call(frame));
      const read = (body as FetchResponse).responses[0]?.partitions[0];
      if (read === undefined || read.errorCode !== 0)
        throw new Error(`fetching ${topic}-${partition}: ${read?.errorCode}`);
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
