/** What a node without a configuration file is: alone, for this machine only, nothing replicated. */
export const singleNodeDefaults: ReadonlyMap<string, string> = new Map([
  ['node.id', '1'],
  ['process.roles', 'broker,controller'],
  ['listeners', 'PLAINTEXT://localhost:9092'],
  ['log.dirs', './data'],
  ['default.replication.factor', '1'],
  ['offsets.topic.replication.factor', '1'],
  ['transaction.state.log.replication.factor', '1'],
  ['transaction.state.log.min.isr', '1'],
  ['share.coordinator.state.topic.replication.factor', '1'],
  ['share.coordinator.state.topic.min.isr', '1'],
  ['group.initial.rebalance.delay.ms', '0'],
]);

/** Two names of one property: a default under one name must not stand against a value under the other. */
const otherNames: readonly (readonly [string, string])[] = [
  ['broker.id', 'node.id'],
  ['log.dir', 'log.dirs'],
];

/** `given`, and the defaults of a single node for what it does not say. */
export function withSingleNodeDefaults(given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const defaults = new Map(singleNodeDefaults);
  for (const [own, other] of otherNames) if (given.has(own)) defaults.delete(other);
  return new Map([...defaults, ...given]);
}
