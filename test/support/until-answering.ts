import { RawClient } from './raw-client.ts';

/** ApiVersions v0, correlation 1, no client id: every broker answers it. */
const API_VERSIONS_V0 = Uint8Array.from([0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);
const BETWEEN_TRIES_MS = 20;

/** Resolves when the broker on this port answers ApiVersions; there is no event to wait for across processes, so it asks again until the deadline. */
export async function untilAnswering(port: number, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      const client = await RawClient.open(port);
      try {
        await client.call(API_VERSIONS_V0);
        return;
      } finally {
        await client.close();
      }
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`nothing answers on port ${port}: ${String(error)}`);
      await new Promise(resolve => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  }
}
