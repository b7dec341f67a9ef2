/** What the kernel is asked for, seen by strace: a large fetch is sent by sendfile and never read into the process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { fetched, fetchRequest } from '../answers/requests.ts';
import { Child, run } from '../support/child.ts';
import { scratchDir } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { RawClient } from '../support/raw-client.ts';
import { startMilena } from './support/milena.ts';

const BATCH_BYTES = 1 << 17;
const BATCHES = 10;
const ATTACH_DEADLINE_MS = 30_000;
const ONE_PROBE_BYTES = 1;
const CALLS = 'read,pread64,preadv,preadv2,readv,sendfile,splice';

let milena: ProcessPeer;
let client: RawClient;
beforeAll(async () => {
  const present = await run('strace', ['-V']).catch(() => undefined);
  if (present?.code !== 0)
    throw new Error('strace is missing, and this test needs it (Debian: apt-get install strace)');
  milena = await startMilena();
  client = await RawClient.open(milena.port);
  await createTopics(client, [{ name: 'large' }]);
  const records = batch({ records: [{ value: Buffer.alloc(BATCH_BYTES, 'x') }] });
  for (let i = 0; i < BATCHES; i++) await client.call(produce('large', records));
});
afterAll(async () => {
  await client?.close();
  await milena?.stop();
});

/** strace -y names the file behind every descriptor. */
async function traced(act: () => Promise<void>): Promise<string[]> {
  const out = join(scratchDir('strace'), 'calls');
  const strace = new Child('strace', ['-f', '-y', '-e', `trace=${CALLS}`, '-o', out, '-p', String(milena.pid)]);
  await strace.untilOutput(/attached/, ATTACH_DEADLINE_MS);
  await act();
  await strace.end('SIGINT', ATTACH_DEADLINE_MS);
  return readFileSync(out, 'utf8').split('\n');
}

const returned = (call: string): number => Number(/= (\d+)$/.exec(call)?.[1] ?? 0);

/** The calls on the segment during a fetch from `offset`, and how many bytes of records came. */
async function fetchTraced(offset: bigint): Promise<{ bytes: number; sent: number; read: number }> {
  let bytes = 0;
  const calls = await traced(async () => {
    const answer = fetched(await client.call(fetchRequest({ topic: 'large', partitions: [{ partition: 0, offset }] })));
    bytes = answer.responses[0]!.partitions[0]!.records!.length;
  });
  const ofSegment = calls.filter(call => call.includes('large-0/') && call.includes('.log'));
  const isSend = (call: string): boolean => call.includes(' sendfile');
  const sum = (some: readonly string[]): number => some.reduce((total, call) => total + returned(call), 0);
  return { bytes, sent: sum(ofSegment.filter(isSend)), read: sum(ofSegment.filter(call => !isSend(call))) };
}

test('a fetch of 1 MB that ends inside the segment: sendfile, and only headers are read to find the last whole batch', async () => {
  const { bytes, sent, read } = await fetchTraced(0n);
  expect(bytes).toBeGreaterThan(900_000);
  expect(sent).toBe(bytes);
  expect(read).toBeLessThan(bytes / 100);
});

test('a fetch up to the end of the log: sendfile, and the segment is not read', async () => {
  const { bytes, sent, read } = await fetchTraced(BigInt(BATCHES - 7));
  expect(bytes).toBeGreaterThan(900_000);
  expect(sent).toBe(bytes);
  // Asking the page cache for one byte without waiting is allowed.
  expect(read).toBeLessThanOrEqual(ONE_PROBE_BYTES);
});
