/** A broker configuration that is changed while the broker runs acts on the next request and outlives a restart. */
import { expect, test } from 'vitest';
import { decodeResponse } from '../../src/protocol/frame.ts';
import {
  IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { createTopics } from '../answers/play.ts';
import { batch, produce } from '../answers/produce.ts';
import { offsetProduced } from '../answers/requests.ts';
import { ask, servedApi } from '../answers/suite.ts';
import { startEmbedded } from '../support/embedded.ts';
import type { RawClient } from '../support/raw-client.ts';

const BROKER = 4;
const SET = 0;
const DELETE = 1;
const MESSAGE_TOO_LARGE = 10;
const TEST_DEADLINE_MS = 120_000;
const VERSION = 1;

async function alter(client: RawClient, resourceName: string, name: string, value: string | null): Promise<number> {
  const frame = ask(IncrementalAlterConfigsRequest, VERSION, {
    resources: [
      {
        resourceType: BROKER,
        resourceName,
        configs: [{ name, value, configOperation: value === null ? DELETE : SET }],
      },
    ],
    validateOnly: false,
  });
  const answer = decodeResponse(servedApi(IncrementalAlterConfigsRequest), VERSION, await client.call(frame));
  return (answer.body as IncrementalAlterConfigsResponse).responses[0]!.errorCode;
}

const produced = async (client: RawClient, topic: string): Promise<number> =>
  offsetProduced(await client.call(produce(topic, batch()))).errorCode;

test('message.max.bytes of all brokers, of one, and of a topic', { timeout: TEST_DEADLINE_MS }, async () => {
  const first = await startEmbedded();
  const client = await first.connect();
  await createTopics(client, [{ name: 'plain' }, { name: 'own', config: { 'max.message.bytes': '1000000' } }]);
  const both = async (of: RawClient): Promise<number[]> => [await produced(of, 'plain'), await produced(of, 'own')];
  expect(await both(client)).toEqual([0, 0]);
  expect(await alter(client, '', 'message.max.bytes', '50')).toBe(0);
  expect(await both(client)).toEqual([MESSAGE_TOO_LARGE, 0]);
  expect(await alter(client, '1', 'message.max.bytes', '500000')).toBe(0);
  expect(await both(client)).toEqual([0, 0]);
  expect(await alter(client, '1', 'message.max.bytes', null)).toBe(0);
  await client.close();
  await first.broker.stop();

  const again = await startEmbedded({}, first.dataDir);
  const later = await again.connect();
  expect(await both(later)).toEqual([MESSAGE_TOO_LARGE, 0]);
  expect(await alter(later, '', 'message.max.bytes', null)).toBe(0);
  expect(await both(later)).toEqual([0, 0]);
  await later.close();
  await again.broker.stop();
});
