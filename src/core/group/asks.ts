// What clients ask of a group and what they are told, without the shapes of particular request versions. An error that
// concerns one request as a whole is its `error`; the server turns replies into the wire's messages.
import type { Uuid } from '../../base/uuid.ts';
import type { ErrorName } from '../../protocol/errors.ts';

export interface ClientIdentity {
  readonly clientId: string;
  /** As Kafka writes it: '/127.0.0.1'. */
  readonly clientHost: string;
}

export interface NamedProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface JoinAsk extends ClientIdentity {
  readonly groupId: string;
  /** '' for one that has none yet. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly sessionTimeoutMs: number;
  /** Already the session timeout where the version has none (0). */
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly NamedProtocol[];
  /** From version 4 on a dynamic member is told its id first (KIP-394). */
  readonly requiresKnownMemberId: boolean;
  /** From version 9 on (KIP-814). */
  readonly supportsSkippingAssignment: boolean;
  readonly reason: string | null;
}

export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Uint8Array;
}

export interface JoinReply {
  readonly error: ErrorName;
  readonly memberId: string;
  readonly generationId: number;
  readonly protocolType: string | null;
  /** Null where the wire says so from version 7 on; older versions get ''. */
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  /** For the leader alone. */
  readonly members: readonly JoinedMember[];
}

export interface SyncAsk {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
  /** Null from clients before version 5. */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
}

export interface SyncReply {
  readonly error: ErrorName;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Uint8Array;
}

export interface HeartbeatAsk {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

export interface LeaveAsk {
  readonly groupId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly reason: string | null;
  }[];
}

export interface LeaveReply {
  readonly error: ErrorName;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly error: ErrorName;
  }[];
}

export interface OffsetCommitAsk {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** -1 from a consumer that only keeps offsets here and is no member. */
  readonly generationId: number;
  /** -1 unless versions 2-4 gave one. */
  readonly retentionTimeMs: bigint;
  /** Topics exist and their names are known: the server has answered for the others. */
  readonly partitions: readonly {
    readonly topic: string;
    /** Uuid of the topic, for the record; the zero uuid when the request did not carry it. */
    readonly topicId: Uuid;
    readonly partition: number;
    readonly offset: bigint;
    readonly leaderEpoch: number;
    readonly metadata: string | null;
  }[];
}

/** Errors in the order of the partitions asked. */
export interface OffsetCommitReply {
  readonly errors: readonly ErrorName[];
}

export interface OffsetFetchAsk {
  readonly groupId: string;
  /** Null and -1 from versions before 9. */
  readonly memberId: string | null;
  readonly memberEpoch: number;
  /** Null for all that the group has. `topicId` is the zero uuid for one that was asked for by name alone. */
  readonly partitions: readonly { readonly topic: string; readonly topicId: Uuid; readonly partition: number }[] | null;
  readonly requireStable: boolean;
}

export interface FetchedOffset {
  readonly topic: string;
  readonly partition: number;
  /** -1 when there is none. */
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly error: ErrorName;
}

export interface OffsetFetchReply {
  readonly error: ErrorName;
  readonly partitions: readonly FetchedOffset[];
}

export interface DeletedTopic {
  readonly id: Uuid;
  readonly name: string;
}

export interface OffsetDeleteAsk {
  readonly groupId: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

export interface OffsetDeleteReply {
  readonly error: ErrorName;
  /** In the order asked; empty when `error` is set. */
  readonly errors: readonly ErrorName[];
}

export interface DescribedMember extends ClientIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Uint8Array;
  readonly assignment: Uint8Array;
}

export interface DescribedGroup {
  readonly error: ErrorName;
  readonly message: string | null;
  readonly groupId: string;
  /** Kafka's spelling: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead. */
  readonly state: string;
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: readonly DescribedMember[];
}

export interface ListedGroup {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: string;
  /** Kafka's spelling: Classic. */
  readonly type: string;
}

/** Times in milliseconds, sizes in bytes. */
export interface GroupSettings {
  readonly maxSize: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly initialRebalanceDelayMs: number;
  readonly offsetMetadataMaxBytes: number;
  readonly offsetsRetentionMs: bigint;
  readonly offsetsRetentionCheckIntervalMs: number;
}
