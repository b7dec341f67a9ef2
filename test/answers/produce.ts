/** Produce requests and the batches in them, as the suites write them. */
import type { Uuid } from '../../src/base/uuid.ts';
import { zeroUuid } from '../../src/base/uuid.ts';
import { ProduceRequest } from '../../src/protocol/messages/00-produce.ts';
import { type BatchSpec, encodeBatch } from '../support/batch.ts';
import { ask, idOf, PAST_MS } from './suite.ts';

export type ProduceOptions = {
  readonly version?: number;
  readonly acks?: number;
  readonly partition?: number;
  readonly transactionalId?: string | null;
  readonly topicId?: Uuid;
  readonly correlationId?: number;
};

/** The last version that names topics; from the next on they have ids. */
const LAST_BY_NAME = 12;
const TIMEOUT_MS = 30_000;

export function produce(topic: string, records: Uint8Array | null, options: ProduceOptions = {}): Uint8Array {
  const version = options.version ?? 9;
  const byName = version <= LAST_BY_NAME;
  return ask(
    ProduceRequest,
    version,
    {
      transactionalId: options.transactionalId ?? null,
      acks: options.acks ?? -1,
      timeoutMs: TIMEOUT_MS,
      topicData: [
        {
          name: byName ? topic : '',
          topicId: byName ? zeroUuid : (options.topicId ?? idOf(topic)),
          partitionData: [{ index: options.partition ?? 0, records }],
        },
      ],
    },
    options.correlationId,
  );
}

/** A batch of three small records at a fixed past time; everything can be said otherwise. */
export const batch = (spec: Partial<BatchSpec> = {}): Buffer =>
  encodeBatch({
    records: [
      { key: 'a', value: 'one' },
      { key: 'b', value: 'two' },
      { key: 'c', value: 'three' },
    ],
    baseTimestamp: PAST_MS,
    ...spec,
  });
