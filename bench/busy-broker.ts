/**
 * A broker whose JavaScript thread is kept busy, for measuring what of that a client can feel: `busy-broker.ts PORT DIR here|beside BUSY_MS PERIOD_MS
 * [key=value ...]` starts what `milena start` starts and then spins for BUSY_MS of every PERIOD_MS, until SIGTERM. `beside` spins on another thread, which
 * takes as much of the processors and leaves the broker's JavaScript alone: the difference between the two is what needs JavaScript.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { startNode } from '../src/node.ts';
import { withSingleNodeDefaults } from '../src/single-node.ts';

interface Duty {
  readonly busyMs: number;
  readonly periodMs: number;
}

/** Not one event, timer or promise of this thread is served while it spins. */
function spinning({ busyMs, periodMs }: Duty): NodeJS.Timeout {
  return setInterval(() => {
    const end = performance.now() + busyMs;
    while (performance.now() < end);
  }, periodMs - busyMs);
}

async function run(port: string, directory: string, config: readonly string[], busy: () => () => void): Promise<void> {
  const properties = new Map([
    ['listeners', `PLAINTEXT://127.0.0.1:${port}`],
    ['log.dirs', directory],
    ...config.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
  ]);
  const log = { info: () => undefined, warn: console.warn, error: console.error };
  const node = await startNode({ properties: withSingleNodeDefaults(properties), log, embedded: false });
  const end = busy();
  process.once('SIGTERM', () => {
    end();
    void node.stop();
  });
}

function here(duty: Duty): () => void {
  const timer = spinning(duty);
  return () => clearInterval(timer);
}

function beside(duty: Duty): () => void {
  const worker = new Worker(new URL(import.meta.url), { workerData: duty });
  return () => void worker.terminate();
}

if (isMainThread) {
  const [port, directory, where, busyMs, periodMs, ...config] = process.argv.slice(2);
  const duty = { busyMs: Number(busyMs), periodMs: Number(periodMs) };
  await run(port!, directory!, config, () => (where === 'beside' ? beside(duty) : here(duty)));
} else spinning(workerData as Duty);
