/**
 * Processors of a virtual machine are lent: what its host gives to others in a window of two seconds moves a p99 more than anything that
 * is measured here. So each window says how much of it was stolen, and one that was not calm is measured again.
 */
import type { Figures } from './load.ts';

/** At most this share of all processors' time: 99th percentiles of paced load were seen to stay the same below it. */
const stolenShareMax = 0.0025;
const windowsMax = 4;

export const isCalm = ({ stolenShare }: Pick<Figures, 'stolenShare'>): boolean => stolenShare <= stolenShareMax;

/** The first calm window; the calmest of `most` when none was. What was measured in them has no say. */
export async function calmest(window: () => Promise<Figures>, most = windowsMax): Promise<Figures> {
  let best = await window();
  for (let windows = 1; windows < most && !isCalm(best); windows++) {
    const next = await window();
    if (next.stolenShare < best.stolenShare) best = next;
  }
  return best;
}
