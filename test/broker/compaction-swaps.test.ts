/**
 * Readers that stay where they are while the segment below them is cleaned and exchanged fifty times: one asks for the same offset again and again, one is
 * in the middle of an answer and does not read on until all is over.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { fetched, fetchRequest } from '../answers/requests.ts';
import { untilCleanedTo } from '../support/cleaned.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { parseRecords } from '../support/parse-records.ts';
import { type Contents, fill, openFiles, readBack, until } from './compacted.ts';

const TOPIC = 'swapped';
const PARTITION = `${TOPIC}-0`;
const SWAPS = 50;
const KEYS = 200;
const VALUE_BYTES = 10_000;
const PINNED = 90n;
/** Smaller than an answer by far: the broker has most of it still before it when the reader stops reading. */
const SOCKET_BYTES = 16_384;

let milena: Embedded;
beforeAll(async () => {
  milena = await startEmbedded({ 'log.cleaner.backoff.ms': '1', 'socket.send.buffer.bytes': String(SOCKET_BYTES) });
});
afterAll(() => milena?.broker.stop());

const valueFor = (i: number) => `${i}-`.padEnd(VALUE_BYTES, 'x');
const gone = (link: string) => link.includes('(deleted)');

const frameOf = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Sends a request and reads nothing before it is told to. */
async function askWithoutReading(request: Uint8Array): Promise<() => Promise<Buffer>> {
  const socket = connect({ port: milena.port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.pause();
  socket.write(frameOf(request));
  return async () => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let size: number | undefined;
    for await (const piece of socket) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).length;
      if (size === undefined && bytes >= 4) size = Buffer.concat(pieces).readInt32BE(0);
      if (size !== undefined && bytes >= 4 + size) break;
    }
    socket.destroy();
    return Buffer.concat(pieces).subarray(4);
  };
}

test('fifty swaps disturb no reader and leave no descriptor', async () => {
  const model: Contents = new Map();
  const partitionDir = join(milena.dataDir, PARTITION);
  const client = await milena.connect();
  const config = {
    ...{
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0',
      'segment.bytes': '16777216',
      'segment.ms': '1',
    },
    'file.delete.delay.ms': '0',
  };
  await createTopics(client, [{ name: TOPIC, config }]);
  // Of one time, so that they make one segment.
  const pinned = Array.from({ length: KEYS }, (_, i): [string, string] => [`key-${i}`, valueFor(i)]);
  await fill(model, { port: milena.port, topic: TOPIC, records: pinned, timestampMs: Date.now() - 1_000 });

  const whole = [{ partition: 0, offset: 0n }];
  const readOn = await askWithoutReading(fetchRequest({ topic: TOPIC, partitions: whole }));
  await until('the answer begun', async () => (await openFiles(partitionDir)).length > 0);

  let swapping = true;
  let answers = 0;
  const loop = (async () => {
    for (; swapping; answers++) {
      const partitions = [{ partition: 0, offset: PINNED }];
      const read = fetched(await client.call(fetchRequest({ topic: TOPIC, partitions }))).responses[0]!.partitions[0]!;
      expect(read.errorCode).toBe(0);
      const records = parseRecords(read.records!);
      expect(records[0]).toEqual({ offset: PINNED, key: `key-${PINNED}`, value: valueFor(Number(PINNED)) });
      expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => PINNED + BigInt(i)));
    }
  })();

  // The first change rolls the segment of the pinned records, each one that of the change before it.
  let last = 0n;
  for (let i = 0; i < SWAPS; i++) {
    last = await fill(model, { port: milena.port, topic: TOPIC, records: [['hot', `change ${i}`]] });
    await untilCleanedTo(milena.dataDir, PARTITION, last);
  }
  const held = (await openFiles(partitionDir)).filter(gone);
  expect(held.length).toBeGreaterThan(0);
  swapping = false;
  await loop;

  const late = fetched(await readOn()).responses[0]!.partitions[0]!;
  expect(late.errorCode).toBe(0);
  const records = parseRecords(late.records!);
  expect(records.map(({ offset, value }) => [offset, value])).toEqual(records.map((_, i) => [BigInt(i), valueFor(i)]));
  console.log(
    `${answers} answers during ${SWAPS} swaps; ${held.length} removed files were held for ${records.length} records`,
  );

  // The first changes are cleaned away: what follows them is the answer.
  const cleanedAway = fetched(
    await client.call(fetchRequest({ topic: TOPIC, partitions: [{ partition: 0, offset: BigInt(KEYS) }] })),
  ).responses[0]!.partitions[0]!;
  expect(cleanedAway.errorCode).toBe(0);
  expect(parseRecords(cleanedAway.records!)[0]!.offset).toBeGreaterThan(BigInt(KEYS));
  expect((await readBack(milena.port, TOPIC)).latest).toEqual(model);
  await client.close();
  await until('removed files closed', async () => !(await openFiles(partitionDir)).some(gone));
});
