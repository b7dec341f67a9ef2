import { expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { Prng } from '../../../src/base/prng.ts';
import { readMetaProperties } from '../../../src/core/metadata/meta-properties.ts';
import { encodeRecord } from '../../../src/core/metadata/records.ts';
import { encodeSnapshot } from '../../../src/core/metadata/snapshot-file.ts';
import { featureRecord } from '../../../src/core/metadata/snapshot-records.ts';
import { encodeBatch } from '../../../src/protocol/records/batch.ts';
import { formatStorage } from '../../../src/storage/format.ts';
import { checkStorage, logDirOf, openStorage } from '../../../src/storage/open.ts';
import { MemoryFiles } from '../../support/memory-files.ts';

const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg';

function storage(files: MemoryFiles, logDirs = ['/a'], more: { metadataLogDir?: string; nodeId?: number } = {}) {
  const chance = new Prng(logDirs.length);
  return {
    files,
    clock: { wallMs: () => 1_000n, monotonicMs: () => 0, after: () => () => {} },
    entropy: { uuid: () => chance.bytes(16), below: (limit: number) => chance.below(limit) },
    logDirs,
    metadataLogDir: more.metadataLogDir,
    nodeId: more.nodeId ?? 1,
    controllerEndpoint: { name: 'CONTROLLER', host: 'localhost', port: 9093 },
  };
}

async function formatted(logDirs = ['/a']) {
  const files = new MemoryFiles();
  await formatStorage(storage(files, logDirs), clusterId);
  return files;
}

const put = (files: MemoryFiles, path: string, text = 'x') => files.contents.set(path, utf8(text));

test('a first start formats what is missing or empty, a second one finds it', async () => {
  const files = new MemoryFiles();
  files.directories.add('/b/lost+found');
  const first = await openStorage(storage(files, ['/a', '/b']));
  expect(first).toMatchObject({ metadataIndex: 0, isNew: true });
  expect(first.clusterId).toMatch(/^[A-Za-z0-9_-]{22}$/);
  const [a, b] = first.directories;
  expect(a!.directoryId).not.toBe(b!.directoryId);
  expect(logDirOf(first.directories, b!.directoryId)).toBe(1);
  expect([...files.contents.keys()].sort()).toEqual([
    '/a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint',
    '/a/bootstrap.checkpoint',
    '/a/meta.properties',
    '/b/bootstrap.checkpoint',
    '/b/meta.properties',
  ]);
  const changes = files.changes.length;
  expect(await openStorage(storage(files, ['/a', '/b']))).toEqual({ ...first, isNew: false });
  expect(files.changes).toHaveLength(changes);
});

test('checking says which directories to lock and writes no file', async () => {
  const files = new MemoryFiles();
  expect(await checkStorage(storage(files, ['/a'], { metadataLogDir: '/m' }))).toEqual({
    paths: ['/a', '/m'],
    isNew: true,
  });
  expect(files.changes).toEqual(['mkdir /a', 'mkdir /m']);
  const orphan = await formatted();
  put(orphan, '/a/t-0/00000000000000000000.log');
  await expect(checkStorage(storage(orphan, ['/new', '/a']))).rejects.toThrow('/a holds t-0, but the metadata log');
  await expect(checkStorage(storage(orphan, ['/a'], { nodeId: 2 }))).rejects.toThrow('belongs to node 1');
  expect(await checkStorage(storage(orphan))).toEqual({ paths: ['/a'], isNew: false });
});

test('what an opened data plane leaves in an empty directory does not keep it from being formatted', async () => {
  const files = new MemoryFiles();
  for (const name of ['.lock', 'milena.boot', '.kafka_cleanshutdown', 'recovery-point-offset-checkpoint']) {
    put(files, `/a/${name}`);
  }
  expect(await openStorage(storage(files))).toMatchObject({ isNew: true });
});

test('metadata.log.dir may be one of log.dirs or another', async () => {
  const among = await openStorage(storage(new MemoryFiles(), ['/a', '/b'], { metadataLogDir: '/b' }));
  expect([among.metadataIndex, among.directories.length]).toEqual([1, 2]);
  const apart = await openStorage(storage(new MemoryFiles(), ['/a'], { metadataLogDir: '/m' }));
  expect([apart.metadataIndex, apart.directories.map(({ path }) => path)]).toEqual([1, ['/a', '/m']]);
});

test('a format cut short after any of its steps is taken up again', async () => {
  const whole = new MemoryFiles();
  await openStorage(storage(whole, ['/a', '/b']));
  for (let steps = 0; steps < whole.changes.length; steps++) {
    const files = new MemoryFiles();
    let left = steps;
    files.changing = () => {
      if (left-- === 0) throw new Error('power cut');
    };
    await expect(openStorage(storage(files, ['/a', '/b']))).rejects.toThrow('power cut');
    files.changing = () => {};
    const opened = await openStorage(storage(files, ['/a', '/b']));
    expect(opened.directories).toHaveLength(2);
  }
});

test.each<[string, (files: MemoryFiles) => void, string]>([
  ['foreign files', files => put(files, '/a/notes.txt'), '/a is not formatted and not empty: it holds notes.txt'],
  [
    'a log without meta.properties',
    files => put(files, '/a/__cluster_metadata-0/00000000000000000000.log'),
    'holds 0000',
  ],
  ['version 0', files => put(files, '/a/meta.properties', 'broker.id=1\ncluster.id=x\n'), 'is of version 0'],
  ['no cluster id', files => put(files, '/a/meta.properties', 'version=1\nnode.id=1\n'), 'has no cluster.id'],
  ['no node id', files => put(files, '/a/meta.properties', 'version=1\ncluster.id=x\nnode.id=a\n'), 'no valid node.id'],
  [
    'a reserved directory id',
    files =>
      put(files, '/a/meta.properties', 'version=1\ncluster.id=x\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAA\n'),
    'invalid directory.id',
  ],
])('%s: refused, nothing written', async (_, prepare, message) => {
  const files = new MemoryFiles();
  prepare(files);
  await expect(openStorage(storage(files))).rejects.toThrow(message);
  await expect(checkStorage(storage(files))).rejects.toThrow(message);
  expect(files.changes).toEqual([]);
});

test('another node, another cluster, a copy, a new disk, a lost metadata log', async () => {
  const files = await formatted();
  await expect(openStorage(storage(files, ['/a'], { nodeId: 2 }))).rejects.toThrow(
    'belongs to node 1, and node.id is 2',
  );
  await expect(openStorage(storage(files, ['/a', '/b']))).rejects.toThrow('milena format --ignore-formatted');
  await expect(openStorage(storage(files, ['/a', '/a']))).rejects.toThrow('twice');

  files.contents.set('/b/meta.properties', files.contents.get('/a/meta.properties')!);
  await expect(openStorage(storage(files, ['/a', '/b']))).rejects.toThrow('one is a copy');
  put(files, '/b/meta.properties', 'version=1\ncluster.id=other\nnode.id=1\n');
  await expect(openStorage(storage(files, ['/a', '/b']))).rejects.toThrow('/b belongs to cluster other');

  const orphan = await formatted();
  put(orphan, '/a/t-0/00000000000000000000.log');
  await expect(openStorage(storage(orphan, ['/new', '/a']))).rejects.toThrow('/a holds t-0, but the metadata log');
  expect([...orphan.contents.keys()].some(path => path.startsWith('/new'))).toBe(false);
});

test('a directory from before directory ids gets one', async () => {
  const files = await formatted();
  put(files, '/a/meta.properties', `version=1\ncluster.id=${clusterId}\nnode.id=1\n`);
  files.contents.delete('/a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint');
  const { directories } = await openStorage(storage(files));
  const meta = readMetaProperties(new TextDecoder().decode(files.contents.get('/a/meta.properties')));
  expect(meta).toEqual({ clusterId, nodeId: 1, directoryId: directories[0]!.directoryId });
});

const refusal = '/a was used by a cluster with what this version does not serve: ';
const log = '/a/__cluster_metadata-0/00000000000000000000.log';

test('features finalized above ours are named, wherever they stand', async () => {
  const levels = [featureRecord('metadata.version', 30), featureRecord('transaction.version', 2)];
  const snapshot = encodeSnapshot({ lastTimestampMs: 0n, epoch: 0, nowMs: 0n, raft: undefined, records: levels });
  const inBootstrap = await formatted();
  inBootstrap.contents.set('/a/bootstrap.checkpoint', snapshot);
  await expect(openStorage(storage(inBootstrap))).rejects.toThrow(`${refusal}transaction.version 2 (at most 0)`);

  // Once the cluster runs, its log counts and not what it began with.
  const records = levels.map(record => ({ timestamp: 0n, value: encodeRecord(record).value }));
  inBootstrap.contents.set(log, encodeBatch({ records: records.slice(0, 1) }));
  await openStorage(storage(inBootstrap));
  const inLog = await formatted();
  inLog.contents.set(log, encodeBatch({ records }));
  const { length } = inLog.changes;
  await expect(openStorage(storage(inLog))).rejects.toThrow(`${refusal}transaction.version 2 (at most 0)`);
  expect(inLog.changes).toHaveLength(length);
});

test('records of later kinds are named; a torn end is left to recovery', async () => {
  const files = await formatted();
  const future = encodeBatch({ records: [{ timestamp: 0n, value: Uint8Array.of(1, 77, 0, 0) }] });
  files.contents.set(log, future);
  await expect(openStorage(storage(files))).rejects.toThrow(`${refusal}metadata record of unknown type 77`);
  files.contents.set(log, future.subarray(0, future.length - 1));
  await openStorage(storage(files));
});

test('only the log behind the newest snapshot is looked at', async () => {
  const files = await formatted();
  const future = encodeBatch({ records: [{ timestamp: 0n, value: Uint8Array.of(1, 77, 0, 0) }] });
  const raft = { kraftVersion: 0, voters: [] };
  const snapshot = encodeSnapshot({ lastTimestampMs: 0n, epoch: 1, nowMs: 0n, raft, records: [] });
  const at = (base: number) => `/a/__cluster_metadata-0/${String(base).padStart(20, '0')}.log`;
  files.contents.set(`/a/__cluster_metadata-0/${'20'.padStart(20, '0')}-0000000001.checkpoint`, snapshot);
  files.contents.set(at(0), future);
  files.contents.set(at(10), encodeBatch({ records: [] }));
  files.contents.set(at(30), encodeBatch({ records: [] }));
  await openStorage(storage(files));
  files.contents.set(at(10), future);
  await expect(openStorage(storage(files))).rejects.toThrow('unknown type 77');
});

test('format refuses what is formatted, unless told to add disks', async () => {
  const files = await formatted();
  await expect(formatStorage(storage(files))).rejects.toThrow('/a is already formatted');
  expect(await formatStorage(storage(files, ['/a', '/b']), undefined, true)).toEqual({ clusterId, formatted: ['/b'] });
  expect((await openStorage(storage(files, ['/a', '/b']))).directories).toHaveLength(2);
  await expect(formatStorage(storage(files, ['/a', '/c']), 'AAAAAAAAAAAAAAAAAAAAAQ', true)).rejects.toThrow(
    'belongs to',
  );
  await expect(formatStorage(storage(new MemoryFiles()), 'my-cluster')).rejects.toThrow('is not a cluster id');
});

test('what the system refuses is one line', async () => {
  const files = new MemoryFiles();
  files.failNextWrite = 'EACCES';
  await expect(openStorage(storage(files))).rejects.toThrow(/^\/a: permission denied$/);
});
