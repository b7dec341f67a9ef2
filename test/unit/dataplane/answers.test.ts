/** What of the commands crosses to the addon in one call, and when: a reactor is woken for each call. */
import { expect, test } from 'vitest';
import { commands, events } from '../../../src/dataplane/abi.ts';
import { NativeDataPlane } from '../../../src/dataplane/client.ts';
import { decoderOf, encoderOf } from '../../../src/dataplane/codec.ts';
import type { Addon } from '../../../src/dataplane/load.ts';
import type { PlaneCommand, PlaneEvent } from '../../../src/runtime/ports.ts';
import { planeOptions } from '../../support/plane.ts';

/** A plane whose addon notes what comes in one call; `bell` brings it events. */
function noting() {
  const calls: string[][] = [];
  const waiting: Uint8Array[] = [];
  let ring = (): void => {};
  const addon: Partial<Addon> = {
    open(_options, bell) {
      ring = bell;
      return { code: '', errno: 0, message: '', value: 0, plane: {} };
    },
    submit(_plane, bytes) {
      const call: string[] = [];
      decoderOf(commands)(bytes, command =>
        call.push(`${command.type}${'connection' in command ? ` ${command.connection.index}` : ''}`),
      );
      calls.push(call);
      return true;
    },
    drain(_plane, into) {
      const bytes = waiting.shift();
      into.set(bytes ?? []);
      return bytes?.length ?? 0;
    },
    close() {},
  };
  const plane = new NativeDataPlane(addon as Addon, planeOptions(['/nowhere']));
  const bell = (brought: readonly PlaneEvent[]): void => {
    const encoder = encoderOf(events);
    for (const event of brought) encoder.add(event as Parameters<typeof encoder.add>[0]);
    waiting.push(encoder.take().slice());
    ring();
  };
  return { plane, bell, taken: () => calls.splice(0) };
}

const connection = (index: number) => ({ index, generation: 1 });
const respond = (index: number, bytes = 1): PlaneCommand => ({
  type: 'respond',
  connection: connection(index),
  response: new Uint8Array(bytes),
});
const request = (index: number): PlaneEvent => ({
  type: 'request',
  connection: connection(index),
  listener: 0,
  peerAddress: '::1',
  frame: new Uint8Array(8),
});
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

test('answers and hangups of what runs now cross together and in order, partition commands at once', async () => {
  const { plane, taken } = noting();
  plane.submit(respond(1));
  plane.submit({ type: 'disconnect', connection: connection(1) });
  plane.submit({ type: 'watch', partition: { index: 0, generation: 1 } });
  plane.submit(respond(2));
  expect(taken()).toEqual([['watch']]);
  await turn();
  expect(taken()).toEqual([['respond 1', 'disconnect 1', 'respond 2']]);
  await turn();
  expect(taken()).toEqual([]);
});

test('what a bell brought is answered with one call, and what promises answer with one more', async () => {
  const { plane, bell, taken } = noting();
  plane.onEvent(event => {
    if (event.type !== 'request') return;
    const { index } = event.connection;
    if (index < 3) plane.submit(respond(index));
    else void reactions(index).then(() => plane.submit(respond(index)));
  });
  const reactions = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await undefined;
  };
  // As the addon calls it: with nothing of JavaScript below.
  setImmediate(() => bell([request(4), request(1), request(3), request(2)]));
  await turn();
  await turn();
  expect(taken()).toEqual([
    ['respond 1', 'respond 2'],
    ['respond 3', 'respond 4'],
  ]);
});

test('nobody waits for many answers, nor for large ones, nor for the end', () => {
  const { plane, taken } = noting();
  for (let i = 0; i < 134; i++) plane.submit(respond(i));
  expect(taken().map(({ length }) => length)).toEqual([64, 64]);
  plane.submit(respond(134, 64 * 1024));
  expect(taken().map(({ length }) => length)).toEqual([7]);
  plane.submit(respond(71));
  void plane.close();
  expect(taken()).toEqual([['respond 71']]);
});

test('an answer that cannot be encoded is refused to whoever gave it, and takes no other along', async () => {
  const { plane, taken } = noting();
  plane.submit(respond(1));
  expect(() => plane.submit(respond(-1))).toThrow('respond.connection.index');
  plane.submit(respond(2));
  await turn();
  expect(taken()).toEqual([['respond 1', 'respond 2']]);
});
