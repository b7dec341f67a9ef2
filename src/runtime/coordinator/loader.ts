// Loads one shard: reads its log in pieces and replays them in slices, other work of the event loop in between.
import { noBytes } from '../../base/bytes.ts';
import type { Machine } from '../../core/coordinator/machine.ts';
import { WireError } from '../../protocol/wire.ts';
import type { PlanePartition } from '../plane-partition.ts';
import type { CoordinatorOptions } from './options.ts';
import { Replayer, type Skipped } from './replayer.ts';
import type { Slices } from './slices.ts';

/** One slice: a millisecond or two of small records. */
const recordsPerSlice = 1_000;

export interface LogRange {
  readonly logStartOffset: bigint;
  readonly logEndOffset: bigint;
}

/**
 * Replays all of the range; resolves with what was skipped, or undefined when `alive` said no in between. Rejects with
 * PlaneError or WireError when the log cannot be read.
 */
export async function load<M extends Machine<Stored, Rec>, Stored, Rec>(
  options: CoordinatorOptions<M, Stored, Rec>,
  machine: M,
  partition: PlanePartition,
  slices: Slices,
  { logStartOffset, logEndOffset }: LogRange,
  alive: () => boolean,
): Promise<Skipped | undefined> {
  const replayer = new Replayer<Stored, Rec>(options.kind, machine, logStartOffset);
  let bytes = await readable(options, partition, logStartOffset, logEndOffset, alive);
  while (bytes !== undefined && bytes.length > 0) {
    const from = replayer.nextOffset;
    replayer.feed(bytes);
    if (replayer.needsCodec && options.codecs !== undefined) replayer.use(await options.codecs());
    // The disk works while this thread does.
    const ahead = settled(readable(options, partition, replayer.fedEnd, logEndOffset, alive));
    do {
      await slices.turn();
      if (!alive()) return undefined;
    } while (replayer.step(recordsPerSlice));
    if (replayer.nextOffset <= from) throw new WireError(`no whole batch at offset ${from}`);
    bytes = await ahead();
  }
  return alive() ? replayer.skipped : undefined;
}

/** What the log holds from `from` on: waits until some of it is committed. Empty at the end, undefined when not alive. */
async function readable<M extends Machine<Stored, Rec>, Stored, Rec>(
  { limits }: CoordinatorOptions<M, Stored, Rec>,
  partition: PlanePartition,
  from: bigint,
  end: bigint,
  alive: () => boolean,
): Promise<Uint8Array | undefined> {
  while (from < end) {
    const { highWatermark } = partition;
    const bytes = await partition.read(from, limits.loadBufferBytes);
    if (!alive()) return undefined;
    if (bytes.length > 0) return bytes;
    // What recovery has found counts as committed when it is synced, which the plane tells by the high watermark.
    if (partition.highWatermark === highWatermark) await partition.moved();
    if (!alive()) return undefined;
  }
  return noBytes;
}

/** A failure of `work` is told to whoever asks for its result, not before. */
function settled<T>(work: Promise<T>): () => Promise<T> {
  work.catch(() => {});
  return () => work;
}
