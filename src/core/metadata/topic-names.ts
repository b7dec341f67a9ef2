// What a topic may be called, and which names are the broker's own.

const nameLengthMax = 249;
const legal = /^[a-zA-Z0-9._-]+$/;

export const clusterMetadataTopic = '__cluster_metadata';
export const consumerOffsetsTopic = '__consumer_offsets';

const internalTopics: ReadonlySet<string> = new Set([
  consumerOffsetsTopic,
  '__transaction_state',
  '__share_group_state',
]);

/** Marked internal in Metadata; clients may not produce to them. */
export const isInternalTopic = (name: string): boolean => internalTopics.has(name);

/** Why `name` cannot name a topic, in the words Kafka's clients know; undefined when it can. */
export function invalidTopicName(name: string): string | undefined {
  const reason = invalidity(name);
  return reason === undefined ? undefined : `Topic name is invalid: ${reason}`;
}

function invalidity(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed';
  if (name === '.' || name === '..') return `'${name}' is not allowed`;
  if (name.length > nameLengthMax) {
    return `the length of '${name}' is longer than the max allowed length ${nameLengthMax}`;
  }
  if (legal.test(name)) return undefined;
  return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
}

/** Metric names cannot tell '.' from '_': names that agree in this form collide. Undefined when none can. */
export const collisionForm = (name: string): string | undefined =>
  /[._]/.test(name) ? name.replaceAll('.', '_') : undefined;
