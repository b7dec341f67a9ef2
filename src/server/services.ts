/** What handlers ask for; the composition root makes it, tests make their own. */
import type { Uuid } from '../base/uuid.ts';
import type { BrokerConfig } from '../core/config/broker-config.ts';
import type { Decide } from '../core/controller/decision.ts';
import type { MetadataImage } from '../core/metadata/image.ts';
import type { Clock } from '../runtime/ports.ts';
import type { ApiRefusal } from './api.ts';
import type { AutoCreation } from './auto-creation.ts';
import type { Log } from './log.ts';
import type { Partitions } from './partitions.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { Volumes } from './volumes.ts';

/** How this node sees the metadata quorum. */
export interface QuorumView {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: bigint;
  readonly logEndOffset: bigint;
  /** Directory id of the metadata log on the leader. */
  readonly directoryId: Uuid;
}

export interface Services {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Committed metadata. */
  image(): MetadataImage;
  quorum(): QuorumView;
  /**
   * Hands a decision to the controller; resolves when its records are committed and every partition command that
   * follows from them has been submitted. What could not be stored is a refusal as well.
   */
  decide<Reply>(decide: Decide<Reply>): Promise<Reply | ApiRefusal>;
  readonly partitions: Partitions;
  readonly producerIds: ProducerIds;
  readonly autoCreation: AutoCreation;
  readonly volumes: Volumes;
}
