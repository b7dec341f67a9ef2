import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { expect, it } from 'vitest';
import { WorkerCleaningPool } from '../../../src/dataplane/cleaning-pool.ts';

const lowPriority = constants.priority.PRIORITY_BELOW_NORMAL;
const task = {
  nowMs: 0n,
  deleteRetentionMs: 0n,
  mapBytesMax: 1 << 20,
  mapLoadPercent: 90,
  bytesPerSecond: -1,
  secret: new Uint8Array(16),
};

/** Of every thread of this process, as the system sees them (proc(5)). */
const niceValues = (): number[] =>
  readdirSync('/proc/self/task').map(thread => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });

it.skipIf(getPriority() >= lowPriority)(
  'cleans at a low priority and leaves that of all other threads alone',
  async () => {
    const before = niceValues();
    const pool = new WorkerCleaningPool(1);
    const { message } = await pool.clean(new Uint8Array([1]), task, () => {}).result;
    expect(message).toContain('these bytes are no plan');
    const now = niceValues();
    await pool.close();
    const low = (values: number[]) => values.filter(value => value >= lowPriority).length;
    expect(low(now)).toBe(low(before) + 1);
  },
);
