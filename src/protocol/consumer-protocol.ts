// What members of a classic consumer group tell each other: the subscription in JoinGroup, the assignment in SyncGroup.
// The coordinator carries both as bytes; it is clients that read them. The version (int16) stands in front. A version from
// the future is read by the newest layout known, because later ones may only add fields at the end (KIP-429, KIP-881).
import { codecOf } from './codec.ts';
import {
  array,
  bytes,
  type Fields,
  type Infer,
  type Init,
  int32,
  type Message,
  message,
  string,
  struct,
} from './schema.ts';
import { Reader, WireError, Writer } from './wire.ts';

/** The protocol type of groups that speak this. */
export const consumerProtocolType = 'consumer';

export const ConsumerProtocolSubscription = message({
  name: 'ConsumerProtocolSubscription',
  key: -1,
  min: 0,
  max: 3,
  flexibleFrom: Infinity,
  fields: {
    topics: array(string),
    userData: bytes.nullable().or(null),
    ownedPartitions: array(
      struct({
        topic: string,
        partitions: array(int32),
      }),
    )
      .since(1)
      .or([])
      .ignorable(),
    generationId: int32.since(2).or(-1).ignorable(),
    rackId: string.since(3).nullable().or(null).ignorable(),
  },
});
export type ConsumerProtocolSubscription = Infer<typeof ConsumerProtocolSubscription>;

export const ConsumerProtocolAssignment = message({
  name: 'ConsumerProtocolAssignment',
  key: -1,
  min: 0,
  max: 3,
  flexibleFrom: Infinity,
  fields: {
    assignedPartitions: array(
      struct({
        topic: string,
        partitions: array(int32),
      }),
    ),
    userData: bytes.nullable().or(null),
  },
});
export type ConsumerProtocolAssignment = Infer<typeof ConsumerProtocolAssignment>;

export const encodeSubscription = (subscription: Init<typeof ConsumerProtocolSubscription>): Uint8Array =>
  versioned(ConsumerProtocolSubscription, subscription);

/** Throws WireError for what is no subscription. */
export const decodeSubscription = (encoded: Uint8Array): ConsumerProtocolSubscription =>
  unversioned(ConsumerProtocolSubscription, encoded);

export const encodeAssignment = (assignment: Init<typeof ConsumerProtocolAssignment>): Uint8Array =>
  versioned(ConsumerProtocolAssignment, assignment);

/** No bytes at all, which a member without an assignment gets, are an empty one. Throws WireError for what is none. */
export const decodeAssignment = (encoded: Uint8Array): ConsumerProtocolAssignment =>
  encoded.length === 0 ? { assignedPartitions: [], userData: null } : unversioned(ConsumerProtocolAssignment, encoded);

function versioned<F extends Fields>(layout: Message<F>, value: Init<Message<F>>): Uint8Array {
  const writer = new Writer();
  writer.i16(layout.max);
  codecOf(layout, layout.max).write(writer, value as Parameters<ReturnType<typeof codecOf<F>>['write']>[1]);
  return writer.done();
}

function unversioned<F extends Fields>(layout: Message<F>, encoded: Uint8Array): Infer<Message<F>> {
  const reader = new Reader(encoded);
  const version = reader.i16();
  if (version < layout.min) throw new WireError(`${layout.name} has no version ${version}`);
  return codecOf(layout, Math.min(version, layout.max)).read(reader);
}
