/**
 * The metadata log and its snapshots, written by one and read by the other: Kafka's tools read ours, Kafka starts on our directory and we on Kafka's, and
 * what a directory of Kafka's has finalized beyond our means is named and left alone.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { decodeBatch, splitBatches } from '../../src/protocol/records/batch.ts';
import { run } from '../support/child.ts';
import { REPO_ROOT, scratchDir } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { mustKafkaTool, startKafka, TOOLS } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const partition = '__cluster_metadata-0';
const clusterId = 'TWlsZW5hLW1ldGFkYXRhMQ';
/** Everything that Kafka would finalize and Milena does not serve yet. */
const unserved = ['group', 'transaction', 'share', 'streams', 'eligible.leader.replicas'].map(
  name => `${name}.version`,
);

const running: ProcessPeer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(peer => peer.kill()));
});

async function milenaOn(dataDir: string, config: Record<string, string> = {}): Promise<ProcessPeer> {
  const peer = await startMilena({ dataDir, config });
  running.push(peer);
  return peer;
}

async function kafkaOn(dataDir: string): Promise<ProcessPeer> {
  const peer = await startKafka({ dataDir });
  running.push(peer);
  return peer;
}

const topics = (peer: ProcessPeer, ...args: string[]) =>
  mustKafkaTool(TOOLS.topics, ['--bootstrap-server', peer.bootstrap, ...args]);

/** `name id partitions configs` of every topic. */
async function described(peer: ProcessPeer): Promise<string[]> {
  const { stdout } = await topics(peer, '--describe');
  const lines = stdout.split('\n').filter(line => line.startsWith('Topic:'));
  return lines.map(line => line.replace(/\s+/g, ' ').trim()).sort();
}

async function formattedByKafka(...args: string[]): Promise<string> {
  const home = scratchDir('metadata');
  const dataDir = join(home, 'data');
  const file = join(home, 'server.properties');
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `log.dirs=${dataDir}`,
    'listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093',
    'controller.listener.names=CONTROLLER',
    'controller.quorum.bootstrap.servers=127.0.0.1:9093',
  ];
  writeFileSync(file, lines.join('\n'));
  await mustKafkaTool(TOOLS.storage, ['format', '--standalone', '-t', clusterId, '-c', file, ...args]);
  return dataDir;
}

const withoutUnserved = (): string[] => unserved.flatMap(name => ['--feature', `${name}=0`]);

function filesIn(directory: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, name);
    if (statSync(path).isFile()) files.set(name, createHash('sha256').update(readFileSync(path)).digest('hex'));
  }
  return files;
}

async function dump(path: string): Promise<string[]> {
  const { stdout } = await mustKafkaTool(TOOLS.dumpLogSegments, ['--cluster-metadata-decoder', '--files', path]);
  const lines = stdout.split('\n');
  expect(lines.filter(line => /isvalid: false|error|exception|corrupt/i.test(line))).toEqual([]);
  return lines.filter(line => line.startsWith('|'));
}

test('Kafka reads our log and snapshots record by record, and starts on them; then we start again', async () => {
  const dataDir = join(scratchDir('metadata'), 'data');
  const small = { 'metadata.log.max.record.bytes.between.snapshots': '2000' };
  let milena = await milenaOn(dataDir, small);
  for (let i = 0; i < 6; i++) {
    await topics(milena, '--create', '--topic', `t${i}`, '--partitions', '5', '--config', `retention.ms=${1000 + i}`);
  }
  await topics(milena, '--delete', '--topic', 't0');
  await topics(milena, '--alter', '--topic', 't1', '--partitions', '7');
  // A config of ours that Kafka does not know: it must start all the same.
  const bin = join(REPO_ROOT, 'dist', 'cli', 'bin.js');
  const cached = ['topic', 'create', 'cached', '--config', 'write.caching=true', '-b', milena.bootstrap];
  expect(await run(process.execPath, [bin, ...cached])).toMatchObject({ code: 0 });
  const known = (lines: string[]) => lines.map(line => line.replace('write.caching=true', ''));
  const before = known(await described(milena)).map(line => line.trim());
  expect(before).toHaveLength(6);
  await milena.stop();

  const names = readdirSync(join(dataDir, partition)).filter(name => /\.(log|checkpoint)$/.test(name));
  expect(names.filter(name => name.endsWith('.checkpoint')).length).toBeGreaterThan(1);
  for (const name of names) {
    const path = join(dataDir, partition, name);
    const ours = splitBatches(readFileSync(path)).flatMap(batch => decodeBatch(batch).records);
    expect(await dump(path), name).toHaveLength(ours.length);
  }

  const kafka = await kafkaOn(dataDir);
  expect(await described(kafka)).toEqual(before);
  await topics(kafka, '--create', '--topic', 'from-kafka', '--partitions', '3');
  await topics(kafka, '--delete', '--topic', 't2');
  const after = await described(kafka);
  await kafka.stop();

  milena = await milenaOn(dataDir);
  expect(known(await described(milena)).map(line => line.trim())).toEqual(after);
  await topics(milena, '--create', '--topic', 'again');
  await milena.kill();
  milena = await milenaOn(dataDir);
  expect(await described(milena)).toHaveLength(after.length + 1);
});

test('we start on a directory that Kafka has formatted, used and killed', async () => {
  const dataDir = await formattedByKafka(...withoutUnserved());
  const kafka = await kafkaOn(dataDir);
  await topics(kafka, '--create', '--topic', 'a', '--partitions', '2', '--config', 'cleanup.policy=compact');
  const before = await described(kafka);
  await kafka.kill();
  const milena = await milenaOn(dataDir);
  expect(await described(milena)).toEqual(before);
});

test('what Kafka has finalized beyond our means is named in one line, and nothing is written', async () => {
  const dataDir = await formattedByKafka();
  const before = filesIn(dataDir);
  const bin = join(REPO_ROOT, 'dist', 'cli', 'bin.js');
  const overrides = [`log.dirs=${dataDir}`, 'listeners=PLAINTEXT://127.0.0.1:0'].flatMap(o => ['--override', o]);
  const { code, stdout, stderr } = await run(process.execPath, [bin, 'start', ...overrides]);
  expect(code).toBe(1);
  const lines = `${stdout}${stderr}`.split('\n').filter(line => line.includes(dataDir));
  expect(lines).toHaveLength(1);
  for (const name of unserved) expect(lines[0]).toContain(name);
  expect(filesIn(dataDir)).toEqual(before);
});

test('what we format is what Kafka formats', async () => {
  const theirs = await formattedByKafka(...withoutUnserved());
  const ours = join(scratchDir('metadata'), 'data');
  const bin = join(REPO_ROOT, 'dist', 'cli', 'bin.js');
  const overrides = [`log.dirs=${ours}`, 'listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093'];
  const args = [...overrides, 'controller.listener.names=CONTROLLER', 'process.roles=broker,controller'];
  const formatted = await run(process.execPath, [bin, 'format', ...args.flatMap(o => ['--override', o])]);
  expect(formatted, formatted.stderr).toMatchObject({ code: 0 });
  expect([...filesIn(ours).keys()].sort()).toEqual([...filesIn(theirs).keys()].sort());
  for (const name of ['bootstrap.checkpoint', join(partition, `${'0'.repeat(20)}-${'0'.repeat(10)}.checkpoint`)]) {
    const masked = async (directory: string) =>
      (await dump(join(directory, name))).map(line =>
        line.replace(/CreateTime: \d+|Timestamp":\d+|DirectoryId":"[^"]*"/g, '*'),
      );
    expect(await masked(ours)).toEqual(await masked(theirs));
  }
});
