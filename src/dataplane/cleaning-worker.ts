// What runs in a cleaning worker: one synchronous native pass. Groups of finished segments go back as they are made.
import type { MessagePort } from 'node:worker_threads';
import { loadAddon } from './load.ts';

export interface CleaningWork {
  readonly plan: Uint8Array;
  readonly task: Uint8Array;
  /** Shared; not 0 ends the pass. */
  readonly cancel: Int32Array;
  readonly groups: MessagePort;
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
