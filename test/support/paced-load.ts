/** Load for stopped-javascript.test.ts, run as a process of its own: `paced-load.ts PORT`, says "ready", starts at the first input. */
import { once } from 'node:events';
import { fetchFrame, oneRecord, produceFrame, RawClient, readFetch, readProduce } from './plane.ts';

const port = Number(process.argv[2]);
const pipelined = 20;

async function produce(client: RawClient, topic: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += pipelined) {
    for (let i = 0; i < pipelined; i++) client.send(produceFrame(i, [{ topic, records: oneRecord() }], { acks: 1 }));
    for (let i = 0; i < pipelined; i++)
      if (readProduce(await client.receive()).body.responses[0]?.partitionResponses[0]?.errorCode !== 0)
        throw new Error('a produce failed');
  }
}

const producer = await RawClient.open(port);
const consumer = await RawClient.open(port);
const waiting = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(port)));
await produce(producer, 'steady', pipelined);
const fetch = async (): Promise<void> => {
  readFetch(await consumer.call(fetchFrame(1, [{ topic: 'steady', offset: 0n, maxBytes: 1000 }])));
};
await fetch();
for (const client of waiting) client.send(fetchFrame(2, [{ topic: 'awaited', offset: 0n }], { maxWaitMs: 60_000 }));
// Requests of one connection are served in order: when these are answered, those before them on other connections may still be on their
// way, so the parked fetches are counted by the test before it goes on.
await fetch();
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
const fetching = (async () => {
  for (let i = 0; i < 10_000; i++) await fetch();
})();
await produce(producer, 'steady', 10_000);
await produce(producer, 'awaited', pipelined);
for (const client of waiting) readFetch(await client.receive());
await fetching;
await Promise.all([producer, consumer, ...waiting].map(client => client.close()));
