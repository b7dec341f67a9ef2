import { expect, test } from 'vitest';
import { makeUuid } from '../../../../src/base/uuid.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import { emptyImage } from '../../../../src/core/metadata/image.ts';
import { MetadataInspection } from '../../../../src/core/metadata/inspect.ts';
import { MetadataLoader } from '../../../../src/core/metadata/loader.ts';
import { quorumProblem, standalone } from '../../../../src/core/metadata/raft-facts.ts';
import { encodeSnapshot } from '../../../../src/core/metadata/snapshot-file.ts';
import { parseSnapshotName, snapshotName, snapshotsAmong } from '../../../../src/core/metadata/snapshot-name.ts';
import { featureRecord, snapshotRecords } from '../../../../src/core/metadata/snapshot-records.ts';
import { encodeBatch, splitBatches } from '../../../../src/protocol/records/batch.ts';
import { cluster, contents, directoryOf, replayed, rules, settings, topic } from '../../../support/metadata.ts';

const raft = standalone(1, directoryOf(1), { name: 'CONTROLLER', host: 'localhost', port: 9093 });

function snapshot(topics = 3) {
  const decisions = cluster(2);
  for (let i = 0; i < topics; i++) {
    const configs = [{ name: 'retention.ms', value: String(i) }];
    decisions.run(createTopics({ topics: [topic(`t.${i}`, { configs })], validateOnly: false }, settings, rules));
  }
  const token = { owner: 'o', requester: 'o', renewers: ['r'], tokenId: 't' };
  const timestamps = { issueTimestamp: 1n, maxTimestamp: 2n, expirationTimestamp: 3n };
  const kept = { type: 'delegationToken', version: 0, data: { ...token, ...timestamps } } as const;
  const { after: image } = replayed(decisions.image, [kept]);
  const bytes = encodeSnapshot({ lastTimestampMs: 5n, epoch: 3, nowMs: 6n, raft, records: snapshotRecords(image) });
  return { image, bytes };
}

const loaded = (bytes: Uint8Array) => {
  const loader = new MetadataLoader(emptyImage('MkU3OEVBNTcwNTJENDM2Qg'));
  loader.loadSnapshot(bytes, 42n, 3);
  return loader;
};

test('a snapshot gives the image it was made of, and the quorum', () => {
  const { image, bytes } = snapshot();
  const loader = loaded(bytes);
  expect(contents(loader.image)).toEqual(contents(image));
  expect(loader.image).toMatchObject({ offset: 41n, epoch: 3 });
  expect(loader.raft).toEqual(raft);
  expect(loader.lastTimestampMs).toBe(5n);
});

test('a large one is several batches with consecutive offsets', () => {
  const { image, bytes } = snapshot(3_000);
  const batches = splitBatches(bytes);
  expect(batches.length).toBeGreaterThan(3);
  expect(contents(loaded(bytes).image)).toEqual(contents(image));
});

test('cut anywhere it is refused', () => {
  const { bytes } = snapshot();
  for (let length = 0; length < bytes.length; length += 7) {
    expect(() => loaded(bytes.subarray(0, length)), `${length} of ${bytes.length} bytes`).toThrow();
  }
});

test('with a byte changed it is refused', () => {
  const { bytes } = snapshot();
  for (let at = 17; at < bytes.length; at += 13) {
    const damaged = bytes.slice();
    damaged[at] = damaged[at]! ^ 0x10;
    try {
      const { image } = loaded(damaged);
      // Offset and epoch of a batch lie outside its CRC; they say nothing here.
      expect(contents(image)).toEqual(contents(snapshot().image));
    } catch (error) {
      expect((error as Error).name).toMatch(/WireError|ReplayError/);
    }
  }
});

test('names', () => {
  const id = { endOffset: 42n, epoch: 3 };
  expect(snapshotName(id)).toBe('00000000000000000042-0000000003.checkpoint');
  expect(parseSnapshotName(snapshotName(id))).toEqual(id);
  expect(parseSnapshotName(`${snapshotName(id)}.deleted`)).toBeUndefined();
  const names = [snapshotName(id), 'quorum-state', snapshotName({ endOffset: 9n, epoch: 9 }), '1-2.checkpoint'];
  expect(snapshotsAmong(names).map(({ endOffset }) => endOffset)).toEqual([9n, 42n]);
});

test('what is not served is named before anything is opened', () => {
  const features = [featureRecord('metadata.version', 31), featureRecord('group.version', 1), featureRecord('x', 2)];
  const voters = [...raft.voters, ...standalone(2, directoryOf(2), { name: 'C', host: 'h', port: 1 }).voters];
  const bytes = encodeSnapshot({
    lastTimestampMs: 0n,
    epoch: 0,
    nowMs: 0n,
    raft: { ...raft, voters },
    records: features,
  });
  const inspection = new MetadataInspection();
  inspection.look(bytes);
  const alien = Uint8Array.of(1, 99, 0, 0);
  const newer = Uint8Array.of(1, 4, 7, 0);
  inspection.look(encodeBatch({ records: [alien, newer].map(value => ({ timestamp: 0n, value })) }));
  expect(inspection.problems(1, directoryOf(1))).toEqual([
    'metadata.version 31 (at most 30)',
    'group.version 1 (at most 0)',
    'x 2 (unknown)',
    'metadata record of unknown type 99',
    expect.stringContaining('7'),
    expect.stringMatching(/quorum of 1-.*, 2-/),
  ]);
});

test('our own directories have nothing to object to', () => {
  const inspection = new MetadataInspection();
  inspection.look(snapshot().bytes);
  expect(inspection.hasFeatures).toBe(true);
  expect(inspection.problems(1, directoryOf(1))).toEqual([]);
  expect(
    quorumProblem(
      raft,
      1,
      makeUuid(() => new Uint8Array(16)),
    ),
  ).toMatch('metadata quorum');
  expect(quorumProblem({ kraftVersion: 0, voters: [] }, 1, directoryOf(1))).toBeUndefined();
});
