// The smallest machine that uses all of a coordinator's runtime: text by key, waiting for a key, keys that expire.

import { text, utf8 } from '../../src/base/bytes.ts';
import type { Machine, MachineKind, ProducerStamp } from '../../src/core/coordinator/machine.ts';
import { type Timeline, TimelineMap } from '../../src/core/coordinator/timeline.ts';
import type { Slot, Turn } from '../../src/core/coordinator/turn.ts';
import { UnknownRecordType } from '../../src/protocol/records/coordinator.ts';
import { WireError } from '../../src/protocol/wire.ts';

export interface Pair {
  readonly key: string;
  readonly value: string | null;
}

export class KeyValueMachine implements Machine<Pair, Pair> {
  readonly stored: TimelineMap<string, string>;
  /** Soft state. */
  readonly waiting = new Map<string, Slot<string>[]>();
  readonly lost: string[] = [];
  unloads = 0;
  private readonly pending = new Map<bigint, Pair[]>();

  constructor(timeline: Timeline) {
    this.stored = new TimelineMap(timeline);
  }

  /** Answers what the key held before. */
  put(turn: Turn<Pair>, slot: Slot<string | undefined>, key: string, value: string | null): void {
    const before = this.stored.get(key);
    turn.append({ key, value });
    turn.answer(slot, before);
    const waiting = this.waiting.get(key) ?? [];
    this.waiting.delete(key);
    for (const waiter of waiting) turn.answer(waiter, value ?? '');
    turn.whenLost((again, error) => {
      this.lost.push(`${key}=${value}: ${error}`);
      again.cancel(`expire ${key}`);
    });
  }

  /** Answers what decisions rest on, once that is committed. */
  look(turn: Turn<Pair>, slot: Slot<string | undefined>, key: string): void {
    turn.answer(slot, this.stored.get(key));
  }

  /** Answers the next value that is put. */
  wait(_turn: Turn<Pair>, slot: Slot<string>, key: string): void {
    this.waiting.set(key, [...(this.waiting.get(key) ?? []), slot]);
  }

  /** Removes the key so much later, unless it is called again before. */
  expire(turn: Turn<Pair>, slot: Slot<void>, key: string, afterMs: number): void {
    turn.schedule(`expire ${key}`, afterMs, later => {
      if (this.stored.has(key)) later.append({ key, value: null });
    });
    turn.answer(slot, undefined);
  }

  replay({ key, value }: Pair, _offset: bigint, transaction: ProducerStamp | undefined): void {
    if (transaction !== undefined) {
      const { producerId } = transaction;
      this.pending.set(producerId, [...(this.pending.get(producerId) ?? []), { key, value }]);
    } else if (value === null) {
      this.stored.delete(key);
    } else {
      this.stored.set(key, value);
    }
  }

  endTransaction({ producerId }: ProducerStamp, committed: boolean): void {
    const pairs = this.pending.get(producerId) ?? [];
    this.pending.delete(producerId);
    if (committed) for (const pair of pairs) this.replay(pair, 0n, undefined);
  }

  loaded(turn: Turn<Pair>): void {
    for (const key of this.stored.keys()) {
      if (key.startsWith('mortal')) turn.schedule(`expire ${key}`, 1_000, later => later.append({ key, value: null }));
    }
  }

  unloaded(): void {
    this.unloads++;
  }

  committed(): Record<string, string> {
    return Object.fromEntries([...this.stored.committedEntries()].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export const keyValueKind: MachineKind<KeyValueMachine, Pair, Pair> = {
  name: 'key-value coordinator',
  create: timeline => new KeyValueMachine(timeline),
  encode({ key, value }) {
    if (key.length > 1_000) throw new WireError('the key is too long');
    return { key: utf8(key), value: value === null ? null : utf8(value) };
  },
  decode({ key, value }) {
    const name = text(key);
    if (name.startsWith('?')) throw new UnknownRecordType(`no such record as ${name}`);
    if (name.startsWith('!')) throw new WireError(`damaged: ${name}`);
    return { key: name, value: value === null ? null : text(value) };
  },
};
