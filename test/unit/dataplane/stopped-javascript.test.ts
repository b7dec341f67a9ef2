/** Produce and Fetch never need the JavaScript thread: it is stopped while they go on. The load comes from another process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { counter } from '../../../src/dataplane/counters.ts';
import { leadPartition, openRealPlane, temporaryDirectory } from '../../support/plane.ts';

const deadlineMs = 60_000;

it('serves 10,000 produces, 10,000 fetches and 100 waiting fetches while JavaScript stands still', {
  timeout: 120_000,
}, async () => {
  const directory = temporaryDirectory();
  const { plane, log, port } = await openRealPlane({ logDirs: [directory.path], faultHooks: true });
  await leadPartition(plane, log, 'steady');
  await leadPartition(plane, log, 'awaited');
  const loader = fileURLToPath(new URL('../../support/ts.mjs', import.meta.url));
  const script = fileURLToPath(new URL('../../support/paced-load.ts', import.meta.url));
  const load = spawn(process.execPath, ['--import', loader, script, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await once(load.stdout, 'data');
    plane.faults!.blockUntil({ fetches_parked: 100n }, deadlineMs);
    const before = plane.readCounters();
    load.stdin.write('go\n');
    plane.faults!.blockUntil(
      {
        produce_requests: counter(before, 'produce_requests') + 10_000n,
        fetch_requests: counter(before, 'fetch_requests') + 10_000n,
        fetches_woken: counter(before, 'fetches_woken') + 100n,
      },
      deadlineMs,
    );
    expect(counter(plane.readCounters(), 'requests_to_main')).toBe(0n);
    const [status] = await once(load, 'exit');
    expect(status).toBe(0);
  } finally {
    load.kill();
    await plane.close();
    directory.remove();
  }
});
