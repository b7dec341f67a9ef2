/** ListOffsets, OffsetForLeaderEpoch and DeleteRecords at every version. */
import { ListOffsetsRequest } from '../../../src/protocol/messages/02-list-offsets.ts';
import { DeleteRecordsRequest } from '../../../src/protocol/messages/21-delete-records.ts';
import { OffsetForLeaderEpochRequest } from '../../../src/protocol/messages/23-offset-for-leader-epoch.ts';
import { malformed, unserved } from '../malformed.ts';
import { batch, produce } from '../produce.ts';
import { ask, eachVersion, FUTURE_MS, PAST_MS, type Suite, step } from '../suite.ts';

const FIRST_WITH_EPOCHS = 4;
const FIRST_WITH_ISOLATION = 2;

type Place = {
  topic?: string;
  partition?: number;
  timestamp?: bigint;
  epoch?: number;
  replicaId?: number;
  isolation?: number;
};

const list = (version: number, p: Place = {}): Uint8Array =>
  ask(ListOffsetsRequest, version, {
    replicaId: p.replicaId ?? -1,
    isolationLevel: version >= FIRST_WITH_ISOLATION ? (p.isolation ?? 0) : 0,
    topics: [
      {
        name: p.topic ?? 'timed',
        partitions: [
          {
            partitionIndex: p.partition ?? 0,
            timestamp: p.timestamp ?? -1n,
            ...(version >= FIRST_WITH_EPOCHS ? { currentLeaderEpoch: p.epoch ?? -1 } : {}),
          },
        ],
      },
    ],
    timeoutMs: 0,
  });

const twice = (version: number): Uint8Array =>
  ask(ListOffsetsRequest, version, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name: 'timed',
        partitions: [
          { partitionIndex: 0, timestamp: -1n },
          { partitionIndex: 0, timestamp: -2n },
          { partitionIndex: 1, timestamp: -1n },
        ],
      },
    ],
    timeoutMs: 0,
  });

const TIMED = [
  produce('timed', batch({ baseTimestamp: PAST_MS })),
  produce(
    'timed',
    batch({
      baseTimestamp: PAST_MS + 1000n,
      codec: 'lz4',
      records: [{ timestampDelta: 900 }, { timestampDelta: 5 }, {}],
    }),
  ),
  produce('timed', batch({ baseTimestamp: PAST_MS + 500n })),
];

export const listOffsets: Suite = {
  name: 'list-offsets',
  topics: [{ name: 'timed', partitions: 2 }, { name: 'empty' }],
  prepare: TIMED,
  steps: [
    ...eachVersion(ListOffsetsRequest, version => [
      ...[-1n, -2n, -3n, -4n, -5n, -6n, -7n, -100n].map(timestamp =>
        step(`special ${timestamp}`, list(version, { timestamp })),
      ),
      ...[-1n, -2n, -3n, -4n, -5n, -6n].map(timestamp =>
        step(`special ${timestamp} of an empty partition`, list(version, { topic: 'empty', timestamp })),
      ),
      ...[0n, 1n, 500n, 1001n, 1900n, 1901n].map(after =>
        step(`at ${after} ms`, list(version, { timestamp: PAST_MS + after })),
      ),
      step('time 0', list(version, { timestamp: 0n })),
      step('in 2100', list(version, { timestamp: FUTURE_MS })),
      step('at a time, empty', list(version, { topic: 'empty', timestamp: PAST_MS })),
      step('read committed', list(version, { isolation: 1 })),
      step('unknown partition', list(version, { partition: 9 })),
      step('unknown topic', list(version, { topic: 'nowhere' })),
      step('current leader epoch', list(version, { epoch: 0 })),
      step('newer leader epoch', list(version, { epoch: 3 })),
      step('as a debugging consumer', list(version, { replicaId: -2 })),
      step('the same partition twice', twice(version)),
      ...malformed(list(version)),
    ]),
    ...unserved(ListOffsetsRequest, list(3)),
  ],
};

const epochs = (version: number, leaderEpoch: number, p: Place = {}): Uint8Array =>
  ask(OffsetForLeaderEpochRequest, version, {
    ...(version >= 3 ? { replicaId: -1 } : {}),
    topics: [
      {
        topic: p.topic ?? 'timed',
        partitions: [{ partition: p.partition ?? 0, currentLeaderEpoch: p.epoch ?? -1, leaderEpoch }],
      },
    ],
  });

export const leaderEpochs: Suite = {
  name: 'offset-for-leader-epoch',
  topics: [{ name: 'timed', partitions: 2 }, { name: 'empty' }],
  prepare: TIMED,
  steps: [
    ...eachVersion(OffsetForLeaderEpochRequest, version => [
      ...[-1, 0, 1, 5].map(epoch => step(`epoch ${epoch}`, epochs(version, epoch))),
      step('epoch 0, empty', epochs(version, 0, { topic: 'empty' })),
      step('current leader epoch', epochs(version, 0, { epoch: 0 })),
      step('newer leader epoch', epochs(version, 0, { epoch: 3 })),
      step('unknown partition', epochs(version, 0, { partition: 9 })),
      step('unknown topic', epochs(version, 0, { topic: 'nowhere' })),
      ...malformed(epochs(version, 0)),
    ]),
    ...unserved(OffsetForLeaderEpochRequest, epochs(3, 0)),
  ],
};

const trim = (version: number, topic: string, partition: number, offset: bigint): Uint8Array =>
  ask(DeleteRecordsRequest, version, {
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }],
    timeoutMs: 30_000,
  });

export const deleteRecords: Suite = {
  name: 'delete-records',
  topics: [
    { name: 'trimmed-0' },
    { name: 'trimmed-1' },
    { name: 'trimmed-2' },
    { name: 'kept', config: { 'cleanup.policy': 'compact' } },
    { name: 'both', config: { 'cleanup.policy': 'compact,delete' } },
  ],
  prepare: ['trimmed-0', 'trimmed-1', 'trimmed-2', 'kept', 'both'].flatMap(topic => [
    produce(topic, batch()),
    produce(topic, batch()),
  ]),
  steps: [
    ...eachVersion(DeleteRecordsRequest, version => [
      step('to 2', trim(version, `trimmed-${version}`, 0, 2n)),
      step('below the start', trim(version, `trimmed-${version}`, 0, 1n)),
      step('behind the end', trim(version, `trimmed-${version}`, 0, 7n)),
      step('-2', trim(version, `trimmed-${version}`, 0, -2n)),
      step('to the high watermark', trim(version, `trimmed-${version}`, 0, -1n)),
      step('a compacted topic', trim(version, 'kept', 0, 1n)),
      step('a compacted and deleted topic', trim(version, 'both', 0, 1n)),
      step('unknown partition', trim(version, 'trimmed-0', 9, 1n)),
      step('unknown topic', trim(version, 'nowhere', 0, 1n)),
      ...malformed(trim(version, 'nowhere', 0, 1n)),
    ]),
    step('earliest after the trim', list(5, { topic: 'trimmed-1', timestamp: -2n })),
    ...unserved(DeleteRecordsRequest, trim(1, 'nowhere', 0, 0n)),
  ],
};
