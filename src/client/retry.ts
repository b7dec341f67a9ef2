import { errorOf } from '../protocol/errors.ts';
import { ClientFailure } from './failure.ts';

/** How often something that passes by itself is tried, and how long between. */
const attemptsMax = 100;
export const retryMs = 100;

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** Is it likely to pass by itself: a moved coordinator, a broker that is starting, a broken connection? */
export const passes = (error: unknown): boolean =>
  error instanceof ClientFailure && error.code !== 0 && errorOf(error.code).retriable;

/** Runs `work` until it succeeds or fails with what does not pass by itself; the last failure is thrown. */
export async function whilePassing<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || attempt === attemptsMax) throw error;
      await pause(retryMs);
    }
  }
}
