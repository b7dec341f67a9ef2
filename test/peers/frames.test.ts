// What lies around messages: metadata and coordinator records, control and data batches, producer snapshots and
// quorum-state, written by us, read and written again by Apache Kafka's own code. The bytes must be the same.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { text, toHex, utf8 } from '../../src/base/bytes.ts';
import { type BatchInit, encodeBatch } from '../../src/protocol/records/batch.ts';
import { consumerOffsetsCodec, consumerOffsetsRecords } from '../../src/protocol/records/consumer-offsets.ts';
import {
  type ControlRecordInit,
  encodeControlRecord,
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from '../../src/protocol/records/control.ts';
import type { CoordinatorCodec, CoordinatorTable } from '../../src/protocol/records/coordinator.ts';
import {
  encodeMetadataRecord,
  type MetadataRecordType,
  metadataRecords,
} from '../../src/protocol/records/metadata/record.ts';
import { encodeProducerSnapshot } from '../../src/protocol/records/producer-snapshot.ts';
import { encodeQuorumState } from '../../src/protocol/records/quorum-state.ts';
import { shareGroupStateCodec, shareGroupStateRecords } from '../../src/protocol/records/share-group-state.ts';
import { transactionStateCodec, transactionStateRecords } from '../../src/protocol/records/transaction-state.ts';
import type { Message } from '../../src/protocol/schema.ts';
import { arbitraryOf } from '../support/arbitrary.ts';
import { batchInits } from '../support/batch-init.ts';
import { blockCodec } from '../support/block-codec.ts';
import { versionsOf } from '../support/schemas.ts';
import { type Frame, rewriteFramesInJava } from './support/java-frames.ts';

const seed = Number(process.env.MILENA_SEED ?? Date.now() % 0x7fff_ffff);
const sample = <T>(from: fc.Arbitrary<T>, numRuns = 20): T[] => fc.sample(from, { numRuns, seed });
const values = (message: Message, version: number): Record<string, unknown>[] => sample(arbitraryOf(message, version));

async function comeBack(frames: readonly Frame[], expected: readonly Frame[] = frames): Promise<void> {
  const answers = await rewriteFramesInJava(frames);
  const show = (bytes: Uint8Array | null): string => (bytes === null ? 'null' : toHex(bytes));
  const different = expected.flatMap(({ kind, key, value }, i) => {
    const answer = answers[i]!;
    if (typeof answer === 'string') return [`${kind} ${show(key)} ${show(value)}: ${answer}`];
    if (show(answer.key) === show(key) && show(answer.value) === show(value)) return [];
    return [`${kind} ${show(key)} ${show(value)} became ${show(answer.key)} ${show(answer.value)}`];
  });
  expect(different.slice(0, 5)).toEqual([]);
  expect(answers.length).toBeGreaterThan(0);
}

test(`metadata records (seed ${seed})`, async () => {
  const types = Object.keys(metadataRecords) as MetadataRecordType[];
  const frames = types.flatMap(type =>
    versionsOf(metadataRecords[type]).flatMap(version =>
      values(metadataRecords[type], version).map((data): Frame => {
        const record = { type, version, data } as unknown as Parameters<typeof encodeMetadataRecord>[0];
        return { kind: 'metadata', key: null, value: encodeMetadataRecord(record) };
      }),
    ),
  );
  await comeBack(frames);
});

test(`coordinator records and tombstones (seed ${seed})`, async () => {
  const frames = [
    ...coordinatorFrames('group', consumerOffsetsCodec, consumerOffsetsRecords),
    ...coordinatorFrames('transaction', transactionStateCodec, transactionStateRecords),
    ...coordinatorFrames('share', shareGroupStateCodec, shareGroupStateRecords),
  ];
  await comeBack(frames);
});

function coordinatorFrames<T extends CoordinatorTable>(
  kind: Frame['kind'],
  codec: CoordinatorCodec<T>,
  table: T,
): Frame[] {
  type Given = Parameters<typeof codec.encode>[0];
  return Object.entries(table).flatMap(([type, schemas]) => {
    const keys = values(schemas.key, 0);
    const given = versionsOf(schemas.value).flatMap(version =>
      values(schemas.value, version).map((data, i) => ({ type, key: keys[i]!, value: { version, data } })),
    );
    const all = [...given, { type, key: keys[0]!, value: null }];
    return all.map((record): Frame => ({ kind, ...codec.encode(record as unknown as Given) }));
  });
}

test(`record batches (seed ${seed})`, async () => {
  const inits = sample(batchInits, 200).filter(init => init.records.length > 0);
  const frames = inits.map((init): Frame => ({ kind: 'batch', key: null, value: encodeBatch(init, blockCodec) }));
  const plain = inits.map(
    (init): Frame => ({ kind: 'batch', key: null, value: encodeBatch({ ...init, compression: 'none' }) }),
  );
  await comeBack(frames, plain);
});

test(`control batches (seed ${seed})`, async () => {
  const marker = { producerId: 9n, producerEpoch: 3, transactional: true };
  const raft = (kind: ControlRecordInit['kind'], schema: Message): [ControlRecordInit, Partial<BatchInit>][] =>
    values(schema, 0).map(data => [{ kind, data: { ...data, version: 0 } } as unknown as ControlRecordInit, {}]);
  const records: [ControlRecordInit, Partial<BatchInit>][] = [
    [{ kind: 'commit', data: { coordinatorEpoch: 7 } }, marker],
    [{ kind: 'abort', data: { coordinatorEpoch: 0 } }, marker],
    ...raft('leaderChange', LeaderChangeMessage),
    ...raft('snapshotHeader', SnapshotHeaderRecord),
    ...raft('snapshotFooter', SnapshotFooterRecord),
    ...raft('kraftVersion', KRaftVersionRecord),
    ...raft('voters', VotersRecord),
  ];
  const frames = records.map(([record, batch]): Frame => {
    const records = [{ timestamp: 1_700_000_000_000n, ...encodeControlRecord(record) }];
    const value = encodeBatch({ baseOffset: 12n, leaderEpoch: 4, control: true, ...batch, records });
    return { kind: 'batch', key: null, value };
  });
  await comeBack(frames);
});

test(`producer snapshots (seed ${seed})`, async () => {
  const count = fc.nat(0x7fff_ffff);
  const entry = fc.record(
    {
      producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      epoch: fc.nat(0x7fff),
      lastSequence: count,
      lastOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      offsetDelta: count,
      timestamp: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      coordinatorEpoch: fc.integer({ min: -1, max: 1000 }),
      currentTxnFirstOffset: fc.bigInt({ min: -1n, max: 2n ** 62n }),
    },
    { noNullPrototype: true },
  );
  const snapshots = sample(fc.uniqueArray(entry, { selector: e => e.producerId, maxLength: 5 }));
  await comeBack(
    snapshots.map(entries => ({ kind: 'producer-snapshot', key: null, value: encodeProducerSnapshot(entries) })),
  );
});

test('quorum-state of both versions', async () => {
  const voted = 'c29tZS1kaXJlY3Rvcnktcw' as Parameters<typeof encodeQuorumState>[0]['votedDirectoryId'];
  const none = 'AAAAAAAAAAAAAAAAAAAAAA' as typeof voted;
  const states = [
    encodeQuorumState({ leaderId: 1, leaderEpoch: 3, votedDirectoryId: none }, 1),
    encodeQuorumState({ leaderEpoch: 4, votedId: 2, votedDirectoryId: voted }, 1),
    encodeQuorumState({ leaderId: 1, leaderEpoch: 5, votedDirectoryId: none, currentVoters: [{ voterId: 1 }] }, 0),
  ];
  const frames = states.map((state): Frame => ({ kind: 'quorum-state', key: null, value: utf8(state) }));
  const answers = await rewriteFramesInJava(frames);
  expect(answers.map(a => (typeof a === 'string' ? a : text(a.value!)))).toEqual(states);
});
