// Whatever a request says, as long as it can be spelled, is answered in the shape of its API, without a word in the log;
// and bytes that spell nothing close the connection.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupSettings } from '../../src/node-coordinators.ts';
import { type Api, apiOf } from '../../src/protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frame.ts';
import type { PlaneCommand } from '../../src/runtime/ports.ts';
import { brokerApis } from '../../src/server/apis.ts';
import { apiTable, Dispatcher } from '../../src/server/dispatch.ts';
import { arbitraryOf } from '../support/arbitrary.ts';
import { livingShard } from '../unit/server/groups-support.ts';
import { listener, World } from '../unit/server/support.ts';

const runsPerVersion = 40;
/** For a machine that does much else meanwhile. */
const deadlineMs = 60_000;
const caller = { correlationId: 5, clientId: 'property' };
const connection = { index: 0, generation: 1 };

/** A broker with some topics whose data plane does as it is told at once. */
function broker() {
  // Every session timeout is allowed, so that requests get as far as the groups.
  const world = new World({
    'group.min.session.timeout.ms': '-2147483648',
    'group.max.session.timeout.ms': '2147483647',
  });
  const groups = livingShard(groupSettings(world.config));
  for (let index = 0; index < 50; index++) world.shards.set(index, groups);
  for (const name of ['alpha', 'b.c', '__consumer_offsets']) {
    world.createTopic(name, 2);
    world.partitions.apply(world.deltas.at(-1)!);
  }
  const facts = { error: 0, logStartOffset: 0n, highWatermark: 0n, lastStableOffset: 0n, logEndOffset: 0n };
  const obey = (command: PlaneCommand): void => {
    if (command.type === 'drop' || command.type === 'deleteBefore') {
      world.asks.onPlaneEvent({ type: 'done', ticket: command.ticket, error: 0, offset: 0n });
    } else if (command.type === 'query') {
      const partitions = command.partitions.map(() => ({ ...facts, sizeBytes: 0n, producers: [] }));
      world.asks.onPlaneEvent({ type: 'queried', ticket: command.ticket, partitions });
    }
  };
  world.plane.onSubmit = obey;
  const dispatcher = new Dispatcher(
    world.plane,
    [{ ...listener, apis: apiTable(brokerApis(world.services, world.asks)) }],
    world.log,
  );
  dispatcher.open();
  const send = (frame: Uint8Array): void =>
    dispatcher.request({ type: 'request', connection, listener: 0, peerAddress: '127.0.0.1', frame });
  return { world, dispatcher, send };
}

const served = brokerApis(new World().services, new World().asks);
const versions = served.flatMap(({ key, name, min, max }) =>
  Array.from({ length: max - min + 1 }, (_, i) => [name, min + i, apiOf(key)!] as const),
);

describe('every request that can be spelled is answered', () => {
  test.each(versions)('%s version %i', async (_, version, api: Api) => {
    await fc.assert(
      fc.asyncProperty(arbitraryOf(api.request, version), async body => {
        const { world, dispatcher, send } = broker();
        send(encodeRequest(api, version, caller, body));
        await dispatcher.close();
        const answers = world.plane.ofType('respond');
        expect(answers).toHaveLength(1);
        expect(decodeResponse(api, version, answers[0]!.response).correlationId).toBe(caller.correlationId);
        expect(world.log.lines.filter(line => line.startsWith('error'))).toEqual([]);
      }),
      { numRuns: runsPerVersion },
    );
  });
});

test(
  'any bytes are answered or close the connection, and neither throw nor fail',
  async () => {
    const spelled = fc
      .constantFrom(...versions)
      .chain(([, version, api]) =>
        arbitraryOf(api.request, version).map(body => encodeRequest(api, version, caller, body)),
      );
    const spoiled = fc.tuple(
      spelled,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      fc.nat(),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(spoiled, fc.uint8Array({ maxLength: 60 })), async input => {
        const { world, dispatcher, send } = broker();
        send(input instanceof Uint8Array ? input : spoil(...input));
        await dispatcher.close();
        const ends = world.plane.commands.filter(({ type }) => type === 'respond' || type === 'disconnect');
        expect(ends).toHaveLength(1);
        expect(world.log.lines.filter(line => line.startsWith('error'))).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  },
  deadlineMs,
);

function spoil(frame: Uint8Array, edits: readonly (readonly [number, number])[], cut: number): Uint8Array {
  const spoiled = frame.slice();
  for (const [at, value] of edits) spoiled[at % spoiled.length] = value;
  return cut % 4 === 0 ? spoiled.subarray(0, cut % (spoiled.length + 1)) : spoiled;
}
