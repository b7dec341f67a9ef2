import { Cluster } from '../client/cluster.ts';
import { ClientFailure } from '../client/failure.ts';
import type { Broker } from '../index.ts';
import { apis } from '../protocol/api.ts';
import { type ErrorName, errorCode } from '../protocol/errors.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { internalsOf } from './internals.ts';

export type { ErrorName };

export interface AppendFault {
  /** Undefined: every partition of the topic. */
  readonly partition?: number;
  /** Kafka's name of the error. NOT_ENOUGH_REPLICAS, the default, is one that clients try again after. */
  readonly error?: ErrorName;
  /** How many appends to each partition fail, 1 unless given. */
  readonly times?: number;
}

export interface AnswerDelay {
  /** `Produce`, `Fetch`, `Metadata` and so on; undefined: every API. */
  readonly api?: string;
  /** 0 ends a delay. Answers stay in order, so one that is held back holds back those behind it. */
  readonly ms: number;
}

/** What can be made to go wrong between clients and an embedded broker. */
export interface Faults {
  /**
   * The next batch that a client appends to a partition is refused: nothing of it is written, and the broker knows nothing
   * of it. With acks=0 the connection is closed, as Kafka does.
   */
  nextAppendFails(topic: string, fault?: AppendFault): Promise<void>;
  /** Holds answers back, until it is called again. */
  delayAnswers(delay: AnswerDelay): void;
  /** Closes all connections of clients at once; what was in flight is not answered. New ones are taken. */
  dropConnections(): void;
  /** No append fails any more, no answer waits; those that are held back are sent. */
  clear(): void;
}

/** The faults of a broker that was started with `faults: true`; throws for any other. */
export function faults(broker: Broker): Faults {
  const proxy = internalsOf(broker).faultProxy;
  if (!proxy) throw new TypeError('start the broker with Broker.start({ faults: true, ... })');
  return {
    nextAppendFails: (topic, fault = {}) => failAppends(broker, proxy, topic, fault),
    delayAnswers: ({ api, ms }) => proxy.delay(api === undefined ? undefined : keyOf(api), delayMs(ms)),
    dropConnections: () => proxy.dropConnections(),
    clear: () => proxy.clear(),
  };
}

const defaultError = 'NOT_ENOUGH_REPLICAS';

async function failAppends(
  broker: Broker,
  proxy: FaultProxy,
  name: string,
  { partition, error = defaultError, times = 1 }: AppendFault,
): Promise<void> {
  const code = errorCode[error];
  if (code === undefined || code === 0) throw new TypeError(`${error} is no error of Kafka's protocol`);
  if (!Number.isInteger(times) || times < 1) throw new TypeError(`times is ${times}; it must be an integer from 1`);
  const cluster = await Cluster.connect(broker.bootstrapServers);
  try {
    const { topicId, partitions } = await cluster.topic(name);
    const all = partitions.map(({ partitionIndex }) => partitionIndex);
    if (partition !== undefined && !all.includes(partition)) {
      throw new ClientFailure(`topic ${name} has no partition ${partition}`);
    }
    for (const one of partition === undefined ? all : [partition]) {
      for (let time = 0; time < times; time++) proxy.appends.arm({ name, id: topicId }, one, code);
    }
  } finally {
    await cluster.close();
  }
}

function keyOf(name: string): number {
  const found = apis.find(api => api.name === name);
  if (!found) throw new TypeError(`no API is called ${name}; there are ${apis.map(api => api.name).join(', ')}`);
  return found.key;
}

/** The longest that a timer of Node can wait. */
const delayMsMax = 2 ** 31 - 1;

function delayMs(ms: number): number {
  if (!(ms >= 0 && ms <= delayMsMax)) throw new TypeError(`ms is ${ms}; it must be from 0 to ${delayMsMax}`);
  return ms;
}
