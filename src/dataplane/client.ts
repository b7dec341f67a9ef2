/**
 * The real data plane: ports.ts over the addon. One bell per empty-to-nonempty change of the event mailbox; a bell drains with a
 * budget per turn and continues by setImmediate, so that timers and other handles still get their turn.
 * Commands for connections gather until what runs now, promise reactions included, is through: a reactor is woken once for all.
 */
import type { DataPlane, DataPlaneOptions, ListenOptions, PlaneCommand, PlaneEvent } from '../runtime/ports.ts';
import { type AbiUnion, commands, counters, events, options as optionFields } from './abi.ts';
import { decoderOf, encoderOf, encodeStruct } from './codec.ts';
import { misuse, PlaneFailure } from './failure.ts';
import { PlaneFaults } from './faults.ts';
import { type Addon, loadAddon, type NativeOutcome } from './load.ts';

const drainBytes = 1 << 20;
/** Drains per turn of the event loop before others get their turn. */
const drainsPerTurn = 4;
/** Answers that the first of them waits for, at most; and their bytes. */
const gatheredMax = 64;
const gatheredBytesMax = 64 * 1024;

export interface NativePlaneOptions extends DataPlaneOptions {
  /** Test-only: allows `faults`. */
  readonly faultHooks?: boolean;
}

/** Opens log directories and starts the threads. Throws DataPlaneFailure LOCKED, IO or MISUSE. */
export function openDataPlane(options: NativePlaneOptions): NativeDataPlane {
  return new NativeDataPlane(loadAddon(), options);
}

export class NativeDataPlane implements DataPlane {
  private readonly addon: Addon;
  private readonly plane: object;
  private readonly sent = encoderOf(commands);
  private readonly gathered = encoderOf(commands);
  private gatheredCount = 0;
  private readonly decode = decoderOf(events);
  private readonly into = new Uint8Array(drainBytes);
  private handler: ((event: PlaneEvent) => void) | undefined;
  private early: PlaneEvent[] = [];
  private draining = false;
  private state: 'open' | 'closing' | 'closed' = 'open';
  private readonly whenStopped: Promise<void>;
  private stopped: () => void = () => {};
  /** Test-only; present when opened with `faultHooks`. */
  readonly faults: PlaneFaults | undefined;

  constructor(addon: Addon, options: NativePlaneOptions) {
    this.addon = addon;
    this.whenStopped = new Promise(resolve => {
      this.stopped = resolve;
    });
    const faultHooks = options.faultHooks === true;
    const encoded = refusingMisuse(() => encodeStruct(optionFields, { ...options, faultHooks }, 'options'));
    const { plane } = orThrow(addon.open(encoded, () => this.drain()));
    if (plane === undefined) throw misuse('the addon returned no plane');
    this.plane = plane;
    if (faultHooks)
      this.faults = new PlaneFaults(
        command => this.send(command),
        () => this.readCounters(),
      );
  }

  listen(options: ListenOptions): number {
    this.mustBeOpen('listen');
    const { host, port, fastPath } = options;
    if (typeof host !== 'string') throw misuse('listen: host must be a string');
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw misuse(`listen: no such port: ${String(port)}`);
    if (typeof fastPath !== 'boolean') throw misuse('listen: fastPath must be a boolean');
    return orThrow(this.addon.listen(this.plane, host, port, fastPath)).value;
  }

  submit(command: PlaneCommand): void {
    // What is still to be said while closing (answers to requests in flight) is taken; afterwards it has no addressee.
    if (this.state === 'closed') return;
    if (command.type === 'respond' || command.type === 'disconnect') this.gather(command);
    else this.send(command);
  }

  onEvent(handler: (event: PlaneEvent) => void): void {
    if (this.handler !== undefined) throw misuse('onEvent: there is a handler already');
    this.handler = handler;
    const waiting = this.early;
    this.early = [];
    for (const event of waiting) handler(event);
  }

  readCounters(): BigInt64Array {
    const into = new BigInt64Array(counters.length);
    if (this.state !== 'closed') this.addon.readCounters(this.plane, into);
    return into;
  }

  ref(): void {
    if (this.state !== 'closed') this.addon.hold(this.plane, true);
  }

  unref(): void {
    if (this.state !== 'closed') this.addon.hold(this.plane, false);
  }

  close(): Promise<void> {
    if (this.state === 'open') {
      this.state = 'closing';
      this.flush();
      this.faults?.holdSyncs(false);
      this.addon.close(this.plane);
    }
    return this.whenStopped;
  }

  private send(command: AbiUnion<typeof commands>): void {
    refusingMisuse(() => this.sent.add(command));
    if (!this.addon.submit(this.plane, this.sent.take()))
      throw misuse(`submit: '${command.type}' was refused by the addon`);
  }

  private gather(command: AbiUnion<typeof commands>): void {
    const bytes = refusingMisuse(() => this.gathered.add(command));
    this.gatheredCount++;
    if (this.gatheredCount >= gatheredMax || bytes >= gatheredBytesMax) this.flush();
    // Runs behind the bell's callback, and once more behind the promise reactions if there was an answer among them.
    else if (this.gatheredCount === 1) process.nextTick(() => this.flush());
  }

  private flush(): void {
    if (this.gatheredCount === 0 || this.state === 'closed') return;
    this.gatheredCount = 0;
    if (!this.addon.submit(this.plane, this.gathered.take()))
      throw misuse('submit: an answer was refused by the addon');
  }

  private drain(): void {
    if (this.draining || this.state === 'closed') return;
    this.draining = true;
    try {
      for (let turn = 0; turn < drainsPerTurn; turn++) {
        let into = this.into;
        let size = this.addon.drain(this.plane, into);
        if (size < 0) {
          into = new Uint8Array(-size);
          size = this.addon.drain(this.plane, into);
        }
        if (size === 0) return;
        this.decode(into.subarray(0, size), event => {
          if (event.type === 'stopped') this.finish();
          else this.deliver(event);
        });
        if (this.hasStopped()) return;
      }
      setImmediate(() => this.drain());
    } finally {
      this.draining = false;
    }
  }

  private deliver(event: PlaneEvent): void {
    if (this.handler === undefined) this.early.push(event);
    else {
      try {
        this.handler(event);
      } catch (error) {
        throwLater(error); // the events behind this one are still delivered
      }
    }
  }

  private hasStopped(): boolean {
    return this.state === 'closed';
  }

  private finish(): void {
    this.state = 'closed';
    // The second call joins the closing thread and lets go of the bell.
    this.addon.close(this.plane);
    this.stopped();
  }

  private mustBeOpen(what: string): void {
    if (this.state !== 'open') throw misuse(`${what}: the data plane is ${this.state}`);
  }
}

/** An uncaught exception, as everywhere else: a bug above must end the process. */
function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

function orThrow(outcome: NativeOutcome): NativeOutcome {
  if (outcome.code !== '') throw new PlaneFailure(outcome.code, outcome.message, outcome.errno);
  return outcome;
}

function refusingMisuse<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw misuse(cause instanceof Error ? cause.message : String(cause));
  }
}
