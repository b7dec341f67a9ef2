// One turn of a coordinator's machine: what a command, an expired timer or the end of loading brings about. The machine
// fills it in, the runtime carries it out. Nothing in here waits and nothing in here knows of logs or sockets.
//
// What a turn may change directly is soft state only: who waits, which timers run. Stored state changes by the turn's
// records alone, when the runtime replays them, right after the turn and before they are written.
import type { Uuid } from '../../base/uuid.ts';
import type { ErrorName } from '../../protocol/errors.ts';

/** A request that waits for its answer. The machine keeps it and hands it back to `Turn.answer`, nothing else. */
export abstract class Slot<Reply> {
  /** Never there; it makes slots of different replies different types. */
  declare protected readonly reply: (reply: Reply) => void;
}

/** Runs in a turn of its own. `error` is what the waiting clients are told. */
export type WhenLost = (turn: Turn, error: ErrorName) => void;

/** `Stored` is the coordinator's union of records to write. */
export interface Turn<Stored = unknown> {
  /** Wall clock, milliseconds since the epoch. */
  readonly nowMs: bigint;
  newUuid(): Uuid;
  /**
   * A record of this turn; all of a turn's records are stored together or not at all. It is replayed when the turn is
   * over: until then the machine still reads the state before it.
   */
  append(record: Stored): void;
  /**
   * What is appended from here on may be stored apart from what came before it: for turns that could outgrow a batch
   * (max.message.bytes), such as the end of a large group. A turn whose undivided part does is lost, UNKNOWN_SERVER_ERROR.
   */
  divide(): void;
  /** The answer goes out when this turn, and every turn before it, is committed. Each slot is answered once. */
  answer<Reply>(slot: Slot<Reply>, reply: Reply): void;
  /** Starts a timer, replacing the one of that key; `expire` runs in a turn of its own. */
  schedule(key: string, delayMs: number, expire: (turn: Turn<Stored>) => void): void;
  cancel(key: string): void;
  /**
   * What to do when the records of this turn could not be stored: their effect is taken back already, the slots that this
   * turn answered have been told the error; what is left is the soft state this turn has changed.
   */
  whenLost(repair: (turn: Turn<Stored>, error: ErrorName) => void): void;
}
