/** Fetch at every version: offsets in and out of range, limits, isolation, epochs, sessions, by name and by id. */
import type { Uuid } from '../../../src/base/uuid.ts';
import { zeroUuid } from '../../../src/base/uuid.ts';
import { FetchRequest } from '../../../src/protocol/messages/01-fetch.ts';
import { malformed, unserved } from '../malformed.ts';
import { batch, produce } from '../produce.ts';
import { ask, eachVersion, idOf, type Suite, step, UNKNOWN_ID } from '../suite.ts';

const FIRST_BY_ID = 13;
const FIRST_WITH_SESSIONS = 7;
const FIRST_WITH_EPOCHS = 9;

type Ask = {
  topic?: string;
  id?: Uuid;
  partition?: number;
  offset?: bigint;
  maxWaitMs?: number;
  minBytes?: number;
  maxBytes?: number;
  partitionBytes?: number;
  isolation?: number;
  epoch?: number;
  session?: [id: number, epoch: number];
  replicaId?: number;
  correlationId?: number;
};

function fetch(version: number, a: Ask = {}): Uint8Array {
  const topic = a.topic ?? 'data';
  const named = version < FIRST_BY_ID ? { topic, topicId: zeroUuid } : { topic: '', topicId: a.id ?? idOf(topic) };
  return ask(
    FetchRequest,
    version,
    {
      ...(a.replicaId !== undefined && version < 15 ? { replicaId: a.replicaId } : {}),
      maxWaitMs: a.maxWaitMs ?? 0,
      minBytes: a.minBytes ?? 1,
      maxBytes: a.maxBytes ?? 1 << 20,
      isolationLevel: a.isolation ?? 0,
      ...(version >= FIRST_WITH_SESSIONS ? { sessionId: a.session?.[0] ?? 0, sessionEpoch: a.session?.[1] ?? -1 } : {}),
      topics: [
        {
          ...named,
          partitions: [
            {
              partition: a.partition ?? 0,
              fetchOffset: a.offset ?? 0n,
              partitionMaxBytes: a.partitionBytes ?? 1 << 20,
              ...(version >= FIRST_WITH_EPOCHS ? { currentLeaderEpoch: a.epoch ?? -1 } : {}),
            },
          ],
        },
      ],
      forgottenTopicsData: [],
    },
    a.correlationId,
  );
}

const none = (version: number, session: [number, number]): Uint8Array =>
  ask(FetchRequest, version, {
    maxWaitMs: 0,
    minBytes: 1,
    ...(version >= FIRST_WITH_SESSIONS ? { sessionId: session[0], sessionEpoch: session[1] } : {}),
    topics: [],
    forgottenTopicsData: [],
  });

export const fetchVersions: Suite = {
  name: 'fetch',
  topics: [{ name: 'data', partitions: 2 }, { name: 'zstd' }, { name: 'empty' }],
  prepare: [
    ...Array.from({ length: 4 }, () => produce('data', batch())),
    produce('data', batch({ records: [{ value: 'z'.repeat(3000) }] })),
    produce('zstd', batch({ codec: 'zstd' })),
  ],
  steps: [
    ...eachVersion(FetchRequest, version => [
      step('from the start', fetch(version)),
      step('from the middle of a batch', fetch(version, { offset: 4n })),
      step('one byte: at least one batch', fetch(version, { maxBytes: 1, partitionBytes: 1 })),
      step('maxBytes 0', fetch(version, { maxBytes: 0 })),
      step('partitionMaxBytes 0', fetch(version, { partitionBytes: 0 })),
      step('negative limits', fetch(version, { maxBytes: -1, partitionBytes: -1 })),
      step('two batches and a half', fetch(version, { partitionBytes: 220 })),
      step('a large batch behind small ones', fetch(version, { offset: 9n, partitionBytes: 500 })),
      step('at the end, no wait', fetch(version, { offset: 13n })),
      step('at the end, waits', fetch(version, { offset: 13n, maxWaitMs: 50 })),
      step('minBytes 0 at the end', fetch(version, { offset: 13n, maxWaitMs: 5000, minBytes: 0 })),
      step('negative wait', fetch(version, { offset: 13n, maxWaitMs: -1 })),
      step('behind the end', fetch(version, { offset: 14n })),
      step('negative offset', fetch(version, { offset: -1n })),
      step('an empty partition', fetch(version, { topic: 'empty' })),
      step('read committed', fetch(version, { isolation: 1 })),
      step('isolation 7', fetch(version, { isolation: 7 })),
      step('unknown partition', fetch(version, { partition: 9 })),
      step('unknown topic', fetch(version, { topic: 'nowhere', id: UNKNOWN_ID })),
      step('zero id or empty name', fetch(version, { topic: '', id: zeroUuid })),
      step('current leader epoch', fetch(version, { epoch: 0 })),
      step('newer leader epoch', fetch(version, { epoch: 5 })),
      step('zstd', fetch(version, { topic: 'zstd' })),
      step('no topics, no session', none(version, [0, -1])),
      step('a session begins', fetch(version, { session: [0, 0] })),
      step('an unknown session', fetch(version, { session: [123_456, 1] })),
      step('a session closes that never was', none(version, [123_456, -1])),
      ...malformed(fetch(version)),
    ]),
    ...unserved(FetchRequest, fetch(11)),
  ],
};
