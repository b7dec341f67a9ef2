// What the clients of a coordinator are told when its records could not be stored.
import { type ErrorName, errorOf } from '../../protocol/errors.ts';

/** As Kafka's coordinators translate them; what is not listed is passed on. */
const told: Readonly<Partial<Record<ErrorName, ErrorName>>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'COORDINATOR_NOT_AVAILABLE',
  NOT_ENOUGH_REPLICAS: 'COORDINATOR_NOT_AVAILABLE',
  REQUEST_TIMED_OUT: 'COORDINATOR_NOT_AVAILABLE',
  NOT_LEADER_OR_FOLLOWER: 'NOT_COORDINATOR',
  KAFKA_STORAGE_ERROR: 'NOT_COORDINATOR',
  MESSAGE_TOO_LARGE: 'UNKNOWN_SERVER_ERROR',
  RECORD_LIST_TOO_LARGE: 'UNKNOWN_SERVER_ERROR',
  INVALID_FETCH_SIZE: 'UNKNOWN_SERVER_ERROR',
};

/** `code` is what the append was answered with. */
export function toldOf(code: number): ErrorName {
  const { name } = errorOf(code);
  return told[name] ?? name;
}
