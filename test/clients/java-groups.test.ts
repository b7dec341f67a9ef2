/** Apache Kafka's own group tools: kafka-consumer-groups in full, the console consumer in a group, kafka-verifiable-consumer, and the formatters that read __consumer_offsets. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { zeroUuid } from '../../src/base/uuid.ts';
import { Connection } from '../../src/client/connection.ts';
import { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { javaCommand, kafkaTool, mustKafkaTool, TOOLS } from '../peers/support/kafka.ts';
import { Child, must } from '../support/child.ts';
import { scratchDir } from '../support/paths.ts';
import { type ClientsBroker, startBroker } from './support/broker.ts';
import { createTopic } from './support/create-topic.ts';
import { GroupTool } from './support/group-tool.ts';
import { installKcat } from './support/install.ts';

const PARTITIONS = 3;
const RECORDS = 10;
const DEADLINE_MS = 120_000;
/** The last version that names topics. */
const COMMIT_VERSION = 9;
const TOPIC = 'tooled';
const SECOND = 'tooled-too';
const dir = scratchDir('group-tools');

let broker: ClientsBroker;
let server: string[];
let tool: GroupTool;
/** What kafka-consumer-groups prints for these arguments. */
const groups = (...args: string[]): Promise<string> => tool.run(...args);

beforeAll(async () => {
  await installKcat();
  broker = await startBroker({ config: { 'group.initial.rebalance.delay.ms': '0' } });
  server = ['--bootstrap-server', broker.bootstrap];
  tool = await GroupTool.start(broker);
  await createTopic(broker, TOPIC, PARTITIONS);
  await createTopic(broker, SECOND, 1);
  const input = Array.from({ length: RECORDS }, (_, i) => `value-${i}\n`).join('');
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await must('kcat', ['-P', '-b', broker.bootstrap, '-t', TOPIC, '-p', String(partition)], { input });
  }
  await must('kcat', ['-P', '-b', broker.bootstrap, '-t', SECOND, '-p', '0'], { input });
});
afterAll(async () => {
  await tool?.stop();
  await broker?.stop();
});

/** The rows of the tool's tables, cells by white space; the heading first. */
const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => line.trim().split(/\s+/));

/** A group without members that has committed these positions of the topic's partitions. */
async function commitAs(group: string, topic: string, positions: readonly number[]): Promise<void> {
  const connection = await Connection.open(broker);
  try {
    const partitions = positions.map((position, partitionIndex) => ({
      partitionIndex,
      committedOffset: BigInt(position),
      committedMetadata: '',
    }));
    const topics = [{ name: topic, topicId: zeroUuid, partitions }];
    const body = { groupId: group, memberId: '', topics };
    const answer = await connection.call(OffsetCommitRequest, OffsetCommitResponse, body, COMMIT_VERSION);
    expect(answer.topics.flatMap(one => one.partitions.map(({ errorCode }) => errorCode))).toEqual(
      positions.map(() => 0),
    );
  } finally {
    connection.close();
  }
}

/** Consumes a topic to its end as a group, which leaves and is then empty. */
async function consumeAs(group: string, topic: string, records: number): Promise<string[]> {
  const { stdout } = await mustKafkaTool(TOOLS.consoleConsumer, [
    ...[...server, '--topic', topic, '--group', group, '--from-beginning', '--max-messages', String(records)],
  ]);
  return stdout.trim().split('\n');
}

/** partition -> [position, end, lag] as the tool describes them. */
async function described(group: string): Promise<Record<string, string[]>> {
  const table = rows(await groups('--describe', '--group', group, '--offsets'));
  return Object.fromEntries(
    table
      .filter(([name]) => name === group)
      .map(([, topic, partition, ...cells]) => [`${topic}-${partition}`, cells.slice(0, 3)]),
  );
}

test('the console consumer reads everything in a group, and nothing the second time', async () => {
  const all = await consumeAs('console', TOPIC, PARTITIONS * RECORDS);
  expect(all).toHaveLength(PARTITIONS * RECORDS);
  expect(new Set(all).size).toBe(RECORDS);
  const again = await kafkaTool(TOOLS.consoleConsumer, [
    ...[...server, '--topic', TOPIC, '--group', 'console', '--from-beginning', '--timeout-ms', '3000'],
  ]);
  expect(again.stdout).toBe('');
  expect(again.stderr).toContain('Processed a total of 0 messages');
});

test('--list, with states and types', async () => {
  await commitAs('listed', SECOND, [RECORDS]);
  expect((await groups('--list')).split('\n')).toContain('listed');
  expect(rows(await groups('--list', '--state'))).toContainEqual(['listed', 'Empty']);
  expect(rows(await groups('--list', '--type'))).toContainEqual(['listed', 'Classic']);
  expect(rows(await groups('--list', '--state', 'Stable'))).not.toContainEqual(['listed', 'Empty']);
  expect(rows(await groups('--list', '--state', 'empty'))).toContainEqual(['listed', 'Empty']);
  expect(rows(await groups('--list', '--type', 'consumer'))).not.toContainEqual(['listed', 'Classic']);
});

test('--describe of an empty group: offsets, state, no members', async () => {
  await consumeAs('described', TOPIC, PARTITIONS * RECORDS);
  expect(await described('described')).toEqual({
    'tooled-0': ['10', '10', '0'],
    'tooled-1': ['10', '10', '0'],
    'tooled-2': ['10', '10', '0'],
  });
  const state = rows(await groups('--describe', '--group', 'described', '--state'));
  expect(state).toContainEqual(['described', broker.bootstrap, '(1)', '-', 'Empty', '0']);
  const members = await groups('--describe', '--group', 'described', '--members', '--verbose');
  expect(members).toContain("Consumer group 'described' has no active members");
  const verbose = rows(await groups('--describe', '--group', 'described', '--offsets', '--verbose'));
  expect(verbose[1]).toEqual(expect.arrayContaining(['PARTITION', 'LEADER-EPOCH', 'CURRENT-OFFSET']));
  expect(await groups('--describe', '--group', 'nobody')).toContain('Group nobody not found');
});

test('--describe of a living group, held by kafka-verifiable-consumer', async () => {
  const verifiable = await javaCommand(TOOLS.verifiableConsumer, [
    ...[...server, '--topic', TOPIC, '--group-id', 'living', '--group-instance-id', 'instance-one', '--verbose'],
  ]);
  const consumer = new Child(verifiable.command, verifiable.args);
  try {
    await consumer.untilOutput(/"offsets_committed"/, DEADLINE_MS);
    expect(consumer.output).toContain('"partitions_assigned"');
    const state = rows(await groups('--describe', '--group', 'living', '--state'));
    expect(state).toContainEqual(['living', broker.bootstrap, '(1)', 'range', 'Stable', '1']);
    const members = await groups('--describe', '--group', 'living', '--members', '--verbose');
    expect(members).toMatch(/living\s+instance-one-\S+\s+instance-one\s+\/127\.0\.0\.1\s+\S+\s+3\s.*tooled:0,1,2/);
    const offsets = await groups('--describe', '--group', 'living');
    expect(offsets).toMatch(/living\s+tooled\s+0\s+10\s+10\s+0\s+instance-one-\S+\s+\/127\.0\.0\.1/);
    const refused = await groups(
      '--reset-offsets',
      '--group',
      'living',
      '--topic',
      TOPIC,
      '--to-earliest',
      '--execute',
    );
    expect(refused).toMatch(/can only be reset if the group 'living' is inactive, but the current state is Stable/);
    expect(await groups('--delete', '--group', 'living')).toContain('GroupNotEmptyException');
    const subscribed = ['--delete-offsets', '--group', 'living', '--topic', TOPIC];
    expect(await groups(...subscribed)).toContain('GroupSubscribedToTopicException');
  } finally {
    await consumer.end('SIGTERM', DEADLINE_MS);
  }
  expect(consumer.output).toContain('"shutdown_complete"');
});

const resets: [string, string[], string][] = [
  ['to-earliest', ['--to-earliest'], '0'],
  ['to-latest', ['--to-latest'], '10'],
  ['to-offset', ['--to-offset', '4'], '4'],
  ['to-offset beyond the end', ['--to-offset', '400'], '10'],
  ['shift-by', ['--shift-by', '3'], '7'],
  ['shift-by below the start', ['--shift-by', '-300'], '0'],
  ['to-datetime in the past', ['--to-datetime', '2020-01-01T00:00:00.000'], '0'],
  ['to-datetime in the future', ['--to-datetime', '2099-01-01T00:00:00.000'], '10'],
  ['by-duration', ['--by-duration', 'PT1H'], '0'],
  ['to-current', ['--to-current'], '4'],
];

test('--reset-offsets in every mode: --dry-run changes nothing, --execute does', async () => {
  const group = 'reset';
  const at = async (): Promise<string[]> => Object.values(await described(group)).map(cells => cells[0]!);
  for (const [mode, args, position] of resets) {
    await commitAs(group, TOPIC, [4, 4, 4]);
    const reset = ['--reset-offsets', '--group', group, '--topic', TOPIC, ...args];
    const planned = rows(await groups(...reset, '--dry-run')).filter(([name]) => name === group);
    expect([mode, planned.map(cells => cells[3])]).toEqual([mode, [position, position, position]]);
    expect([mode, await at()]).toEqual([mode, ['4', '4', '4']]);
    await groups(...reset, '--execute');
    expect([mode, await at()]).toEqual([mode, [position, position, position]]);
  }
});

test('--reset-offsets of single partitions, exported and applied from the file', async () => {
  const group = 'exported';
  await commitAs(group, TOPIC, [RECORDS, RECORDS, RECORDS]);
  const only = ['--reset-offsets', '--group', group, '--topic', `${TOPIC}:0,2`, '--to-offset', '6'];
  const lines = (await groups(...only, '--export', '--dry-run')).split('\n').filter(line => line.includes(','));
  expect(lines.sort()).toEqual([`${TOPIC},0,6`, `${TOPIC},2,6`]);
  const file = join(dir, 'plan.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  await groups('--reset-offsets', '--group', group, '--from-file', file, '--execute');
  expect(await described(group)).toEqual({
    'tooled-0': ['6', '10', '4'],
    'tooled-1': ['10', '10', '0'],
    'tooled-2': ['6', '10', '4'],
  });
});

test('--reset-offsets makes the offsets of a group that never was', async () => {
  await groups('--reset-offsets', '--group', 'made', '--topic', TOPIC, '--to-offset', '3', '--execute');
  expect(Object.values(await described('made')).map(cells => cells[0])).toEqual(['3', '3', '3']);
  expect(await consumeAs('made', TOPIC, PARTITIONS * (RECORDS - 3))).toHaveLength(PARTITIONS * (RECORDS - 3));
});

test('--delete-offsets, of a partition and of a topic, and --delete', async () => {
  const group = 'deleted';
  await commitAs(group, TOPIC, [RECORDS, RECORDS, RECORDS]);
  await consumeAs(group, SECOND, RECORDS);
  const one = rows(await groups('--delete-offsets', '--group', group, '--topic', `${TOPIC}:1`));
  expect(one).toContainEqual([TOPIC, '1', 'Successful']);
  expect(Object.keys(await described(group)).sort()).toEqual(['tooled-0', 'tooled-2', 'tooled-too-0']);
  await groups('--delete-offsets', '--group', group, '--topic', TOPIC);
  expect(Object.keys(await described(group))).toEqual(['tooled-too-0']);
  expect(await groups('--delete', '--group', group)).toContain(
    "Deletion of requested consumer groups ('deleted') was successful",
  );
  expect((await groups('--list')).split('\n')).not.toContain(group);
  expect(await groups('--delete', '--group', group)).toContain('GroupIdNotFoundException');
});

/** What one of Kafka's formatters makes of __consumer_offsets, as one JSON value a record. */
async function formatted(formatter: string): Promise<unknown[]> {
  const { stdout } = await kafkaTool(TOOLS.consoleConsumer, [
    ...[...server, '--topic', '__consumer_offsets', '--from-beginning', '--timeout-ms', '5000'],
    ...['--command-property', 'exclude.internal.topics=false', '--formatter', formatter],
  ]);
  const texts = stdout.replaceAll('}{"key"', '}\n{"key"').split('\n');
  return texts.filter(text => text.startsWith('{')).map((text): unknown => JSON.parse(text));
}

test("Kafka's own formatters read __consumer_offsets", async () => {
  await consumeAs('formatted', SECOND, RECORDS);
  const offsets = await formatted('org.apache.kafka.tools.consumer.OffsetsMessageFormatter');
  expect(offsets).toContainEqual({
    key: { type: 1, data: { group: 'formatted', topic: SECOND, partition: 0 } },
    value: { version: expect.any(Number), data: expect.objectContaining({ offset: RECORDS, metadata: '' }) },
  });
  expect(offsets).toContainEqual({
    key: { type: 1, data: { group: 'deleted', topic: TOPIC, partition: 1 } },
    value: null,
  });
  const metadata = await formatted('org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter');
  const member = { clientId: 'console-consumer', clientHost: '/127.0.0.1', sessionTimeout: 45000 };
  expect(metadata).toContainEqual({
    key: { type: 2, data: { group: 'formatted' } },
    value: {
      version: expect.any(Number),
      data: expect.objectContaining({
        protocolType: 'consumer',
        generation: 1,
        protocol: 'range',
        members: [expect.objectContaining(member)],
      }),
    },
  });
  expect(metadata).toContainEqual({ key: { type: 2, data: { group: 'deleted' } }, value: null });
});
