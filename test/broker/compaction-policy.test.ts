/** A topic that is switched between policies while the broker runs: delete, compact, delete again, and both. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeResponse } from '../../src/protocol/frame.ts';
import {
  IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { createTopics } from '../answers/play.ts';
import { EARLIEST, listOffset, offsetListed } from '../answers/requests.ts';
import { ask, servedApi } from '../answers/suite.ts';
import { activeBase, cleanEnd, untilCleanedTo } from '../support/cleaned.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import type { RawClient } from '../support/raw-client.ts';
import { type Contents, fill, readBack, until } from './compacted.ts';

const TOPIC = 'switched';
const PARTITION = `${TOPIC}-0`;
/** Compacted all the time: once it is clean, the cleaner has looked at the other too. */
const WITNESS = 'witness';
const TOPIC_RESOURCE = 2;
const SET = 0;
const VERSION = 1;
const RECORDS = 20;

let milena: Embedded;
let client: RawClient;
beforeAll(async () => {
  milena = await startEmbedded({ 'log.cleaner.backoff.ms': '10', 'log.retention.check.interval.ms': '50' });
  client = await milena.connect();
});
afterAll(async () => {
  await client?.close();
  await milena?.broker.stop();
});

async function set(configs: Readonly<Record<string, string>>): Promise<void> {
  const frame = ask(IncrementalAlterConfigsRequest, VERSION, {
    resources: [
      {
        resourceType: TOPIC_RESOURCE,
        resourceName: TOPIC,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value, configOperation: SET })),
      },
    ],
    validateOnly: false,
  });
  const answer = decodeResponse(servedApi(IncrementalAlterConfigsRequest), VERSION, await client.call(frame));
  expect((answer.body as IncrementalAlterConfigsResponse).responses[0]!.errorCode).toBe(0);
}

/** Changes of one key, each in a segment of its own; the offset of the last. */
async function change(model: Contents, topic: string, round: string): Promise<bigint> {
  let last = -1n;
  for (let i = 0; i < RECORDS; i++) {
    last = await fill(model, { port: milena.port, topic, records: [['key', `${round} ${i}`]] });
  }
  return last;
}

const recordsOf = async (topic: string): Promise<number> => (await readBack(milena.port, topic)).records;
const earliest = async (): Promise<bigint> => offsetListed(await client.call(listOffset(TOPIC, 0, EARLIEST))).offset;

test('policies switched live act on what is there', async () => {
  const small = { 'segment.ms': '1', 'min.cleanable.dirty.ratio': '0', 'file.delete.delay.ms': '0' };
  await createTopics(client, [
    { name: TOPIC, config: { ...small, 'cleanup.policy': 'delete', 'retention.ms': '-1' } },
    { name: WITNESS, config: { ...small, 'cleanup.policy': 'compact' } },
  ]);
  const model: Contents = new Map();
  const witnessed = async (): Promise<void> => {
    const last = await change(new Map(), WITNESS, 'seen');
    await untilCleanedTo(milena.dataDir, `${WITNESS}-0`, last);
  };

  await change(model, TOPIC, 'first');
  await witnessed();
  expect(await recordsOf(TOPIC)).toBe(RECORDS);
  expect(await cleanEnd(milena.dataDir, PARTITION)).toBe(-1n);

  // What is there already is dirty from its start.
  await set({ 'cleanup.policy': 'compact' });
  await untilCleanedTo(milena.dataDir, PARTITION, await activeBase(milena.dataDir, PARTITION));
  expect(await recordsOf(TOPIC)).toBe(2);
  const clean = await cleanEnd(milena.dataDir, PARTITION);

  await set({ 'cleanup.policy': 'delete' });
  await change(model, TOPIC, 'second');
  await witnessed();
  expect(await recordsOf(TOPIC)).toBe(2 + RECORDS);
  expect(await cleanEnd(milena.dataDir, PARTITION)).toBe(clean);

  // Compacted from where the cleaner had stopped.
  await set({ 'cleanup.policy': 'compact,delete' });
  await untilCleanedTo(milena.dataDir, PARTITION, await activeBase(milena.dataDir, PARTITION));
  expect((await readBack(milena.port, TOPIC)).latest).toEqual(model);
  expect(await recordsOf(TOPIC)).toBe(2);

  // And retained by time: everything is older than that, the active segment too.
  const end = BigInt(2 * RECORDS);
  await set({ 'retention.ms': '1' });
  await until('everything too old', async () => (await earliest()) === end);
  await set({ 'retention.ms': '-1' });
  await change(model, TOPIC, 'third');
  await untilCleanedTo(milena.dataDir, PARTITION, await activeBase(milena.dataDir, PARTITION));
  expect((await readBack(milena.port, TOPIC, end)).latest).toEqual(model);
  expect(await earliest()).toBe(end);
});
