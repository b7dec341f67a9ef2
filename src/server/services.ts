/** What handlers ask for; the composition root makes it, tests make their own. */
import type { BrokerConfig } from '../core/config/broker-config.ts';
import type { Decide } from '../core/controller/decision.ts';
import type { MetadataImage } from '../core/metadata/image.ts';
import type { QuorumView } from '../runtime/metadata-log.ts';
import type { Clock } from '../runtime/ports.ts';
import type { ApiRefusal } from './api.ts';
import type { AutoCreation } from './auto-creation.ts';
import type { CoordinatorFinder } from './coordinator-finder.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import type { Log } from './log.ts';
import type { Partitions } from './partitions.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { Volumes } from './volumes.ts';

export interface Services {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Committed metadata. */
  image(): MetadataImage;
  /** The metadata quorum as this node sees it. */
  quorum(): QuorumView;
  /**
   * Hands a decision to the controller; resolves when its records are committed and every partition command that
   * follows from them has been submitted. What could not be stored is a refusal as well.
   */
  decide<Reply>(decide: Decide<Reply>): Promise<Reply | ApiRefusal>;
  readonly partitions: Partitions;
  readonly producerIds: ProducerIds;
  readonly autoCreation: AutoCreation;
  readonly groups: GroupCoordinator;
  readonly coordinators: CoordinatorFinder;
  readonly volumes: Volumes;
}
