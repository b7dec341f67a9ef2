import type { Broker } from '../index.ts';
import type { FaultProxy } from './fault-proxy.ts';

/** What `milena/testing` may see of a broker and nobody else. */
export interface BrokerInternals {
  readonly faultProxy: FaultProxy | undefined;
  /** Calls `listener` with the group of every commit of offsets that is stored; the returned function ends that. */
  onCommitted(listener: (group: string) => void): () => void;
}

const known = new WeakMap<Broker, BrokerInternals>();

export const exposeToTesting = (broker: Broker, internals: BrokerInternals): void => void known.set(broker, internals);

export function internalsOf(broker: Broker): BrokerInternals {
  const internals = known.get(broker);
  if (!internals)
    throw new TypeError('not a broker of this copy of milena: Broker and milena/testing must come from one package');
  return internals;
}
