// What a coordinator (groups, transactions, shares) must bring to run on the coordinator runtime: one instance is the
// state of one partition of its internal topic.
import type { RecordBytes } from '../../protocol/records/coordinator.ts';
import type { RecordPlace } from '../../protocol/records/record-cursor.ts';
import type { Timeline } from './timeline.ts';
import type { Turn } from './turn.ts';

/** Who wrote a transactional batch; its records do not count before the transaction's marker says so. */
export interface ProducerStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export interface Machine<Stored, Record> {
  /**
   * The only mutator of stored state, all of which lives in the timeline. `transaction` is undefined for records outside
   * of transactions. Never throws for a record that can be decoded: what it does not know it ignores.
   */
  replay(record: Record, offset: bigint, transaction: ProducerStamp | undefined): void;
  /** A transaction marker in the log. */
  endTransaction(transaction: ProducerStamp, committed: boolean): void;
  /** Called once, when everything is replayed and before the first command: builds soft state, starts timers. */
  loaded(turn: Turn<Stored>): void;
  /** Called once when the partition moves away or fails; slots that wait are told by the runtime. */
  unloaded(): void;
}

export interface MachineKind<M extends Machine<Stored, Record>, Stored, Record> {
  /** For the log: 'group coordinator'. */
  readonly name: string;
  create(timeline: Timeline): M;
  encode(record: Stored): RecordBytes;
  /** Throws UnknownRecordType for a record of a later protocol, WireError for damaged ones; the loader reports and skips them. */
  decode(bytes: RecordBytes): Record;
  /**
   * The same for records that come by the million when a log is loaded: decoded out of the buffer they lie in. Undefined
   * for what `decode` is to see to, damaged records among them.
   */
  readonly decodeInPlace?: (place: RecordPlace) => Record | undefined;
}
