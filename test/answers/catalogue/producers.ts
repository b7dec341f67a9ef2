/** InitProducerId without a transactional id, and DescribeProducers. */
import { InitProducerIdRequest } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { DescribeProducersRequest } from '../../../src/protocol/messages/61-describe-producers.ts';
import { malformed, unserved } from '../malformed.ts';
import { batch, produce } from '../produce.ts';
import { ask, eachVersion, type Suite, step } from '../suite.ts';

const FIRST_WITH_EPOCHS = 3;

const init = (version: number, timeoutMs = 60_000, id?: [bigint, number]): Uint8Array =>
  ask(InitProducerIdRequest, version, {
    transactionalId: null,
    transactionTimeoutMs: timeoutMs,
    ...(version >= FIRST_WITH_EPOCHS && id ? { producerId: id[0], producerEpoch: id[1] } : {}),
  });

const empty = (version: number): Uint8Array =>
  ask(InitProducerIdRequest, version, { transactionalId: '', transactionTimeoutMs: 60_000 });

export const initProducerId: Suite = {
  name: 'init-producer-id',
  topics: [],
  // Kafka's first block of ids takes a moment; until then it answers COORDINATOR_LOAD_IN_PROGRESS.
  prepare: [init(1)],
  steps: [
    ...eachVersion(InitProducerIdRequest, version => [
      step('a new id', init(version)),
      step('timeout 0', init(version, 0)),
      step('timeout -1', init(version, -1)),
      step('an enormous timeout', init(version, 2_000_000_000)),
      step('an empty transactional id', empty(version)),
      ...(version >= FIRST_WITH_EPOCHS
        ? [
            step('with an id and an epoch', init(version, 60_000, [0n, 0])),
            step('with an id without epoch', init(version, 60_000, [5n, -1])),
            step('with an epoch without id', init(version, 60_000, [-1n, 3])),
          ]
        : []),
      ...malformed(init(version)),
    ]),
    ...unserved(InitProducerIdRequest, init(1)),
  ],
};

const described = (name: string, ...partitionIndexes: number[]): Uint8Array =>
  ask(DescribeProducersRequest, 0, { topics: [{ name, partitionIndexes }] });

const sequence = (producerId: bigint, baseSequence: number): Buffer =>
  batch({ producerId, producerEpoch: 2, baseSequence });

export const describeProducers: Suite = {
  name: 'describe-producers',
  topics: [{ name: 'active', partitions: 2 }, { name: 'silent' }],
  prepare: [
    produce('active', sequence(41n, 0)),
    produce('active', sequence(42n, 7)),
    produce('active', sequence(42n, 10)),
    produce('active', batch()),
  ],
  steps: [
    step('two producers', described('active', 0)),
    step('a partition without', described('active', 1)),
    step('both', described('active', 0, 1)),
    step('no partition', described('active')),
    step('unknown partition', described('active', 7)),
    step('unknown topic', described('nowhere', 0)),
    step('empty name', described('', 0)),
    step('nothing', ask(DescribeProducersRequest, 0, { topics: [] })),
    ...malformed(described('active', 0)),
    ...unserved(DescribeProducersRequest, described('active', 0)),
  ],
};
