// Loads one shard: reads its log in pieces and replays them in slices, other work of the event loop in between.
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
  while (replayer.nextOffset < logEndOffset) {
    const readable = partition.highWatermark;
    const bytes = await partition.read(replayer.nextOffset, options.limits.loadBufferBytes);
    if (!alive()) return undefined;
    if (bytes.length === 0) {
      // What recovery has found counts as committed when it is synced, which the plane tells by the high watermark.
      if (partition.highWatermark === readable) await partition.moved();
      if (!alive()) return undefined;
      continue;
    }
    const from = replayer.nextOffset;
    replayer.feed(bytes);
    if (replayer.needsCodec && options.codecs !== undefined) replayer.use(await options.codecs());
    do {
      await slices.turn();
      if (!alive()) return undefined;
    } while (replayer.step(recordsPerSlice));
    if (replayer.nextOffset === from) throw new WireError(`no whole batch at offset ${from}`);
  }
  return replayer.skipped;
}
