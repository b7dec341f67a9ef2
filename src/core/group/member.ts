// A member of a classic group: soft state, most of which is stored with each generation.
import { equalBytes, noBytes } from '../../base/bytes.ts';
import type { Slot } from '../coordinator/turn.ts';
import type { ClientIdentity, JoinReply, NamedProtocol, SyncReply } from './asks.ts';

export interface MemberInit extends ClientIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly protocols: readonly NamedProtocol[];
  readonly assignment?: Uint8Array;
}

export class Member {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  /** In the member's order of preference, each name once. */
  protocols: readonly NamedProtocol[];
  assignment: Uint8Array;
  /** Its parked JoinGroup and SyncGroup. `ClassicGroup` counts the former: only it may change that. */
  join: Slot<JoinReply> | undefined;
  sync: Slot<SyncReply> | undefined;
  /** Until the end of the rebalance it came in with: until then it knows no id to send heartbeats with. */
  isNew = false;
  /** Of its session, once that has begun: every heartbeat asks for it. */
  sessionTimer: string | undefined;

  constructor(init: MemberInit) {
    this.memberId = init.memberId;
    this.groupInstanceId = init.groupInstanceId;
    this.clientId = init.clientId;
    this.clientHost = init.clientHost;
    this.rebalanceTimeoutMs = init.rebalanceTimeoutMs;
    this.sessionTimeoutMs = init.sessionTimeoutMs;
    this.protocols = init.protocols;
    this.assignment = init.assignment ?? noBytes;
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null;
  }

  /** Whoever waits for an answer cannot send heartbeats; but a new member whose client has gone must not stay for ever. */
  get hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.join !== undefined || this.sync !== undefined);
  }

  metadata(protocolName: string | null): Uint8Array {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? noBytes;
  }

  /** Whether it brings the same protocols in the same order, byte for byte. */
  matches(protocols: readonly NamedProtocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false;
    return protocols.every(({ name, metadata }, at) => {
      const mine = this.protocols[at]!;
      return mine.name === name && equalBytes(mine.metadata, metadata);
    });
  }
}

/**
 * What a group keeps of a request's protocols: copies, for the request's bytes are borrowed, and each name once. (Kafka
 * counts a name given twice as two, and then finds no protocol that all members share.)
 */
export function ownProtocols(protocols: readonly NamedProtocol[]): readonly NamedProtocol[] {
  const unseen = new Set(protocols.map(({ name }) => name));
  return protocols
    .filter(({ name }) => unseen.delete(name))
    .map(({ name, metadata }) => ({ name, metadata: new Uint8Array(metadata) }));
}
