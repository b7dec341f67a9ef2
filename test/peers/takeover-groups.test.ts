/** Groups change hands with their directory: Milena, then Apache Kafka, then Milena again. Members, assignments and offsets of either are the other's, transactional ones included. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { GroupClient } from '../broker/group-client.ts';
import { must } from '../support/child.ts';
import { REPO_ROOT, scratchDir } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { RawClient } from '../support/raw-client.ts';
import { javaSource, kafkaTool, startKafka, TOOLS } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const FORMATTERS = 'org.apache.kafka.tools.consumer';
const TRANSACTIONS = join(REPO_ROOT, 'test', 'peers', 'java', 'TransactionalOffsets.java');
const UNSTABLE_OFFSET_COMMIT = 88;
const NOTHING = { errorCode: 0, committedOffset: -1n, metadata: '' };

/** Runs `work` with a connection to the peer, on which the groups are served. */
async function on<T>(peer: ProcessPeer, groupIds: readonly string[], work: (client: GroupClient) => Promise<T>) {
  const client = await GroupClient.open(peer.port);
  try {
    for (const groupId of groupIds) await client.ready(groupId);
    return await work(client);
  } finally {
    await client.close();
  }
}

/** What Kafka's own formatter makes of __consumer_offsets. */
async function formatted(kafka: ProcessPeer, formatter: string): Promise<string> {
  // It ends when nothing has come for a while; how it calls that is not looked at.
  const { stdout } = await kafkaTool(TOOLS.consoleConsumer, [
    ...['--bootstrap-server', kafka.bootstrap, '--topic', '__consumer_offsets', '--from-beginning'],
    ...['--formatter', `${FORMATTERS}.${formatter}`, '--timeout-ms', '10000'],
  ]);
  return stdout;
}

async function transactions(kafka: ProcessPeer, outcomes: Readonly<Record<string, string>>): Promise<void> {
  const args = [kafka.bootstrap, 't', ...Object.entries(outcomes).flat()];
  const { command, args: all } = await javaSource(TRANSACTIONS, args);
  await must(command, all);
}

test('Milena, Apache Kafka, Milena: groups and offsets', async () => {
  const dataDir = join(scratchDir('takeover-groups'), 'data');
  const first = await startMilena({ dataDir });
  const raw = await RawClient.open(first.port);
  await createTopics(raw, [{ name: 't' }]);
  await raw.close();
  const { member, described } = await on(first, ['ours', 'outside'], async client => {
    const settled = await client.settle('ours', 'our share');
    expect(await client.commit('ours', 't', 5n, settled)).toBe(0);
    expect(await client.commit('outside', 't', 6n)).toBe(0);
    return { member: settled, described: await client.describe('ours') };
  });
  await first.stop();

  const kafka = await startKafka({ dataDir });
  let theirs: { member: readonly [string, number]; described: typeof described };
  try {
    theirs = await on(kafka, ['ours', 'outside', 'theirs'], async client => {
      expect(await client.describe('ours')).toEqual(described);
      expect([await client.fetch('ours', 't'), await client.fetch('outside', 't')]).toEqual([5n, 6n]);
      expect(await client.heartbeat('ours', ...member)).toBe(0);
      expect(await client.commit('ours', 't', 7n, member)).toBe(0);
      const settled = await client.settle('theirs', 'their share');
      expect(await client.commit('theirs', 't', 8n, settled)).toBe(0);
      return { member: settled, described: await client.describe('theirs') };
    });
    const offsets = await formatted(kafka, 'OffsetsMessageFormatter');
    expect(offsets).toMatch(/"group":"ours","topic":"t","partition":0.*"offset":5/);
    expect(offsets).toMatch(/"group":"outside","topic":"t","partition":0.*"offset":6/);
    const groups = await formatted(kafka, 'GroupMetadataMessageFormatter');
    expect(groups).toContain('"group":"ours"');
    expect(groups).toContain(`"memberId":"${member[0]}"`);
    await transactions(kafka, { committed: 'commit', aborted: 'abort', unfinished: 'open' });
    await kafka.stop();
  } finally {
    await kafka.kill();
  }

  const again = await startMilena({ dataDir });
  await on(again, ['ours', 'outside', 'theirs', 'committed', 'aborted', 'unfinished'], async client => {
    expect(await client.describe('ours')).toEqual(described);
    expect(await client.describe('theirs')).toEqual(theirs.described);
    expect(await client.heartbeat('theirs', ...theirs.member)).toBe(0);
    const groupIds = ['ours', 'outside', 'theirs', 'committed', 'aborted', 'unfinished'];
    const fetched: (readonly [string, bigint])[] = [];
    for (const groupId of groupIds) fetched.push([groupId, await client.fetch(groupId, 't')]);
    expect(fetched).toEqual([
      ['ours', 7n],
      ['outside', 6n],
      ['theirs', 8n],
      ['committed', 9n],
      ['aborted', -1n],
      ['unfinished', -1n],
    ]);
    const stable = (groupId: string) => client.fetchOne(groupId, 't', true);
    expect(await stable('committed')).toMatchObject({
      errorCode: 0,
      committedOffset: 9n,
      metadata: 'in a transaction',
    });
    expect(await stable('aborted')).toMatchObject(NOTHING);
    expect(await stable('unfinished')).toMatchObject({ errorCode: UNSTABLE_OFFSET_COMMIT, committedOffset: -1n });
    expect((await client.join('ours', member[0])).generationId).toBe(member[1] + 1);
  });
  await again.stop();
});
