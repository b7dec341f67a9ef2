/** Apache Kafka's own command line clients: console and perf producers, console consumer by partition, kafka-topics, kafka-get-offsets, kafka-configs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaTool, mustKafkaTool, TOOLS } from '../peers/support/kafka.ts';
import { CODECS } from '../support/codecs.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { startBroker } from './support/broker.ts';
import { createTopic } from './support/create-topic.ts';
import { compareExchange, inputLines, parseRead, type Read, stream } from './support/exchange.ts';

/** Every partition costs one JVM to read; two are enough to see keys spread. */
const JAVA_PARTITIONS = 2;
const PERF_RECORDS = 20_000;

let broker: ProcessPeer;
let server: string[];
beforeAll(async () => {
  broker = await startBroker();
  server = ['--bootstrap-server', broker.bootstrap];
});
afterAll(() => broker?.stop());

async function endOffsets(topic: string): Promise<number[]> {
  const { stdout } = await mustKafkaTool(TOOLS.getOffsets, [...server, '--topic', topic, '--time', '-1']);
  const ends: number[] = [];
  for (const line of stdout.trim().split('\n')) {
    const [, partition, offset] = line.split(':');
    ends[Number(partition)] = Number(offset);
  }
  return ends;
}

/** ConsoleConsumer's formatter can print the key and the partition's records one a line; which partition it is we know. */
async function consume(topic: string, partition: number, count: number): Promise<Read[]> {
  const { stdout } = await mustKafkaTool(TOOLS.consoleConsumer, [
    ...[...server, '--topic', topic, '--partition', String(partition), '--offset', 'earliest'],
    ...['--max-messages', String(count), '--formatter-property', 'print.key=true'],
  ]);
  return parseRead(stdout.replaceAll(/^(?=.)/gm, `${partition}\t`));
}

for (const codec of CODECS) {
  test(`console producer and consumer, ${codec}: every event comes back in order`, async () => {
    const topic = `java-${codec}`;
    await createTopic(broker, topic, JAVA_PARTITIONS);
    await mustKafkaTool(
      TOOLS.consoleProducer,
      [...server, '--topic', topic, '--compression-codec', codec, '--reader-property', 'parse.key=true'],
      { input: inputLines(stream.events) },
    );
    const ends = await endOffsets(topic);
    expect(ends.reduce((sum, end) => sum + end, 0)).toBe(stream.events.length);
    const read: Read[] = [];
    for (const [partition, end] of ends.entries()) if (end > 0) read.push(...(await consume(topic, partition, end)));
    const { expected, actual } = compareExchange(topic, stream.events, read);
    expect(actual).toEqual(expected);
  });
}

test.each(['none', 'lz4'])('perf producer, %s: every record is there', async codec => {
  const topic = `perf-${codec}`;
  await createTopic(broker, topic);
  const { stdout } = await mustKafkaTool(TOOLS.producerPerformance, [
    ...['--topic', topic, '--num-records', String(PERF_RECORDS), '--record-size', '512', '--throughput', '-1'],
    ...['--producer-props', `bootstrap.servers=${broker.bootstrap}`, `compression.type=${codec}`],
  ]);
  expect(stdout).toContain(`${PERF_RECORDS} records sent`);
  expect((await endOffsets(topic)).reduce((sum, end) => sum + end, 0)).toBe(PERF_RECORDS);
});

test('kafka-topics creates, describes, grows, lists and deletes', async () => {
  await createTopic(broker, 'java-topics', 2);
  const again = await kafkaTool(TOOLS.topics, [...server, '--create', '--topic', 'java-topics']);
  expect(again.code).toBe(1);
  expect(again.stdout + again.stderr).toContain("Topic 'java-topics' already exists");
  await mustKafkaTool(TOOLS.topics, [...server, '--alter', '--topic', 'java-topics', '--partitions', '3']);
  const described = await mustKafkaTool(TOOLS.topics, [...server, '--describe', '--topic', 'java-topics']);
  expect(described.stdout).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=-1/);
  expect(described.stdout.match(/Leader: 1\s+Replicas: 1\s+Isr: 1/g)).toHaveLength(3);
  const listed = await mustKafkaTool(TOOLS.topics, [...server, '--list']);
  expect(listed.stdout.split('\n')).toContain('java-topics');
  await mustKafkaTool(TOOLS.topics, [...server, '--delete', '--topic', 'java-topics']);
  const left = await mustKafkaTool(TOOLS.topics, [...server, '--list']);
  expect(left.stdout.split('\n')).not.toContain('java-topics');
});

test('kafka-configs alters and describes a topic', async () => {
  await createTopic(broker, 'java-configs', 1);
  const entity = [...server, '--entity-type', 'topics', '--entity-name', 'java-configs'];
  await mustKafkaTool(TOOLS.configs, [
    ...entity,
    '--alter',
    '--add-config',
    'segment.bytes=2000000,retention.ms=86400000',
  ]);
  await mustKafkaTool(TOOLS.configs, [...entity, '--alter', '--delete-config', 'retention.ms']);
  const { stdout } = await mustKafkaTool(TOOLS.configs, [...entity, '--describe']);
  expect(stdout).toContain('segment.bytes=2000000');
  expect(stdout).not.toContain('retention.ms=86400000');
  const broken = await kafkaTool(TOOLS.configs, [...entity, '--alter', '--add-config', 'segment.bytes=many']);
  expect(broken.code).toBe(1);
});

test('kafka-get-offsets answers earliest, latest, by time and max-timestamp', async () => {
  await createTopic(broker, 'java-offsets', 1);
  const produce = [...server, '--topic', 'java-offsets'];
  await mustKafkaTool(TOOLS.consoleProducer, produce, { input: 'one\ntwo\nthree\n' });
  const at = async (time: string): Promise<string> =>
    (await mustKafkaTool(TOOLS.getOffsets, [...server, '--topic', 'java-offsets', '--time', time])).stdout.trim();
  expect(await at('-1')).toBe('java-offsets:0:3');
  expect(await at('-2')).toBe('java-offsets:0:0');
  expect(await at('1')).toBe('java-offsets:0:0');
  expect(await at('-3')).toMatch(/^java-offsets:0:[0-2]$/);
});
