// The bit sets of "authorized operations" (KIP-430): bit n stands for the ACL operation with code n. Without an
// authorizer everything a resource supports is allowed.
const operation = {
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
} as const;

const bits = (...codes: readonly number[]): number => codes.reduce((set, code) => set | (1 << code), 0);

export const topicOperations = bits(
  operation.read,
  operation.write,
  operation.create,
  operation.delete,
  operation.alter,
  operation.describe,
  operation.describeConfigs,
  operation.alterConfigs,
);

export const clusterOperations = bits(
  operation.create,
  operation.alter,
  operation.describe,
  operation.clusterAction,
  operation.describeConfigs,
  operation.alterConfigs,
  operation.idempotentWrite,
);

export const groupOperations = bits(
  operation.read,
  operation.delete,
  operation.describe,
  operation.describeConfigs,
  operation.alterConfigs,
);

/** The protocol's "not asked for". */
export const operationsNotAsked = -(2 ** 31);
