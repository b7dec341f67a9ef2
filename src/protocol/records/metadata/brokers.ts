// Registrations of brokers and controllers.
import {
  array,
  bool,
  type Infer,
  int8,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
  uint16,
  uuid,
} from '../../schema.ts';

/** A broker registered; its epoch is the offset of this record. */
export const RegisterBrokerRecord = message({
  name: 'RegisterBrokerRecord',
  key: 0,
  min: 0,
  max: 4,
  flexibleFrom: 0,
  fields: {
    brokerId: int32,
    isMigratingZkBroker: bool.since(2).or(false),
    incarnationId: uuid,
    brokerEpoch: int64,
    endPoints: array(
      struct({
        name: string,
        host: string,
        port: uint16,
        securityProtocol: int16,
      }),
    ),
    features: array(
      struct({
        name: string,
        minSupportedVersion: int16,
        maxSupportedVersion: int16,
      }),
    ),
    rack: string.nullable(),
    fenced: bool.or(true),
    inControlledShutdown: bool.since(1).or(false),
    logDirs: array(uuid).since(3).tag(0),
    cordonedLogDirs: array(uuid).since(4).nullable().tag(1).or(null),
  },
});
export type RegisterBrokerRecord = Infer<typeof RegisterBrokerRecord>;

/** A broker was removed for good. */
export const UnregisterBrokerRecord = message({
  name: 'UnregisterBrokerRecord',
  key: 1,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    brokerId: int32,
    brokerEpoch: int64,
  },
});
export type UnregisterBrokerRecord = Infer<typeof UnregisterBrokerRecord>;

/** Older form of a registration change: the broker may not lead. */
export const FenceBrokerRecord = message({
  name: 'FenceBrokerRecord',
  key: 7,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    id: int32,
    epoch: int64,
  },
});
export type FenceBrokerRecord = Infer<typeof FenceBrokerRecord>;

/** Older form of a registration change: the broker may lead again. */
export const UnfenceBrokerRecord = message({
  name: 'UnfenceBrokerRecord',
  key: 8,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    id: int32,
    epoch: int64,
  },
});
export type UnfenceBrokerRecord = Infer<typeof UnfenceBrokerRecord>;

/** Fencing (1 fence, -1 unfence), controlled shutdown (1 begins) or log directories of a broker changed. */
export const BrokerRegistrationChangeRecord = message({
  name: 'BrokerRegistrationChangeRecord',
  key: 17,
  min: 0,
  max: 3,
  flexibleFrom: 0,
  fields: {
    brokerId: int32,
    brokerEpoch: int64,
    fenced: int8.tag(0),
    inControlledShutdown: int8.since(1).tag(1),
    logDirs: array(uuid).since(2).tag(2),
    cordonedLogDirs: array(uuid).since(3).nullable().tag(3).or(null),
  },
});
export type BrokerRegistrationChangeRecord = Infer<typeof BrokerRegistrationChangeRecord>;

/** A controller announced its listeners and features (KIP-919). */
export const RegisterControllerRecord = message({
  name: 'RegisterControllerRecord',
  key: 27,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    controllerId: int32,
    incarnationId: uuid,
    zkMigrationReady: bool,
    endPoints: array(
      struct({
        name: string,
        host: string,
        port: uint16,
        securityProtocol: int16,
      }),
    ),
    features: array(
      struct({
        name: string,
        minSupportedVersion: int16,
        maxSupportedVersion: int16,
      }),
    ),
  },
});
export type RegisterControllerRecord = Infer<typeof RegisterControllerRecord>;
