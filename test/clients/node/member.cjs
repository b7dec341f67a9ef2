/*
 * One member of a consumer group, with kafkajs. See test/clients/support/group-member.ts for what it is told and what it prints.
 *   node member.cjs KAFKAJS_HOME BOOTSTRAP GROUP TOPIC
 */
const { writeSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const [home, bootstrap, groupId, topic] = process.argv.slice(2);
const library = createRequire(join(home, 'package.json'));
const { Kafka, logLevel } = library('kafkajs');
const ConsumerGroup = library('kafkajs/src/consumer/consumerGroup');

// One write, so that a line is whole or not there when the process is killed.
const say = line => writeSync(1, `${JSON.stringify(line)}\n`);

// The public events tell an assignment without its generation.
const join_ = ConsumerGroup.prototype.joinAndSync;
ConsumerGroup.prototype.joinAndSync = async function () {
  await join_.call(this);
  const partitions = this.assigned().flatMap(one => one.partitions);
  say({ type: 'assigned', generation: this.generationId, memberId: this.memberId, partitions });
};

const kafka = new Kafka({
  clientId: 'member',
  brokers: [bootstrap],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 100 },
});
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: 3000,
  heartbeatInterval: 500,
  rebalanceTimeout: 10_000,
  maxWaitTimeInMs: 100,
  maxBytesPerPartition: 16_384,
});

async function eachBatch({ batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets, isRunning, isStale }) {
  if (!isRunning() || isStale()) return;
  const records = batch.messages.map(one => [Number(one.offset), Number.parseInt(one.value.toString('utf8'), 10)]);
  say({ type: 'records', partition: batch.partition, records });
  resolveOffset(batch.lastOffset());
  try {
    // Not consumer.commitOffsets(): it wraps a refusal so that kafkajs takes it for the end instead of joining again.
    await commitOffsetsIfNecessary(uncommittedOffsets());
  } catch (error) {
    say({ type: 'refused', what: String(error) });
    throw error;
  }
}

async function run() {
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    say({ type: 'refused', what: `crash: ${payload.error}, restart ${payload.restart}` });
    if (!payload.restart) process.exit(1);
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
  for await (const line of createInterface({ input: process.stdin })) if (line === 'leave') break;
  await consumer.disconnect();
  say({ type: 'left' });
}

run().then(
  () => process.exit(0),
  error => {
    console.error(error);
    process.exit(1);
  },
);
