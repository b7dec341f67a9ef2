/*
 * kafkajs with its own defaults (acks=all, not idempotent); it ships none and gzip.
 *   node events.cjs KAFKAJS_HOME produce BOOTSTRAP TOPIC CODEC [idempotent]   "key TAB value" lines from stdin
 *   node events.cjs KAFKAJS_HOME admin BOOTSTRAP TOPIC                        prints one JSON line of what the admin client saw
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const [home, command, bootstrap, topic, codec, idempotent] = process.argv.slice(2);
const { Kafka, CompressionTypes, Partitioners, logLevel } = createRequire(join(home, 'package.json'))('kafkajs');

const MESSAGES_PER_SEND = 500;
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [bootstrap], logLevel: logLevel.ERROR });

async function produce() {
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: idempotent === 'idempotent',
  });
  await producer.connect();
  const compression = codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
  let messages = [];
  const flush = async () => {
    await producer.send({ topic, compression, messages });
    messages = [];
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const tab = line.indexOf('\t');
    messages.push({ key: line.slice(0, tab), value: line.slice(tab + 1) });
    if (messages.length === MESSAGES_PER_SEND) await flush();
  }
  if (messages.length > 0) await flush();
  await producer.disconnect();
}

async function administer() {
  const admin = kafka.admin();
  await admin.connect();
  const created = await admin.createTopics({
    topics: [{ topic, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '-1' }] }],
  });
  const again = await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic, messages: [0, 1, 2].map(partition => ({ partition, value: 'x' })) });
  await producer.disconnect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] });
  const trimmed = await admin.fetchTopicOffsets(topic);
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }],
  });
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
  const cluster = await admin.describeCluster();
  await admin.deleteTopics({ topics: [topic] });
  const listed = await admin.listTopics();
  await admin.disconnect();
  console.log(
    JSON.stringify({
      created,
      again,
      ends: offsets.map(one => one.high).sort(),
      starts: trimmed.sort((a, b) => a.partition - b.partition).map(one => one.low),
      retention: described.resources[0].configEntries[0].configValue,
      partitions: metadata.topics[0].partitions.length,
      brokers: cluster.brokers.length,
      deleted: !listed.includes(topic),
    }),
  );
}

const commands = { produce, admin: administer };
commands[command]().catch(error => {
  console.error(error);
  process.exit(1);
});
