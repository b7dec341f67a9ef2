/**
 * Test-only control of the real data plane: file calls that hang or fail, and waiting for counters with the JavaScript thread
 * stopped. Production never opens a plane with `faultHooks`.
 */
import type { AbiUnion, CounterName, commands } from './abi.ts';
import { counter } from './counters.ts';

type FaultCommand = Extract<AbiUnion<typeof commands>, { type: 'holdSyncs' | 'failCall' | 'killAtCall' }>;
export type FaultCall = Extract<FaultCommand, { type: 'failCall' }>['call'];

export class PlaneFaults {
  private readonly send: (command: FaultCommand) => void;
  private readonly read: () => BigInt64Array;
  constructor(send: (command: FaultCommand) => void, read: () => BigInt64Array) {
    this.send = send;
    this.read = read;
  }

  /** true: every sync of a file blocks from now on; false: all of them go on. */
  holdSyncs(hold: boolean): void {
    this.send({ type: 'holdSyncs', hold });
  }

  /** The n-th call of the kind from now (1: the next) fails with `errno`; with `forever` so do all after it. */
  failCall(call: FaultCall, nth: number, errno: number, forever = false): void {
    this.send({ type: 'failCall', call, nth, errno, forever });
  }

  /** The process ends as by kill -9 instead of making the n-th call of the kind from now. */
  killAtCall(call: FaultCall, nth: number): void {
    this.send({ type: 'killAtCall', call, nth });
  }

  /**
   * Blocks the JavaScript thread, events and timers included, until every counter has reached its value.
   * Throws when that has not happened after `deadlineMs`.
   */
  blockUntil(goals: { readonly [Name in CounterName]?: bigint }, deadlineMs: number): void {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    const entries = Object.entries(goals) as [CounterName, bigint][];
    for (let waited = 0; ; waited++) {
      const values = this.read();
      const missing = entries.filter(([name, goal]) => counter(values, name) < goal);
      if (missing.length === 0) return;
      if (waited >= deadlineMs) {
        const words = missing.map(([name, goal]) => `${name} ${counter(values, name)} of ${goal}`);
        throw new Error(`still missing after ${deadlineMs} ms: ${words.join(', ')}`);
      }
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}
