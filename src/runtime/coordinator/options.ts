// What a coordinator's runtime is made of.
import type { Machine, MachineKind } from '../../core/coordinator/machine.ts';
import type { BlockCodec } from '../../protocol/records/batch.ts';
import type { NoticeLevel } from '../metadata-log-options.ts';
import type { Clock, DataPlane, Entropy } from '../ports.ts';
import type { Tickets } from '../tickets.ts';

export interface CoordinatorLimits {
  /** Bytes of one read while loading: offsets.load.buffer.size. */
  readonly loadBufferBytes: number;
  /** How long an answer waits to be committed: offsets.commit.timeout.ms. */
  readonly commitTimeoutMs: number;
  /** The largest batch the topic takes, max.message.bytes; asked whenever a batch is begun. */
  readonly batchBytesMax: () => number;
  /** Requests of one shard that wait for their answers; more are refused with COORDINATOR_NOT_AVAILABLE. */
  readonly slotsMax: number;
}

export interface CoordinatorOptions<M extends Machine<Stored, Rec>, Stored, Rec> {
  readonly kind: MachineKind<M, Stored, Rec>;
  readonly plane: Pick<DataPlane, 'submit'>;
  readonly tickets: Tickets;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Runs `run` once, when other work of the event loop has had its turn: setImmediate. */
  readonly soon: (run: () => void) => void;
  /** Called when a load meets its first compressed batch, which Kafka may have written. */
  readonly codecs?: () => Promise<BlockCodec>;
  /** A line for the log. */
  readonly notice: (level: NoticeLevel, message: string) => void;
  readonly limits: CoordinatorLimits;
}

export const slotsMaxDefault = 65_536;
