/** Produce at every version: right, wrong, acks, several partitions, by name and by id. */
import { zeroUuid } from '../../../src/base/uuid.ts';
import { ProduceRequest } from '../../../src/protocol/messages/00-produce.ts';
import { malformed, unserved } from '../malformed.ts';
import { batch, produce } from '../produce.ts';
import { ask, eachVersion, idOf, type Suite, step, UNKNOWN_ID } from '../suite.ts';

const FIRST_BY_ID = 13;

function several(version: number): Uint8Array {
  const named = (name: string) =>
    version < FIRST_BY_ID
      ? { name, topicId: zeroUuid }
      : { name: '', topicId: name === 'nowhere' ? UNKNOWN_ID : idOf(name) };
  return ask(ProduceRequest, version, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 30_000,
    topicData: [
      {
        ...named('several'),
        partitionData: [
          { index: 0, records: batch() },
          { index: 1, records: batch({ corruptCrc: true }) },
          { index: 7, records: batch() },
        ],
      },
      { ...named('nowhere'), partitionData: [{ index: 0, records: batch() }] },
    ],
  });
}

const producer = { producerId: 5n, producerEpoch: 0, baseSequence: 0 };

export const produceVersions: Suite = {
  name: 'produce',
  topics: [
    { name: 'plain' },
    { name: 'several', partitions: 2 },
    { name: 'compacted', config: { 'cleanup.policy': 'compact' } },
    { name: 'stamped', config: { 'message.timestamp.type': 'LogAppendTime' } },
    { name: 'sequences' },
  ],
  prepare: [],
  steps: [
    ...eachVersion(ProduceRequest, version => [
      { ...step('acks all', produce('plain', batch(), { version })), stored: { topic: 'plain', partition: 0 } },
      step('acks 1', produce('plain', batch(), { version, acks: 1 })),
      { ...step('acks 0', produce('plain', batch(), { version, acks: 0 })), stored: { topic: 'plain', partition: 0 } },
      step('acks 0, unknown partition', produce('plain', batch(), { version, acks: 0, partition: 4 })),
      step('acks 5', produce('plain', batch(), { version, acks: 5 })),
      step('several partitions, some wrong', several(version)),
      step('wrong CRC', produce('plain', batch({ corruptCrc: true }), { version })),
      step(
        'null key where keys are needed',
        produce('compacted', batch({ records: [{}, { key: null }] }), { version }),
      ),
      step('LogAppendTime', produce('stamped', batch(), { version })),
      step(
        'a producer id twice',
        produce('sequences', batch({ ...producer, producerId: BigInt(100 + version) }), { version }),
        produce('sequences', batch({ ...producer, producerId: BigInt(100 + version) }), { version }),
      ),
      step(
        'a sequence gap',
        produce('sequences', batch({ ...producer, producerId: BigInt(100 + version), baseSequence: 50 }), { version }),
      ),
      step('unknown topic', produce('nowhere', batch(), { version, topicId: UNKNOWN_ID })),
      step('zero id or empty name', produce('', batch(), { version, topicId: zeroUuid })),
      step(
        'no topics',
        ask(ProduceRequest, version, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [] }),
      ),
      ...malformed(produce('plain', batch(), { version })),
    ]),
    ...unserved(ProduceRequest, produce('plain', batch())),
  ],
};
