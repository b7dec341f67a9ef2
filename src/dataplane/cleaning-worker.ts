// What runs in a cleaning worker: one synchronous native pass. Groups of finished segments go back as they are made.
import { constants, getPriority, setPriority } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { loadAddon } from './load.ts';

export interface CleaningWork {
  readonly plan: Uint8Array;
  readonly task: Uint8Array;
  /** Shared; not 0 ends the pass. */
  readonly cancel: Int32Array;
  readonly groups: MessagePort;
}

/** nice(2) of this thread alone, on Linux: who serves clients goes first where processors are scarce. */
const cleaningPriority = constants.priority.PRIORITY_BELOW_NORMAL;
try {
  if (getPriority() < cleaningPriority) setPriority(cleaningPriority);
} catch {
  // A system that does not allow it cleans at the priority it has.
}

export default function clean({ plan, task, cancel, groups }: CleaningWork): Uint8Array {
  try {
    return loadAddon().cleanLog(plan, task, cancel, group => groups.postMessage(group));
  } finally {
    // Behind the last group: whoever reads the port knows that there are no more.
    groups.postMessage(null);
    groups.close();
  }
}
