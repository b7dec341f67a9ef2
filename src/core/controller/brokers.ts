// The life of a broker's registration (KIP-631): registered fenced, unfenced when it may lead, fenced again
// at a clean stop. The epoch of a registration is the offset of its record.
import { refuse } from '../../base/result.ts';
import type { Uuid } from '../../base/uuid.ts';
import { metadataVersionOf, recordVersions, supportedFeatures } from '../metadata/features.ts';
import type { Endpoint } from '../metadata/image.ts';
import type { MetadataRecordInit } from '../metadata/records.ts';
import { registerBrokerRecord } from '../metadata/snapshot-records.ts';
import type { Decide, Deciding } from './decision.ts';

export interface Registration {
  readonly id: number;
  /** Fresh with every start of the process. */
  readonly incarnationId: Uuid;
  readonly endpoints: readonly Endpoint[];
  readonly rack: string | null;
  /** Directory ids, in the order of log.dirs. */
  readonly logDirs: readonly Uuid[];
}

export interface RegisteredBroker {
  readonly brokerEpoch: bigint;
}

export function registerBroker({ id, incarnationId, endpoints, rack, logDirs }: Registration) {
  return ((at: Deciding) => {
    const epoch = at.nextOffset;
    const { registerBroker: version } = recordVersions(metadataVersionOf(at.image));
    const record = registerBrokerRecord(
      {
        id,
        epoch,
        incarnationId,
        endpoints,
        features: supportedFeatures,
        rack,
        fenced: true,
        inControlledShutdown: false,
        isMigratingZkBroker: false,
        logDirs,
        cordonedLogDirs: [],
      },
      version,
    );
    return { records: [record], reply: { brokerEpoch: epoch } };
  }) satisfies Decide<RegisteredBroker>;
}

export interface ControllerRegistration {
  readonly id: number;
  readonly incarnationId: Uuid;
  readonly endpoints: readonly Endpoint[];
}

/** Controllers announce themselves since 3.7 (KIP-919); in older clusters there is nothing to write. */
export function registerController({ id, incarnationId, endpoints }: ControllerRegistration) {
  return ((at: Deciding) => {
    if (!recordVersions(metadataVersionOf(at.image)).registersControllers) return { records: [], reply: undefined };
    const data = {
      controllerId: id,
      incarnationId,
      zkMigrationReady: false,
      endPoints: endpoints,
      features: supportedFeatures,
    };
    return { records: [{ type: 'registerController', version: 0, data }], reply: undefined };
  }) satisfies Decide<undefined>;
}

/** The broker may lead from now on. */
export const unfenceBroker = (id: number) => changeFencing(id, -1);
/** Last record of a clean stop: the broker leads no more. */
export const fenceBroker = (id: number) => changeFencing(id, 1);

function changeFencing(brokerId: number, fenced: 1 | -1) {
  return ((at: Deciding) => {
    const broker = at.image.brokers.get(brokerId);
    if (broker === undefined) return refuse('BROKER_ID_NOT_REGISTERED', `broker ${brokerId} is not registered`);
    const data = { brokerId, brokerEpoch: broker.epoch, fenced };
    const records: MetadataRecordInit[] = [{ type: 'brokerRegistrationChange', version: 0, data }];
    return { records, reply: undefined };
  }) satisfies Decide<undefined>;
}
