import { expect, test } from 'vitest';
import { zeroUuid } from '../../../../../src/base/uuid.ts';
import type { ProducerStamp } from '../../../../../src/core/coordinator/machine.ts';
import { Timeline } from '../../../../../src/core/coordinator/timeline.ts';
import type { OffsetRecord } from '../../../../../src/core/group/offsets/store.ts';
import { FakeGroups, fetchAsk, OffsetsMachine } from '../../../../support/offsets.ts';

const one: ProducerStamp = { producerId: 1n, producerEpoch: 0 };
const two: ProducerStamp = { producerId: 2n, producerEpoch: 5 };

/** A log as the machine sees it: each step has an offset of its own. */
class Log {
  readonly timeline = new Timeline();
  readonly groups = new FakeGroups();
  readonly machine = new OffsetsMachine(this.timeline, this.groups);
  private next = 0n;

  constructor(live: boolean) {
    if (live) this.timeline.at(0n);
  }

  static live(): Log {
    return new Log(true);
  }

  put(offset: bigint, transaction?: ProducerStamp, partition = 0, group = 'g'): void {
    this.replay({ type: 'offsetCommit', key: { group, topic: 't', partition }, value: stored(offset) }, transaction);
  }

  remove(partition = 0): void {
    this.replay({ type: 'offsetCommit', key: { group: 'g', topic: 't', partition }, value: null });
  }

  replay(record: OffsetRecord, transaction?: ProducerStamp): void {
    this.step(at => this.machine.replay(record, at, transaction));
  }

  end(transaction: ProducerStamp, committed: boolean): void {
    this.step(() => this.machine.endTransaction(transaction, committed));
  }

  private step(run: (at: bigint) => void): void {
    this.timeline.at(this.next);
    run(this.next);
    this.timeline.seal();
    this.next++;
  }

  commit(): void {
    this.timeline.commit(this.next);
  }

  /** Back to before the last `steps`. */
  revert(steps: number): void {
    this.next -= BigInt(steps);
    this.timeline.revert(this.next);
  }

  read(requireStable: boolean, partition = 0): bigint | string {
    const partitions = [{ topic: 't', topicId: zeroUuid, partition }];
    const { offset, error } = this.machine.offsets.fetch(fetchAsk('g', { requireStable, partitions })).partitions[0]!;
    return error === 'NONE' ? offset : error;
  }

  get stable() {
    return this.read(true);
  }

  get plain() {
    return this.read(false);
  }
}

function stored(offset: bigint) {
  const data = { offset, leaderEpoch: -1, metadata: '', commitTimestamp: 5n, expireTimestamp: -1n, topicId: zeroUuid };
  return { version: 4, data };
}

test('an open transaction hides its offsets, and makes stable readers come again', () => {
  const log = Log.live();
  log.put(1n);
  log.put(2n, one);
  log.commit();
  expect(log.plain).toBe(1n);
  expect(log.stable).toBe('UNSTABLE_OFFSET_COMMIT');
  log.end(one, true);
  expect(log.plain).toBe(1n);
  log.commit();
  expect([log.plain, log.stable]).toEqual([2n, 2n]);
});

test('an aborted one leaves nothing behind', () => {
  const log = Log.live();
  log.put(2n, one);
  expect(log.machine.offsets.hasOffsets('g')).toBe(true);
  log.end(one, false);
  log.commit();
  expect([log.plain, log.stable]).toEqual([-1n, -1n]);
  expect(log.machine.offsets.hasOffsets('g')).toBe(false);
});

test('all partitions: those with nothing but pending offsets are not listed', () => {
  const log = Log.live();
  log.put(1n, undefined, 0);
  log.put(2n, one, 0);
  log.put(2n, one, 1);
  log.commit();
  const all = log.machine.offsets.fetch(fetchAsk('g', { requireStable: true })).partitions;
  expect(all.map(({ partition, error }) => [partition, error])).toEqual([[0, 'UNSTABLE_OFFSET_COMMIT']]);
});

test('two transactions: each ends for itself, and the later commit in the log wins', () => {
  const log = Log.live();
  log.put(1n, one);
  log.put(2n, two);
  log.end(two, true);
  expect(log.stable).toBe('UNSTABLE_OFFSET_COMMIT');
  log.end(one, true);
  log.commit();
  expect(log.plain).toBe(2n);
});

test('a plain commit behind the transactional one wins, too', () => {
  const log = Log.live();
  log.put(1n, one);
  log.put(9n);
  log.end(one, true);
  log.commit();
  expect(log.plain).toBe(9n);
});

test('a tombstone takes pending offsets along', () => {
  const log = Log.live();
  log.put(1n, one);
  log.put(1n, two);
  log.put(1n, two, 1);
  log.remove();
  expect(log.stable).toBe(-1n);
  expect(log.read(true, 1)).toBe('UNSTABLE_OFFSET_COMMIT');
  log.end(one, true);
  log.end(two, true);
  log.commit();
  expect(log.plain).toBe(-1n);
  expect(log.read(false, 1)).toBe(1n);
});

test('everything about them can be taken back', () => {
  const log = Log.live();
  log.put(1n);
  log.put(2n, one);
  log.commit();
  log.end(one, true);
  log.revert(1);
  expect(log.stable).toBe('UNSTABLE_OFFSET_COMMIT');
  log.remove();
  expect(log.stable).toBe(-1n);
  log.revert(1);
  expect(log.stable).toBe('UNSTABLE_OFFSET_COMMIT');
  log.put(3n, one);
  log.revert(1);
  log.end(one, true);
  log.commit();
  expect(log.plain).toBe(2n);
});

test('the end of a transaction nobody knows is nothing', () => {
  const log = Log.live();
  log.put(1n);
  log.end(two, true);
  log.commit();
  expect(log.plain).toBe(1n);
});

test('loading keeps pending what has not ended, and a group lives by it', () => {
  const log = new Log(false);
  const key = { group: 'g', topic: 't', partition: 0 };
  log.machine.replay({ type: 'offsetCommit', key, value: stored(4n) }, 0n, one);
  expect([...log.groups.groups.keys()]).toEqual(['g']);
  expect(log.stable).toBe('UNSTABLE_OFFSET_COMMIT');
  log.machine.endTransaction(one, true);
  expect(log.plain).toBe(4n);
});

test('records of very old brokers are read', () => {
  const log = Log.live();
  const key = { group: 'g', topic: 't', partition: 0 };
  const data = { offset: 6n, metadata: 'old', commitTimestamp: 3n };
  log.replay({ type: 'legacyOffsetCommit', key, value: { version: 0, data } });
  log.commit();
  expect(log.machine.offsets.fetch(fetchAsk('g')).partitions).toEqual([
    { topic: 't', partition: 0, offset: 6n, leaderEpoch: -1, metadata: 'old', error: 'NONE' },
  ]);
  log.replay({ type: 'legacyOffsetCommit', key, value: null });
  log.commit();
  expect(log.plain).toBe(-1n);
});
