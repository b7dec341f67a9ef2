/** Frames of any bytes, cut anywhere, with any declared length, close at most their own connection. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '../answers/catalogue/index.ts';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { LATEST, listOffset, offsetListed } from '../answers/requests.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { Random, runSeed } from '../support/random.ts';
import { ConnectionClosed, type RawClient } from '../support/raw-client.ts';

const MUTANTS = 3000;
const FRAME_BYTES_MAX = 4000;
const TEST_DEADLINE_MS = 300_000;

let milena: Embedded;
/** Open from before the first broken frame until after the last. */
let witness: RawClient;
beforeAll(async () => {
  milena = await startEmbedded({ 'socket.request.max.bytes': '1048576' });
  witness = await milena.connect();
  await createTopics(witness, [{ name: 'target', partitions: 2 }]);
}, TEST_DEADLINE_MS);
afterAll(async () => {
  await witness?.close();
  await milena?.broker.stop();
});

const stillAnswers = async (): Promise<void> => {
  expect(offsetListed(await witness.call(listOffset('target', 0, LATEST))).errorCode).toBe(0);
};

const withLength = (frame: Uint8Array, length = frame.length): Buffer => {
  const out = Buffer.alloc(4 + frame.length);
  out.writeInt32BE(length);
  out.set(frame, 4);
  return out;
};

/** Sends bytes, half-closes and takes whatever comes until the broker closes too. */
async function sendAndFinish(bytes: Uint8Array): Promise<void> {
  const client = await milena.connect();
  await client.sendBytes(bytes);
  client.finish();
  await client.closed;
}

test(
  'a produce request cut at every byte',
  async () => {
    const whole = withLength(produce('target', batch()));
    const cuts = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
    for (let at = 0; at < cuts.length; at += 32) await Promise.all(cuts.slice(at, at + 32).map(sendAndFinish));
    await stillAnswers();
  },
  TEST_DEADLINE_MS,
);

test.each([-2147483648, -1, 0, 1, 3, 7, 1048577, 100 << 20, 2147483647])(
  'a declared length of %i',
  async length => {
    await sendAndFinish(withLength(produce('target', batch()), length));
    await stillAnswers();
  },
  TEST_DEADLINE_MS,
);

test(
  'a length that is refused closes at once, without waiting for the bytes',
  async () => {
    for (const length of [-1, 1048577, 2147483647]) {
      const client = await milena.connect();
      await client.sendBytes(withLength(new Uint8Array(0), length));
      await client.closed;
    }
    await stillAnswers();
  },
  TEST_DEADLINE_MS,
);

test(
  'clients that vanish in the middle of a frame',
  async () => {
    const whole = withLength(produce('target', batch()));
    for (const length of [1, 4, 10, 40, whole.length - 1, whole.length]) {
      const client = await milena.connect();
      await client.sendBytes(whole.subarray(0, length));
      client.reset();
      await client.closed;
    }
    await stillAnswers();
  },
  TEST_DEADLINE_MS,
);

/** Bytes flipped, cut out, doubled, numbers made extreme. */
function mutate(frame: Uint8Array, random: Random): Buffer {
  let out = Buffer.from(frame);
  for (let changes = 1 + random.below(4); changes > 0 && out.length > 0; changes--) {
    const at = random.below(out.length);
    switch (random.below(5)) {
      case 0:
        out[at] = random.below(256);
        break;
      case 1:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + random.below(8))]);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), out.subarray(Math.max(0, at - random.below(16)))]);
        break;
      case 3:
        out = out.subarray(0, at);
        break;
      default:
        if (out.length >= 4)
          out.writeInt32BE(random.pick([-1, -2147483648, 2147483647, 65535]), Math.min(at, out.length - 4));
    }
  }
  return out;
}

/** Fetch may be told to wait for weeks; the others answer or close. */
const FETCH_KEY = 1;

test(
  `${MUTANTS} mutants of valid requests of every API`,
  async () => {
    const random = new Random(runSeed('frames'));
    const frames = catalogue
      .flatMap(suite => suite.steps.flatMap(step => (step.as === 'bytes' ? [] : step.frames)))
      .filter(
        frame =>
          frame.length >= 8 && frame.length <= FRAME_BYTES_MAX && Buffer.from(frame).readInt16BE(0) !== FETCH_KEY,
      );
    for (let i = 0; i < MUTANTS; i += 16) {
      const some = Array.from({ length: 16 }, () => withLength(mutate(random.pick(frames), random)));
      await Promise.all(some.map(sendAndFinish));
    }
    await stillAnswers();
  },
  TEST_DEADLINE_MS,
);

test('requests behind a broken one are not answered', async () => {
  const client = await milena.connect();
  client.send(listOffset('target', 0, LATEST, 1));
  client.send(Uint8Array.from([0, 3, 0, 99, 0, 0, 0, 1, 255, 255]));
  client.send(listOffset('target', 0, LATEST, 2));
  expect(offsetListed(await client.receive()).correlationId).toBe(1);
  await expect(client.receive()).rejects.toBeInstanceOf(ConnectionClosed);
});
