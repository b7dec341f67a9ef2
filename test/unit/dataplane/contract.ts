/** What every data plane owes those above it: at least one test per command, event and error. Run on the real one and on the fake. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleaning } from '../../../src/dataplane/abi.ts';
import { encodeStruct } from '../../../src/dataplane/codec.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import { readBatchHeader, splitBatches } from '../../../src/protocol/records/batch.ts';
import type { DataPlane, DataPlaneOptions, LogConfig, PartitionHandle } from '../../../src/runtime/ports.ts';
import { encodeBatch } from '../../support/batch.ts';
import { EventLog, logConfig, oneRecord, planeOptions, topicId } from '../../support/plane.ts';

/** What a cleaner might have made of a segment that no log here has. */
const someSegments = encodeStruct(
  cleaning.CleanedSegments,
  {
    replaced: [7n],
    size: 0,
    offsetEntries: 0,
    timeEntries: 0,
    maxTimestamp: -1n,
    maxTimestampOffset: 7n,
    aborted: [],
  },
  'segments',
).slice();

/** A client of the plane's first listener. */
export interface ContractClient {
  call(frame: Uint8Array): Promise<Uint8Array>;
  close(): void;
  /** Resolves when the plane has closed the connection. */
  readonly whenClosed: Promise<void>;
}

export interface ContractSubject {
  /** Directories that exist only for this test. */
  readonly directories: readonly string[];
  readonly unusableDirectory: string;
  open(options: DataPlaneOptions): DataPlane;
  connect(plane: DataPlane, port: number): Promise<ContractClient>;
  holdSyncs(plane: DataPlane, hold: boolean): void;
  failNextSync(plane: DataPlane): void;
  /** Makes the next `lead` of the topic's partition 0 in the first directory worth a notice. */
  provokeNotice(topic: string): void;
  cleanUp(): void;
}

const failure = (run: () => unknown): { code?: string } => {
  try {
    run();
  } catch (error) {
    return error as { code?: string };
  }
  throw new Error('nothing was thrown');
};

export function contract(name: string, makeSubject: () => ContractSubject): void {
  describe(`data plane contract: ${name}`, () => {
    let subject: ContractSubject;
    let plane: DataPlane;
    let log: EventLog;
    let port: number;
    let tickets = 100;

    const start = (options: Partial<DataPlaneOptions> = {}): void => {
      plane = subject.open({ ...planeOptions(subject.directories), ...options });
      log = new EventLog(plane);
      port = plane.listen({ host: '127.0.0.1', port: 0, fastPath: true });
    };
    beforeEach(() => {
      subject = makeSubject();
      start();
    });
    afterEach(async () => {
      await plane.close();
      subject.cleanUp();
    });

    const submitLead = (index: number, over: Partial<LogConfig> = {}, more: object = {}): PartitionHandle => {
      const partition = { index, generation: 1 };
      plane.submit({
        type: 'lead',
        partition,
        topicId: topicId(index),
        topic: `topic-${index}`,
        partitionIndex: 0,
        logDir: 0,
        leaderEpoch: 3,
        isNew: true,
        isInternal: false,
        config: { ...logConfig, ...over },
        ...more,
      });
      return partition;
    };
    const lead = async (index: number, over: Partial<LogConfig> = {}, more: object = {}): Promise<PartitionHandle> => {
      const partition = submitLead(index, over, more);
      const led = await log.next('led', event => event.partition.index === index);
      expect(led.error).toBe(0);
      return partition;
    };
    const append = (partition: PartitionHandle, batch: Uint8Array = oneRecord(), leaderEpoch = 3): number => {
      const ticket = tickets++;
      plane.submit({ type: 'append', partition, leaderEpoch, ticket, batch });
      return ticket;
    };
    const appended = async (ticket: number) => log.next('appended', event => event.ticket === ticket);
    const committed = (partition: PartitionHandle, offset: bigint) =>
      log.next('highWatermark', event => event.partition.index === partition.index && event.offset === offset);
    const query = async (what: 'log' | 'producers', ...partitions: PartitionHandle[]) => {
      const ticket = tickets++;
      plane.submit({ type: 'query', ticket, what, partitions });
      return (await log.next('queried', event => event.ticket === ticket)).partitions;
    };
    const read = async (partition: PartitionHandle, from: bigint, maxBytes = 1 << 20) => {
      const ticket = tickets++;
      plane.submit({ type: 'read', partition, from, maxBytes, ticket });
      return log.next('readDone', event => event.ticket === ticket);
    };
    const stale = { index: 4000, generation: 9 };

    describe('lead', () => {
      it('reports an empty new partition', async () => {
        submitLead(1);
        expect(await log.next('led')).toEqual({
          type: 'led',
          partition: { index: 1, generation: 1 },
          error: 0,
          logStartOffset: 0n,
          logEndOffset: 0n,
          message: '',
        });
      });

      it('takes batches of a new partition before it is open', async () => {
        const partition = submitLead(1);
        expect((await appended(append(partition))).baseOffset).toBe(0n);
      });

      it('finds what an earlier plane left', async () => {
        await appended(append(await lead(1)));
        await plane.close();
        start();
        submitLead(1, {}, { isNew: false, leaderEpoch: 4 });
        expect(await log.next('led')).toMatchObject({ error: 0, logStartOffset: 0n, logEndOffset: 1n });
      });

      it('raises the epoch of a partition it has, and refuses to lower it', async () => {
        const partition = await lead(1);
        submitLead(1, {}, { leaderEpoch: 5 });
        expect(await log.next('led')).toMatchObject({ error: 0 });
        expect((await appended(append(partition, oneRecord(), 3))).error).toBe(errorCode.NOT_LEADER_OR_FOLLOWER);
        expect((await appended(append(partition, oneRecord(), 5))).error).toBe(0);
        submitLead(1, {}, { leaderEpoch: 2 });
        expect((await log.next('led')).error).toBe(errorCode.FENCED_LEADER_EPOCH);
      });

      it('refuses a log directory that is none, and a name that is taken', async () => {
        submitLead(1, {}, { logDir: 7 });
        expect((await log.next('led')).error).toBe(errorCode.LOG_DIR_NOT_FOUND);
        await lead(2);
        submitLead(3, {}, { topic: 'topic-2' });
        const refused = await log.next('led');
        expect(refused).toMatchObject({
          error: errorCode.UNKNOWN_SERVER_ERROR,
          logStartOffset: -1n,
          logEndOffset: -1n,
        });
        expect(refused.message).not.toBe('');
      });
    });

    describe('append', () => {
      it('numbers batches, stamps them, and commits them once they are synced', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'watch', partition });
        const three = encodeBatch({ records: [{}, {}, {}], baseTimestamp: 1_700_000_000_000n });
        expect(await appended(append(partition, three))).toMatchObject({ error: 0, baseOffset: 0n });
        expect(await appended(append(partition))).toMatchObject({ error: 0, baseOffset: 3n });
        await committed(partition, 4n);
        const { batches } = await read(partition, 0n);
        const headers = splitBatches(batches).map(readBatchHeader);
        expect(headers.map(header => [header.baseOffset, header.leaderEpoch])).toEqual([
          [0n, 3],
          [3n, 3],
        ]);
      });

      it('refuses unknown partitions, other epochs and corrupt batches', async () => {
        const partition = await lead(1);
        expect((await appended(append(stale))).error).toBe(errorCode.UNKNOWN_TOPIC_OR_PARTITION);
        expect((await appended(append(partition, oneRecord(), 2))).error).toBe(errorCode.NOT_LEADER_OR_FOLLOWER);
        const corrupt = encodeBatch({ baseTimestamp: 5n, corruptCrc: true });
        expect(await appended(append(partition, corrupt))).toMatchObject({
          error: errorCode.CORRUPT_MESSAGE,
          baseOffset: -1n,
        });
      });

      it('is written but not committed while syncs hang', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'watch', partition });
        subject.holdSyncs(plane, true);
        await appended(append(partition));
        expect(await query('log', partition)).toMatchObject([{ logEndOffset: 1n, highWatermark: 0n }]);
        expect((await read(partition, 0n)).batches).toHaveLength(0);
        expect(log.events.filter(event => event.type === 'highWatermark')).toEqual([]);
        subject.holdSyncs(plane, false);
        await committed(partition, 1n);
      });

      it('is committed at once with write.caching', async () => {
        const partition = await lead(1, { writeCaching: true });
        plane.submit({ type: 'watch', partition });
        subject.holdSyncs(plane, true);
        append(partition);
        await committed(partition, 1n);
        subject.holdSyncs(plane, false);
      });

      it('closes the log when a sync fails', async () => {
        const partition = await lead(1);
        subject.failNextSync(plane);
        append(partition);
        const failed = await log.next('failed');
        expect(failed).toMatchObject({ logDir: 0 });
        expect(failed.path).toContain('topic-1-0');
        expect(failed.errno).toBeGreaterThan(0);
        expect(failed.message).not.toBe('');
        expect((await appended(append(partition))).error).toBe(errorCode.KAFKA_STORAGE_ERROR);
        expect((await read(partition, 0n)).error).toBe(errorCode.KAFKA_STORAGE_ERROR);
        expect(await query('log', partition)).toMatchObject([{ error: errorCode.KAFKA_STORAGE_ERROR }]);
      });
    });

    describe('setConfig', () => {
      it('takes effect, and ignores stale handles', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'watch', partition });
        subject.holdSyncs(plane, true);
        plane.submit({ type: 'setConfig', partition: stale, config: logConfig });
        plane.submit({ type: 'setConfig', partition, config: { ...logConfig, writeCaching: true } });
        append(partition);
        await committed(partition, 1n);
        subject.holdSyncs(plane, false);
      });
    });

    describe('read', () => {
      it('returns whole batches, at least one', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'watch', partition });
        for (let i = 0; i < 3; i++) await appended(append(partition));
        await committed(partition, 3n);
        expect(splitBatches((await read(partition, 0n)).batches)).toHaveLength(3);
        expect(splitBatches((await read(partition, 1n, 1)).batches).map(b => readBatchHeader(b).baseOffset)).toEqual([
          1n,
        ]);
        expect(await read(partition, 3n)).toMatchObject({ error: 0, batches: new Uint8Array() });
      });

      it('refuses offsets outside and unknown partitions', async () => {
        const partition = await lead(1);
        expect((await read(partition, 1n)).error).toBe(errorCode.OFFSET_OUT_OF_RANGE);
        expect((await read(stale, 0n)).error).toBe(errorCode.UNKNOWN_TOPIC_OR_PARTITION);
      });
    });

    describe('deleteBefore', () => {
      it('moves the log start, to the high watermark with -1', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'watch', partition });
        for (let i = 0; i < 4; i++) await appended(append(partition));
        await committed(partition, 4n);
        plane.submit({ type: 'deleteBefore', partition, offset: 2n, ticket: 1 });
        expect(await log.next('done', event => event.ticket === 1)).toMatchObject({ error: 0, offset: 2n });
        expect((await read(partition, 1n)).error).toBe(errorCode.OFFSET_OUT_OF_RANGE);
        plane.submit({ type: 'deleteBefore', partition, offset: -1n, ticket: 2 });
        expect(await log.next('done', event => event.ticket === 2)).toMatchObject({ error: 0, offset: 4n });
        expect(await query('log', partition)).toMatchObject([{ logStartOffset: 4n, logEndOffset: 4n }]);
      });

      it('refuses offsets above the high watermark and unknown partitions', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'deleteBefore', partition, offset: 1n, ticket: 1 });
        expect(await log.next('done')).toMatchObject({ error: errorCode.OFFSET_OUT_OF_RANGE, offset: -1n });
        plane.submit({ type: 'deleteBefore', partition: stale, offset: 0n, ticket: 2 });
        expect(await log.next('done')).toMatchObject({ error: errorCode.UNKNOWN_TOPIC_OR_PARTITION });
      });
    });

    describe('drop', () => {
      it('forgets the partition and its records', async () => {
        const partition = await lead(1);
        await appended(append(partition));
        plane.submit({ type: 'drop', partition, ticket: 5 });
        expect((await appended(append(partition))).error).toBe(errorCode.UNKNOWN_TOPIC_OR_PARTITION);
        expect(await log.next('done')).toMatchObject({ ticket: 5, error: 0 });
        submitLead(2, {}, { topic: 'topic-1' });
        expect(await log.next('led')).toMatchObject({ error: 0, logEndOffset: 0n });
      });

      it('answers a stale handle', async () => {
        plane.submit({ type: 'drop', partition: stale, ticket: 5 });
        expect(await log.next('done')).toMatchObject({ ticket: 5, error: errorCode.UNKNOWN_TOPIC_OR_PARTITION });
      });
    });

    describe('query', () => {
      it('answers in the order asked, unknown partitions with an error', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'watch', partition });
        await appended(append(partition));
        await committed(partition, 1n);
        const [unknown, facts] = await query('log', stale, partition);
        expect(unknown).toMatchObject({ error: errorCode.UNKNOWN_TOPIC_OR_PARTITION });
        expect(facts).toMatchObject({
          error: 0,
          logStartOffset: 0n,
          highWatermark: 1n,
          lastStableOffset: 1n,
          logEndOffset: 1n,
          producers: [],
        });
        expect(facts?.sizeBytes).toBe(BigInt(oneRecord().length));
      });

      it('names producers when asked for them', async () => {
        const partition = await lead(1);
        const batch = encodeBatch({ baseTimestamp: 77n, producerId: 9n, producerEpoch: 2, baseSequence: 0 });
        await appended(append(partition, batch));
        const [facts] = await query('producers', partition);
        expect(facts?.producers).toMatchObject([
          { producerId: 9n, producerEpoch: 2, lastSequence: 0, lastTimestamp: 77n, currentTxnStartOffset: -1n },
        ]);
      });
    });

    describe('cleaning', () => {
      const dirt = async (partition: PartitionHandle, cleanEnd: bigint) => {
        const ticket = tickets++;
        const lags = { minCompactionLagMs: 0n, maxCompactionLagMs: 0x7fffffffffffffffn };
        plane.submit({
          type: 'dirt',
          ticket,
          logDir: 0,
          nowMs: 1_700_000_000_000n,
          partitions: [{ partition, cleanEnd, ...lags }],
        });
        return (await log.next('dirty', event => event.ticket === ticket)).partitions[0];
      };

      it('has nothing to clean in a segment that is still written', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'watch', partition });
        await appended(append(partition));
        await committed(partition, 1n);
        expect(await dirt(partition, -1n)).toEqual({
          error: 0,
          firstDirty: 0n,
          firstUncleanable: 0n,
          logEndOffset: 1n,
          cleanBytes: 0n,
          cleanableBytes: 0n,
          overdueMs: 0n,
        });
        expect(await dirt(partition, 1n)).toMatchObject({ firstDirty: 1n, firstUncleanable: 1n });
        expect(await dirt(partition, 99n)).toMatchObject({ firstDirty: 0n });
      });

      it('answers for partitions it does not know', async () => {
        const { UNKNOWN_TOPIC_OR_PARTITION } = errorCode;
        expect(await dirt(stale, -1n)).toMatchObject({ error: UNKNOWN_TOPIC_OR_PARTITION });
        plane.submit({ type: 'planCleaning', ticket: 7, partition: stale, firstDirty: 0n, firstUncleanable: 0n });
        expect(await log.next('cleaningPlanned')).toMatchObject({ ticket: 7, error: UNKNOWN_TOPIC_OR_PARTITION });
        plane.submit({ type: 'replaceSegments', ticket: 8, partition: stale, group: someSegments });
        expect(await log.next('done')).toMatchObject({ ticket: 8, error: UNKNOWN_TOPIC_OR_PARTITION });
      });

      it('plans, and refuses segments that the log does not have', async () => {
        const partition = await lead(1);
        plane.submit({ type: 'planCleaning', ticket: 7, partition, firstDirty: 0n, firstUncleanable: 0n });
        expect(await log.next('cleaningPlanned')).toMatchObject({ ticket: 7, error: 0 });
        plane.submit({ type: 'replaceSegments', ticket: 8, partition, group: someSegments });
        expect(await log.next('done')).toMatchObject({ ticket: 8, error: errorCode.KAFKA_STORAGE_ERROR });
        expect(await query('log', partition)).toMatchObject([{ error: 0 }]);
      });
    });

    describe('watch', () => {
      it('is silent for partitions nobody watches, and harmless for unknown ones', async () => {
        const quiet = await lead(1);
        const loud = await lead(2);
        plane.submit({ type: 'watch', partition: loud });
        plane.submit({ type: 'watch', partition: stale });
        await appended(append(quiet));
        await appended(append(loud));
        await committed(loud, 1n);
        expect(log.events.filter(event => event.type === 'highWatermark')).toEqual([]);
      });
    });

    describe('connections', () => {
      const frame = Uint8Array.of(0, 18, 0, 0, 0, 0, 0, 7, 0, 1, 0x61);
      const answer = Uint8Array.of(0, 0, 0, 7, 1, 2, 3);

      it('hands a request over and its answer back, in order', async () => {
        const client = await subject.connect(plane, port);
        for (let round = 0; round < 3; round++) {
          const waiting = client.call(frame);
          const request = await log.next('request');
          expect(request).toMatchObject({ listener: 0, peerAddress: '127.0.0.1', frame });
          plane.submit({ type: 'respond', connection: request.connection, response: answer });
          expect([...(await waiting)]).toEqual([...answer]);
        }
      });

      it('says when a connection it has seen is gone, and takes answers to it without harm', async () => {
        const client = await subject.connect(plane, port);
        client.call(frame).catch(() => {});
        const { connection } = await log.next('request');
        client.close();
        expect(await log.next('closed')).toEqual({ type: 'closed', connection });
        plane.submit({ type: 'respond', connection, response: answer });
        plane.submit({ type: 'disconnect', connection });
      });

      it('hangs up when told to', async () => {
        const client = await subject.connect(plane, port);
        client.call(frame).catch(() => {});
        const { connection } = await log.next('request');
        plane.submit({ type: 'disconnect', connection });
        await client.whenClosed;
        expect(await log.next('closed')).toEqual({ type: 'closed', connection });
      });
    });

    it('notices what an operator should know', async () => {
      await appended(append(await lead(1)));
      await plane.close();
      subject.provokeNotice('topic-1');
      start();
      submitLead(1, {}, { isNew: false, leaderEpoch: 4 });
      const notice = await log.next('notice');
      expect(['info', 'warn', 'error']).toContain(notice.level);
      expect(notice.message).not.toBe('');
    });

    describe('failures', () => {
      it('LOCKED: a directory that a plane has', () => {
        expect(failure(() => subject.open(planeOptions(subject.directories)))).toMatchObject({ code: 'LOCKED' });
      });
      it('IO: a directory that cannot be', () => {
        expect(failure(() => subject.open(planeOptions([subject.unusableDirectory])))).toMatchObject({ code: 'IO' });
      });
      it('MISUSE: no directory, two handlers, listening after close', async () => {
        expect(failure(() => subject.open(planeOptions([])))).toMatchObject({ code: 'MISUSE' });
        expect(failure(() => plane.onEvent(() => {}))).toMatchObject({ code: 'MISUSE' });
        expect(failure(() => plane.listen({ host: '', port: 70_000, fastPath: true }))).toMatchObject({
          code: 'MISUSE',
        });
        await plane.close();
        expect(failure(() => plane.listen({ host: '', port: 0, fastPath: true }))).toMatchObject({ code: 'MISUSE' });
      });
      it('PORT_IN_USE and ADDRESS', () => {
        expect(failure(() => plane.listen({ host: '127.0.0.1', port, fastPath: true }))).toMatchObject({
          code: 'PORT_IN_USE',
        });
        expect(failure(() => plane.listen({ host: 'example', port: 0, fastPath: true }))).toMatchObject({
          code: 'ADDRESS',
        });
      });
    });

    it('closes once, however often it is asked, and is silent afterwards', async () => {
      const partition = await lead(1);
      await Promise.all([plane.close(), plane.close()]);
      await plane.close();
      const before = log.events.length;
      plane.submit({ type: 'watch', partition });
      append(partition);
      plane.ref();
      plane.unref();
      expect(plane.readCounters().length).toBeGreaterThan(0);
      await new Promise(resolve => setImmediate(resolve));
      expect(log.events.length).toBe(before);
    });
  });
}
