/** Which answers the data plane may repeat, and when it is told to stop. */
import { expect, test } from 'vitest';
import { apiOf } from '../../../src/protocol/api.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import { encodeRequest } from '../../../src/protocol/frame.ts';
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/messages/18-api-versions.ts';
import { type ServedApi, serve } from '../../../src/server/api.ts';
import { apiTable, Dispatcher } from '../../../src/server/dispatch.ts';
import { metadata } from '../../../src/server/handlers/03-metadata.ts';
import { apiVersions } from '../../../src/server/handlers/18-api-versions.ts';
import { CommandList, LogLines, listener, World } from './support.ts';

const connection = { index: 4, generation: 2 };
const versions = { clientSoftwareName: 'client', clientSoftwareVersion: '1' };

function serving(extra: readonly ServedApi[] = []) {
  const world = new World();
  const plane = new CommandList();
  const apis = apiTable([apiVersions(world.services, [3]), metadata(world.services), ...extra]);
  const dispatcher = new Dispatcher(plane, [{ ...listener, apis }], new LogLines());
  dispatcher.open();
  const ask = (key: number, version: number, body: object, correlationId: number, clientId = 'client'): void => {
    const frame = encodeRequest(apiOf(key)!, version, { correlationId, clientId }, body);
    dispatcher.request({ type: 'request', connection, listener: 0, peerAddress: '127.0.0.1', frame });
  };
  return { world, plane, dispatcher, ask };
}

test('what came twice with the same bytes is left to the plane, whatever its correlation id', () => {
  const { plane, ask } = serving();
  ask(18, 4, versions, 1);
  expect(plane.ofType('remember')).toEqual([]);
  ask(18, 4, versions, 2, 'another');
  ask(18, 3, versions, 2);
  expect(plane.ofType('remember')).toEqual([]);
  ask(18, 4, versions, 2);
  const [known] = plane.ofType('remember');
  expect(known!.listener).toBe(0);
  expect(known!.response).toEqual(plane.ofType('respond').at(-1)!.response);
  expect(plane.ofType('remember')).toHaveLength(1);
});

test('once the metadata changes nothing of it holds, and what is seen counts from the beginning', () => {
  const { plane, dispatcher, ask } = serving();
  ask(18, 4, versions, 1);
  dispatcher.metadataChanges();
  expect(plane.ofType('forget')).toEqual([]); // nothing was left there
  ask(18, 4, versions, 2);
  expect(plane.ofType('remember')).toEqual([]);
  ask(18, 4, versions, 3);
  dispatcher.metadataChanges();
  dispatcher.metadataChanges();
  expect(plane.ofType('forget')).toHaveLength(1);
});

test('where all topics are lasts; a topic that is not there does not', () => {
  const { plane, ask } = serving();
  const all = { topics: null };
  for (let i = 0; i < 3; i++) ask(3, 12, all, i);
  expect(plane.ofType('remember')).toHaveLength(1);
  const missing = { topics: [{ name: 'missing' }], allowAutoTopicCreation: false };
  for (let i = 0; i < 5; i++) ask(3, 12, missing, i);
  expect(plane.ofType('remember')).toHaveLength(1);
});

test('what failed unexpectedly is tried again', () => {
  const failing = serve({
    request: ApiVersionsRequest,
    response: ApiVersionsResponse,
    handle: () => {
      throw new Error('for once');
    },
    lasts: () => true,
    refused: ({ refused }) => ({ errorCode: errorCode[refused], apiKeys: [] }),
  });
  const { plane, ask } = serving([failing]);
  for (let i = 0; i < 3; i++) ask(18, 4, versions, i);
  expect(plane.ofType('respond')).toHaveLength(3);
  expect(plane.ofType('remember')).toEqual([]);
});

test('what is large stays with main', () => {
  const { plane, ask } = serving();
  const long = { ...versions, clientSoftwareName: 'x'.repeat(20_000) };
  for (let i = 0; i < 3; i++) ask(18, 4, long, i);
  expect(plane.ofType('remember')).toEqual([]);
});
