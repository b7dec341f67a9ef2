// The shape of every decision: what is read, what comes out. A decide function changes nothing; its records do, when
// they are replayed (docs/style.md, rule 1).
import type { Refusal } from '../../base/result.ts';
import type { Uuid } from '../../base/uuid.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { MetadataImage } from '../metadata/image.ts';
import type { MetadataRecordInit } from '../metadata/records.ts';

/** What a decision may look at. */
export interface Deciding {
  /** Everything decided so far, committed or not. */
  readonly image: MetadataImage;
  /** Wall clock, milliseconds since the epoch. */
  readonly nowMs: bigint;
  /** The offset the first record of this decision will get. */
  readonly nextOffset: bigint;
  /** A fresh id: random, none of Kafka's reserved ones. */
  readonly newUuid: () => Uuid;
}

/** The records go into the log as one batch, all or nothing; the reply waits until they are committed. */
export interface Decision<Reply> {
  readonly records: readonly MetadataRecordInit[];
  readonly reply: Reply;
}

/** A wire code and the words that go with it. */
export type WireRefusal = Refusal<ErrorName>;

export type Decide<Reply> = (at: Deciding) => Decision<Reply> | WireRefusal;

/** How one item of a request fared. */
export interface Outcome {
  readonly error: ErrorName;
  readonly message: string | null;
}

export const success: Outcome = { error: 'NONE', message: null };

/** Kafka's limit on one user operation (KIP-599's companion); a request that needs more is refused as a whole. */
export const recordsPerDecisionMax = 10_000;
