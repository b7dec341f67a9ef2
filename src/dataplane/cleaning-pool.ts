// The workers of one log directory. None runs while there is nothing to clean: twelve idle ones would cost 100 MB.
import { join } from 'node:path';
import type { Piscina } from 'piscina';
import type { CleaningPool, CleaningResult, CleaningRun, CleaningTask } from '../runtime/ports.ts';
import { cleaning } from './abi.ts';
import type { CleaningWork } from './cleaning-worker.ts';
import { decodeStruct, encodeStruct } from './codec.ts';
import { packageRoot } from './package-root.ts';

/** Workers end when they have had nothing to do for so long, in milliseconds. */
const idleMs = 5_000;
const closeMs = 1_000;
// A worker is loaded as JavaScript, from src as well as from dist.
const workerFile = join(packageRoot, 'dist', 'dataplane', 'cleaning-worker.js');

export class WorkerCleaningPool implements CleaningPool {
  private readonly threads: number;
  /** Made when there is something to clean: loading it would be felt in every start. */
  private workers: Promise<Piscina<CleaningWork, Uint8Array>> | undefined;
  private readonly cancels = new Set<Int32Array>();

  constructor(threads: number) {
    this.threads = threads;
  }

  clean(plan: Uint8Array, task: CleaningTask, cleaned: (group: Uint8Array) => void): CleaningRun {
    const cancel = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.cancels.add(cancel);
    const result = this.run(plan, task, cancel, cleaned).finally(() => this.cancels.delete(cancel));
    return { result, cancel: () => void Atomics.store(cancel, 0, 1) };
  }

  async close(): Promise<void> {
    for (const cancel of this.cancels) Atomics.store(cancel, 0, 1);
    await (await this.workers)?.close();
  }

  private async open(): Promise<Piscina<CleaningWork, Uint8Array>> {
    const { Piscina } = await import('piscina');
    return new Piscina({
      filename: workerFile,
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: idleMs,
      closeTimeout: closeMs,
    });
  }

  private async run(
    plan: Uint8Array,
    task: CleaningTask,
    cancel: Int32Array,
    cleaned: (group: Uint8Array) => void,
  ): Promise<CleaningResult> {
    const { port1, port2 } = new MessageChannel();
    const groupsSeen = new Promise<void>(resolve => {
      port1.on('message', (group: Uint8Array | null) => (group === null ? resolve() : cleaned(group)));
      port1.on('close', resolve);
    });
    try {
      const encoded = encodeStruct(cleaning.CleaningTask, task, 'task').slice();
      this.workers ??= this.open();
      const workers = await this.workers;
      const bytes = await workers.run({ plan, task: encoded, cancel, groups: port2 }, { transferList: [port2] });
      await groupsSeen;
      return decodeStruct(cleaning.CleaningResult, bytes);
    } catch (cause) {
      return { ...nothing, status: 'failed', message: cause instanceof Error ? cause.message : String(cause) };
    } finally {
      port1.close();
    }
  }
}

const nothing = {
  cleanEnd: -1n,
  mapFull: false,
  keys: 0n,
  bytesRead: 0n,
  bytesBefore: 0n,
  bytesAfter: 0n,
  recordsRemoved: 0n,
};
