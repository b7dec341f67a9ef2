import { expect, test } from 'vitest';
import { apiOf } from '../../../src/protocol/api.ts';
import { codecOf } from '../../../src/protocol/codec.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import { decodeResponse, encodeRequest } from '../../../src/protocol/frame.ts';
import { ApiVersionsResponse } from '../../../src/protocol/messages/18-api-versions.ts';
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { Reader } from '../../../src/protocol/wire.ts';
import { type ServedApi, serve } from '../../../src/server/api.ts';
import { apiTable, Dispatcher } from '../../../src/server/dispatch.ts';
import { metadata } from '../../../src/server/handlers/03-metadata.ts';
import { heartbeat } from '../../../src/server/handlers/12-heartbeat.ts';
import { apiVersions } from '../../../src/server/handlers/18-api-versions.ts';
import { CommandList, LogLines, listener, World } from './support.ts';

const apiVersionsApi = apiOf(18)!;
const initProducerIdApi = apiOf(22)!;
const metadataApi = apiOf(3)!;
const caller = { correlationId: 77, clientId: 'client' };
const connection = { index: 4, generation: 2 };

/** InitProducerId answered by `handle`, which may fail. */
const answering = (handle: () => bigint | Promise<bigint>): ServedApi =>
  serve({
    request: InitProducerIdRequest,
    response: InitProducerIdResponse,
    handle: async () => ({ errorCode: 0, producerId: await handle(), producerEpoch: 0 }),
    refused: ({ refused }) => ({ errorCode: errorCode[refused], producerId: -1n, producerEpoch: -1 }),
  });

function dispatching(extra: readonly ServedApi[] = []) {
  const { services } = new World();
  const plane = new CommandList();
  const log = new LogLines();
  const apis = apiTable([apiVersions(services, [3]), metadata(services), ...extra]);
  const dispatcher = new Dispatcher(plane, [{ ...listener, apis }], log);
  const send = (frame: Uint8Array, on = 0): void =>
    dispatcher.request({ type: 'request', connection, listener: on, peerAddress: '127.0.0.1', frame });
  return { dispatcher, plane, log, send };
}

const initProducerId = encodeRequest(initProducerIdApi, 4, caller, { transactionalId: null, transactionTimeoutMs: 1 });

test('a request is answered on its connection, under its correlation id', () => {
  const { dispatcher, plane, send } = dispatching();
  dispatcher.open();
  send(encodeRequest(apiVersionsApi, 2, caller, {}));
  const [answer] = plane.ofType('respond');
  expect(answer?.connection).toBe(connection);
  const { correlationId, body } = decodeResponse(apiVersionsApi, 2, answer!.response);
  expect(correlationId).toBe(77);
  expect((body as { errorCode: number }).errorCode).toBe(0);
});

test.each([5, 99, -1, 32767])('ApiVersions version %i is answered in version 0 with error 35', version => {
  const { dispatcher, plane, send } = dispatching();
  dispatcher.open();
  const frame = encodeRequest(apiVersionsApi, 3, caller, { clientSoftwareName: 'x', clientSoftwareVersion: '1' });
  new DataView(frame.buffer, frame.byteOffset).setInt16(2, version);
  send(frame);
  const [answer] = plane.ofType('respond');
  const reader = new Reader(answer!.response);
  expect(reader.i32()).toBe(77);
  const body = codecOf(ApiVersionsResponse, 0).read(reader);
  expect(reader.left).toBe(0);
  expect(body.errorCode).toBe(errorCode.UNSUPPORTED_VERSION);
  expect(body.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
});

test.each([
  ['an unknown key', (frame: DataView) => frame.setInt16(0, 999)],
  ['a key that is not served', (frame: DataView) => frame.setInt16(0, 11)],
  ['an unsupported version', (frame: DataView) => frame.setInt16(2, 14)],
  ['a negative version', (frame: DataView) => frame.setInt16(2, -1)],
  ['an array longer than the frame', (frame: DataView) => frame.setInt32(frame.byteLength - 4, 1 << 30)],
])('%s closes the connection', (_, spoil) => {
  const { dispatcher, plane, log, send } = dispatching();
  dispatcher.open();
  const frame = encodeRequest(metadataApi, 1, caller, { topics: [] });
  spoil(new DataView(frame.buffer, frame.byteOffset, frame.byteLength));
  send(frame);
  expect(plane.commands).toEqual([{ type: 'disconnect', connection }]);
  expect(log.lines).toEqual([]);
});

test('every prefix of a request closes the connection, and bytes behind one do not', () => {
  const frame = encodeRequest(metadataApi, 9, caller, {
    topics: [{ name: 'abc' }],
    includeTopicAuthorizedOperations: true,
  });
  for (let length = 0; length < frame.length; length++) {
    const { dispatcher, plane, send } = dispatching();
    dispatcher.open();
    send(frame.subarray(0, length));
    expect(plane.commands, `${length} bytes`).toEqual([{ type: 'disconnect', connection }]);
  }
  const { dispatcher, plane, send } = dispatching();
  dispatcher.open();
  send(Uint8Array.from([...frame, 1, 2, 3]));
  expect(plane.ofType('respond')).toHaveLength(1);
});

test('a handler that fails answers -1 and leaves one line in the log', async () => {
  for (const fail of [
    () => {
      throw new Error('broken thing');
    },
    () => Promise.reject(new Error('broken thing')),
  ]) {
    const { dispatcher, plane, log, send } = dispatching([answering(fail)]);
    dispatcher.open();
    send(initProducerId);
    await dispatcher.close();
    const [answer] = plane.ofType('respond');
    const { body } = decodeResponse(initProducerIdApi, 4, answer!.response);
    expect((body as { errorCode: number }).errorCode).toBe(-1);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('broken thing');
  }
});

test('closing waits for what is in flight and closes the connections of later requests', async () => {
  let finish: (id: bigint) => void = () => {};
  const { dispatcher, plane, send } = dispatching([answering(() => new Promise(resolve => (finish = resolve)))]);
  dispatcher.open();
  send(initProducerId);
  let closed = false;
  const closing = dispatcher.close().then(() => {
    closed = true;
  });
  send(encodeRequest(apiVersionsApi, 2, caller, {}));
  expect(plane.commands).toEqual([{ type: 'disconnect', connection }]);
  await Promise.resolve();
  expect(closed).toBe(false);
  finish(9n);
  await closing;
  expect(plane.ofType('respond')).toHaveLength(1);
});

test('requests that come early are answered when the broker is ready', () => {
  const { dispatcher, plane, send } = dispatching();
  send(encodeRequest(apiVersionsApi, 2, caller, {}));
  expect(plane.commands).toEqual([]);
  dispatcher.open();
  expect(plane.ofType('respond')).toHaveLength(1);
});

test('a listener that was never bound closes the connection', () => {
  const { dispatcher, plane, send } = dispatching();
  dispatcher.open();
  send(encodeRequest(apiVersionsApi, 2, caller, {}), 5);
  expect(plane.commands).toEqual([{ type: 'disconnect', connection }]);
});

test.each([0, 1, 2, 3, 4])('a heartbeat of version %i is answered in as many bytes as were made room for', version => {
  const { dispatcher, plane, send } = dispatching([heartbeat(new World().services)]);
  const heartbeatApi = apiOf(12)!;
  dispatcher.open();
  const beat = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };
  send(encodeRequest(heartbeatApi, version, caller, beat));
  const { response } = plane.ofType('respond')[0]!;
  expect(decodeResponse(heartbeatApi, version, response)).toEqual({
    correlationId: 77,
    body: { throttleTimeMs: 0, errorCode: errorCode.NOT_COORDINATOR },
  });
  expect(response.buffer.byteLength).toBe(response.length);
});
