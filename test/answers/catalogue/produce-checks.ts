/** Every row of the table of what Apache Kafka 4.3.1 really checks on Produce, each on a topic of its own, with what was stored afterwards. */

import { zeroUuid } from '../../../src/base/uuid.ts';
import { MetadataRequest } from '../../../src/protocol/messages/03-metadata.ts';
import { type BatchSpec, CONTROL, LOG_APPEND_TIME, TRANSACTIONAL } from '../../support/batch.ts';
import { CODECS, type Codec, compress } from '../../support/codecs.ts';
import { batch, type ProduceOptions, produce } from '../produce.ts';
import { ask, FUTURE_MS, PAST_MS, type Step, type Suite, type TopicSpec } from '../suite.ts';

const topics: TopicSpec[] = [];
const steps: Step[] = [];

type Row = { readonly config?: Record<string, string>; readonly options?: ProduceOptions };

/** A request (or several, in order) to a fresh topic. */
function row(name: string, batches: readonly Uint8Array[], more: Row = {}): void {
  const topic = `checks-${topics.length}`;
  topics.push({ name: topic, ...(more.config ? { config: more.config } : {}) });
  const frames = batches.map((records, i) => produce(topic, records, { correlationId: 10 + i, ...more.options }));
  const recompressed = more.config?.['compression.type'] !== undefined;
  steps.push({ name, frames, stored: { topic, partition: 0 }, ...(recompressed ? { recompressed } : {}) });
}

const COMPRESSED = CODECS.filter(codec => codec !== 'none');
const GARBAGE = Buffer.from('\0garbage!!'.repeat(4), 'latin1');
const HOURS_2_MS = 7_200_000;
const compact = { 'cleanup.policy': 'compact' };
const producer = { producerId: 77n, producerEpoch: 0, baseSequence: 10 };
const inCodec = (codec: Codec, spec: Partial<BatchSpec> = {}): Buffer => batch({ codec, ...spec });

for (const codec of CODECS) row(`${codec}: a plain batch`, [inCodec(codec)]);
row('two batches for one partition', [Buffer.concat([batch(), batch()])]);
row('no batch: empty records', [new Uint8Array(0)]);
// Null records make 4.3.1 throw while it builds its own error message, and the connection then never hears anything: nothing to compare with.
for (const magic of [-1, 0, 1, 3]) row(`magic ${magic}`, [batch({ magic })]);
row('base offset 5', [batch({ baseOffset: 5n })]);
row('one batch and half of another', [Buffer.concat([batch(), batch().subarray(0, 40)])]);
row('one batch and five bytes', [Buffer.concat([batch(), Buffer.alloc(5)])]);
row('half a batch', [batch().subarray(0, 40)]);
row('ten bytes', [batch().subarray(0, 10)]);
row('batch length 1 too long', [batch({ lengthSkew: 1 })]);
row('batch length 1 too short', [batch({ lengthSkew: -1 })]);
row('batch length smaller than a header', [batch({ lengthSkew: -60 })]);
row('wrong CRC', [batch({ corruptCrc: true })]);
row('leader epoch 9 sent by the client', [batch({ leaderEpoch: 9 })]);
for (const codec of CODECS) {
  row(`${codec}: count 4, last delta 2, 3 records`, [inCodec(codec, { count: 4 })]);
  row(`${codec}: count 4, last delta 3, 3 records`, [inCodec(codec, { count: 4, lastOffsetDelta: 3 })]);
  row(`${codec}: count 2, last delta 1, 3 records`, [inCodec(codec, { count: 2, lastOffsetDelta: 1 })]);
  row(`${codec}: count 0`, [inCodec(codec, { count: 0, lastOffsetDelta: -1 })]);
  row(`${codec}: count -1`, [inCodec(codec, { count: -1, lastOffsetDelta: -2 })]);
  row(`${codec}: no records at all`, [inCodec(codec, { records: [], count: 0, lastOffsetDelta: 0 })]);
  row(`${codec}: last delta 5 of 3 records`, [inCodec(codec, { lastOffsetDelta: 5 })]);
  row(`${codec}: offset deltas 0, 2, 3`, [inCodec(codec, { records: [{}, { offsetDelta: 2 }, { offsetDelta: 3 }] })]);
  row(`${codec}: offset deltas 1, 0, 2`, [inCodec(codec, { records: [{ offsetDelta: 1 }, { offsetDelta: 0 }, {}] })]);
  row(`${codec}: compacted topic, null key second`, [inCodec(codec, { records: [{}, { key: null }] })], {
    config: compact,
  });
  row(`${codec}: compacted topic, keys`, [inCodec(codec)], { config: compact });
  row(`${codec}: null values`, [inCodec(codec, { records: [{ value: null }, { value: null }] })], { config: compact });
  row(`${codec}: maxTimestamp -1`, [inCodec(codec, { maxTimestamp: -1n })]);
  row(`${codec}: maxTimestamp in 2100`, [inCodec(codec, { maxTimestamp: FUTURE_MS })]);
  row(`${codec}: maxTimestamp too small`, [
    inCodec(codec, { records: [{}, { timestampDelta: 500 }], maxTimestamp: PAST_MS }),
  ]);
  row(`${codec}: timestamps fall`, [inCodec(codec, { records: [{ timestampDelta: 900 }, { timestampDelta: 5 }, {}] })]);
  row(`${codec}: the base timestamp is not the first record's`, [
    inCodec(codec, { records: [{ timestampDelta: 40 }] }),
  ]);
  row(`${codec}: base timestamp -1`, [inCodec(codec, { baseTimestamp: -1n, maxTimestamp: -1n })]);
  const far = Number(FUTURE_MS - PAST_MS) + HOURS_2_MS;
  row(`${codec}: the second record in 2100`, [
    inCodec(codec, { records: [{}, { timestampDelta: far }], maxTimestamp: PAST_MS }),
  ]);
  row(`${codec}: all in 2100`, [inCodec(codec, { baseTimestamp: FUTURE_MS })]);
  row(`${codec}: in 2100 where after.max.ms allows`, [inCodec(codec, { baseTimestamp: FUTURE_MS })], {
    config: { 'message.timestamp.after.max.ms': '9223372036854775807' },
  });
  row(`${codec}: too old where before.max.ms forbids`, [inCodec(codec)], {
    config: { 'message.timestamp.before.max.ms': '3600000' },
  });
  row(`${codec}: LogAppendTime topic`, [inCodec(codec)], { config: { 'message.timestamp.type': 'LogAppendTime' } });
  row(`${codec}: LogAppendTime topic, in 2100`, [inCodec(codec, { baseTimestamp: FUTURE_MS })], {
    config: { 'message.timestamp.type': 'LogAppendTime' },
  });
  row(`${codec}: the client sets the LogAppendTime bit`, [inCodec(codec, { flags: LOG_APPEND_TIME })]);
  row(`${codec}: the LogAppendTime bit on a LogAppendTime topic`, [inCodec(codec, { flags: LOG_APPEND_TIME })], {
    config: { 'message.timestamp.type': 'LogAppendTime' },
  });
  row(`${codec}: a record with attributes 1`, [inCodec(codec, { records: [{ attributes: 1 }] })]);
  row(`${codec}: headers`, [
    inCodec(codec, {
      records: [
        {
          headers: [
            ['h', 'v'],
            ['n', null],
          ],
        },
      ],
    }),
  ]);
  row(`${codec}: unused attribute bits`, [inCodec(codec, { flags: 0x100 })]);
  row(`${codec}: the delete-horizon bit`, [inCodec(codec, { flags: 0x40 })]);
}
for (const codec of COMPRESSED) {
  row(`${codec}: garbage payload`, [inCodec(codec, { payload: GARBAGE })]);
  row(`${codec}: empty payload`, [inCodec(codec, { payload: new Uint8Array(0) })]);
  const whole = compress(codec, Buffer.from('x'.repeat(500)));
  row(`${codec}: compressed nonsense`, [inCodec(codec, { payload: whole })]);
  const good = inCodec(codec, { records: [{ value: 'y'.repeat(300) }] }).subarray(61);
  row(`${codec}: the payload cut short`, [
    inCodec(codec, { records: [{ value: 'y'.repeat(300) }], payload: good.subarray(0, good.length - 9) }),
  ]);
  row(`${codec}: bytes behind the payload`, [
    inCodec(codec, { records: [{ value: 'y'.repeat(300) }], payload: Buffer.concat([good, Buffer.alloc(3)]) }),
  ]);
}
// A deflate stream that goes wrong behind some records: what the failing call had written is lost.
const FAR_BACK =
  '1f8b080000000000000313616060604a64cbcf4b6510616060624a622b29cf6790606060614ae62ac9284a4d65ff009f58d4a423000000';
row('gzip: a distance too far back', [batch({ codec: 'gzip', payload: Buffer.from(FAR_BACK, 'hex') })]);
const reserved = Buffer.from(batch({ codec: 'gzip' }).subarray(61));
reserved[3] = 0x20;
row('gzip: a reserved flag', [batch({ codec: 'gzip', payload: reserved })]);
row('none: garbage payload', [batch({ payload: GARBAGE })]);
for (const codec of [5, 6, 7]) row(`codec ${codec}`, [batch({ attributes: codec })]);
row('batch of 1.1 MB', [batch({ records: [{ value: 'x'.repeat(1_100_000) }] })]);
row('max.message.bytes 100', [batch({ records: [{ value: 'x'.repeat(100) }] })], {
  config: { 'max.message.bytes': '100' },
});
row(
  'larger than max.message.bytes before compression only',
  [batch({ codec: 'gzip', records: [{ value: 'x'.repeat(5000) }] })],
  {
    config: { 'max.message.bytes': '1000' },
  },
);
for (const acks of [2, -2]) row(`acks ${acks}`, [batch()], { options: { acks } });
row('acks 1', [batch(), batch()], { options: { acks: 1 } });
row('acks 0', [batch()], { options: { acks: 0 } });
row('acks 0 and an error', [batch({ corruptCrc: true })], { options: { acks: 0 } });
row('control bit', [batch({ flags: CONTROL })]);
row('control bit with a producer id', [batch({ flags: CONTROL, ...producer })]);
row('transactional bit without a transactional id', [batch({ flags: TRANSACTIONAL, ...producer })]);
row('transactional bit without a producer id', [batch({ flags: TRANSACTIONAL })]);
row('unknown producer id, first sequence 10', [batch(producer)]);
row('the next sequence', [batch(producer), batch({ ...producer, baseSequence: 13 })]);
row('a duplicate', [batch(producer), batch(producer)]);
row('a duplicate of one before the last', [batch(producer), batch({ ...producer, baseSequence: 13 }), batch(producer)]);
row('a duplicate of the sixth last', [
  ...[0, 1, 2, 3, 4, 5].map(i => batch({ ...producer, baseSequence: 3 * i })),
  batch({ ...producer, baseSequence: 0 }),
]);
row('a duplicate with fewer records', [batch(producer), batch({ ...producer, records: [{}] })]);
row('a sequence gap', [batch(producer), batch({ ...producer, baseSequence: 99 })]);
row('a new epoch that starts at 5', [batch(producer), batch({ ...producer, producerEpoch: 1, baseSequence: 5 })]);
row('a new epoch that starts at 0', [batch(producer), batch({ ...producer, producerEpoch: 1, baseSequence: 0 })]);
row('an old epoch', [batch({ ...producer, producerEpoch: 3 }), batch({ ...producer, baseSequence: 13 })]);
row('the sequence wraps at 2^31', [
  batch({ ...producer, baseSequence: 2 ** 31 - 2 }),
  batch({ ...producer, baseSequence: 1 }),
]);
row('epoch -1 with a producer id', [batch({ ...producer, producerEpoch: -1 })]);
row('epoch -1 after epoch 0', [batch(producer), batch({ ...producer, producerEpoch: -1, baseSequence: 13 })]);
row('sequence -1 with a producer id', [batch({ ...producer, baseSequence: -1 })]);
row('epoch and sequence without a producer id', [batch({ producerEpoch: 0, baseSequence: 0 })]);
row('producer id -2', [batch({ ...producer, producerId: -2n })]);
for (const version of [3, 6, 7])
  row(`zstd in Produce v${version}`, [batch({ codec: 'zstd' })], { options: { version } });
for (const codec of CODECS) {
  row(`compression.type=${codec === 'none' ? 'uncompressed' : codec}: a plain batch`, [batch()], {
    config: { 'compression.type': codec === 'none' ? 'uncompressed' : codec },
  });
  row(`compression.type=gzip: a ${codec} batch`, [inCodec(codec)], { config: { 'compression.type': 'gzip' } });
}

export const produceChecks: Suite = {
  name: 'produce-checks',
  topics,
  prepare: [],
  steps: [
    ...steps,
    { name: 'unknown topic', frames: [produce('checks-nowhere', batch())] },
    { name: 'partition 9', frames: [produce('checks-0', batch(), { partition: 9 })] },
    { name: 'partition -1', frames: [produce('checks-0', batch(), { partition: -1 })] },
    {
      name: 'a transactional id without a transactional batch',
      frames: [produce('checks-0', batch(), { transactionalId: 't' })],
    },
    { name: 'an empty topic name', frames: [produce('', batch())] },
    { name: 'an invalid topic name', frames: [produce('a/b', batch())] },
    { name: 'frame length 1 GB', frames: [Uint8Array.from([0x40, 0, 0, 0, 1])], as: 'bytes' },
    { name: 'frame length -1', frames: [Uint8Array.from([255, 255, 255, 255])], as: 'bytes' },
    { name: 'frame length 0', frames: [new Uint8Array(0)] },
    { name: 'a frame of three bytes', frames: [Uint8Array.from([0, 0, 0])] },
    { name: 'Metadata v99', frames: [Uint8Array.from([0, 3, 0, 99, 0, 0, 0, 1, 255, 255])] },
    { name: 'Produce v2', frames: [Uint8Array.from([0, 0, 0, 2, 0, 0, 0, 1, 255, 255, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0])] },
    { name: 'unknown key 999', frames: [Uint8Array.from([3, 231, 0, 0, 0, 0, 0, 1, 255, 255])] },
    { name: 'key -1', frames: [Uint8Array.from([255, 255, 0, 0, 0, 0, 0, 1, 255, 255])] },
    { name: 'ApiVersions v9', frames: [Uint8Array.from([0, 18, 0, 9, 0, 0, 0, 1, 255, 255, 0, 1, 1, 0])] },
    {
      name: 'auto-creation by Metadata v4',
      frames: [
        ask(MetadataRequest, 4, {
          topics: [{ name: 'checks-auto', topicId: zeroUuid }],
          allowAutoTopicCreation: true,
          includeTopicAuthorizedOperations: false,
        }),
      ],
      untilNoError: true,
    },
  ],
};
