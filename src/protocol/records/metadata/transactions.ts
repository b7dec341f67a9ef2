// Controller transactions (KIP-868) and the record that only moves the end of the log.
import { type Infer, message, string } from '../../schema.ts';

/** Proves that the active controller is alive. */
export const NoOpRecord = message({
  name: 'NoOpRecord',
  key: 20,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {},
});
export type NoOpRecord = Infer<typeof NoOpRecord>;

/** Records up to the end or abort take effect together or not at all. */
export const BeginTransactionRecord = message({
  name: 'BeginTransactionRecord',
  key: 23,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    name: string.nullable().tag(0).or(null),
  },
});
export type BeginTransactionRecord = Infer<typeof BeginTransactionRecord>;

export const EndTransactionRecord = message({
  name: 'EndTransactionRecord',
  key: 24,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {},
});
export type EndTransactionRecord = Infer<typeof EndTransactionRecord>;

export const AbortTransactionRecord = message({
  name: 'AbortTransactionRecord',
  key: 25,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    reason: string.nullable().tag(0).or(null),
  },
});
export type AbortTransactionRecord = Infer<typeof AbortTransactionRecord>;
