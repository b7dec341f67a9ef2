/**
 * `write.caching` is the one configuration that Apache Kafka does not know. Kafka leaves its records out when it replays the metadata: it starts, serves and
 * alters the topic, cannot delete what it does not see, and loses it with its next snapshot.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { scratchDir } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { RawClient } from '../support/raw-client.ts';
import { kafkaTool, mustKafkaTool, startKafka, TOOLS } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const TOPIC = 'cached';
const SNAPSHOT_DEADLINE_MS = 120_000;
const POLL_MS = 200;
/** Kafka writes a snapshot whenever that much was committed behind the last one. */
const SNAPSHOTS_OFTEN = { 'metadata.log.max.record.bytes.between.snapshots': '1' };

const configs = (peer: ProcessPeer, ...args: string[]) =>
  kafkaTool(TOOLS.configs, [
    ...['--bootstrap-server', peer.bootstrap, '--entity-type', 'topics', '--entity-name', TOPIC],
    ...args,
  ]);

const described = async (peer: ProcessPeer): Promise<string> => (await configs(peer, '--describe')).stdout;

const snapshotsIn = (dataDir: string): string[] =>
  readdirSync(join(dataDir, '__cluster_metadata-0')).filter(name => name.endsWith('.checkpoint'));

async function newSnapshot(dataDir: string, before: readonly string[]): Promise<string> {
  const deadline = Date.now() + SNAPSHOT_DEADLINE_MS;
  while (Date.now() < deadline) {
    const found = snapshotsIn(dataDir).find(name => !before.includes(name));
    if (found !== undefined) return join(dataDir, '__cluster_metadata-0', found);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  throw new Error('Kafka has written no snapshot');
}

test('Kafka neither shows, minds nor deletes write.caching; its snapshot is without it', async () => {
  const dataDir = join(scratchDir('write-caching'), 'data');
  const peers: ProcessPeer[] = [];
  const on = async <P extends ProcessPeer>(starting: Promise<P>): Promise<P> => {
    const peer = await starting;
    peers.push(peer);
    return peer;
  };
  try {
    const milena = await on(startMilena({ dataDir }));
    const client = await RawClient.open(milena.port);
    await createTopics(client, [{ name: TOPIC, config: { 'write.caching': 'true' } }]);
    await client.close();
    expect(await described(milena)).toContain('write.caching=true');
    await milena.stop();

    const kafka = await on(startKafka({ dataDir }));
    expect(await described(kafka)).not.toContain('write.caching');
    expect(await configs(kafka, '--alter', '--add-config', 'retention.ms=5000')).toMatchObject({ code: 0 });
    const deletion = await configs(kafka, '--alter', '--delete-config', 'write.caching');
    expect(deletion).toMatchObject({ code: 0, stdout: expect.stringContaining('Completed updating config') });
    await kafka.stop();

    // Kafka said it was done and wrote no record of it.
    const again = await on(startMilena({ dataDir }));
    expect(await described(again)).toContain('write.caching=true');
    expect(await described(again)).toContain('retention.ms=5000');
    await again.stop();

    const before = snapshotsIn(dataDir);
    const snapshotting = await on(startKafka({ dataDir, config: SNAPSHOTS_OFTEN }));
    expect(await configs(snapshotting, '--alter', '--add-config', 'retention.ms=6000')).toMatchObject({ code: 0 });
    const snapshot = await newSnapshot(dataDir, before);
    await snapshotting.stop();
    expect(existsSync(snapshot)).toBe(true);
    const args = ['--cluster-metadata-decoder', '--files', snapshot];
    const { stdout } = await mustKafkaTool(TOOLS.dumpLogSegments, args);
    expect(stdout).toContain('"retention.ms"');
    expect(stdout).not.toContain('write.caching');

    const last = await on(startMilena({ dataDir }));
    expect(await described(last)).toContain('retention.ms=6000');
    expect(await described(last)).not.toContain('write.caching=true');
    // What is deleted with Milena is deleted.
    expect(await configs(last, '--alter', '--add-config', 'write.caching=true')).toMatchObject({ code: 0 });
    expect(await configs(last, '--alter', '--delete-config', 'write.caching')).toMatchObject({ code: 0 });
    expect(await described(last)).not.toContain('write.caching=true');
    await last.stop();
  } finally {
    for (const peer of peers) await peer.kill();
  }
});
