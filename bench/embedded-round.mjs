/*
 * One round of bench/embedded.ts, in a process of its own so that nothing is warm but the page cache:
 *   node bench/embedded-round.mjs KAFKAJS_HOME DATA_DIR
 * Prints a line of JSON: milliseconds from Broker.start, and what is left when all is stopped.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Broker } from 'milena';

const [home, dataDir] = process.argv.slice(2);
const { Kafka, logLevel } = createRequire(join(home, 'package.json'))('kafkajs');

const began = performance.now();
const sinceMs = () => Math.round((performance.now() - began) * 10) / 10;

const broker = await Broker.start({ dataDir });
const startedMs = sinceMs();

const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'first', maxWaitTimeInMs: 100 });
const admin = kafka.admin();
await admin.createTopics({ topics: [{ topic: 'first' }] });
await admin.disconnect();
const createdMs = sinceMs();

await Promise.all([producer.connect(), consumer.connect()]);
await consumer.subscribe({ topic: 'first', fromBeginning: true });
const consumed = new Promise(resolve => consumer.run({ eachMessage: async () => resolve(sinceMs()) }));
await producer.send({ topic: 'first', messages: [{ value: 'x' }] });
const sentMs = sinceMs();
const consumedMs = await consumed;

await Promise.all([producer.disconnect(), consumer.disconnect()]);
const beforeStop = performance.now();
await broker.stop();
const stopMs = Math.round((performance.now() - beforeStop) * 10) / 10;
const left = process.getActiveResourcesInfo().filter(name => !/Pipe|TTY|FSReq/.test(name));
process.stdout.write(`${JSON.stringify({ startedMs, createdMs, sentMs, consumedMs, stopMs, left: left.length })}\n`);
