/**
 * A broker whose JavaScript thread is kept busy, for measuring what of that a client can feel: `busy-broker.ts PORT DIR BUSY_MS PERIOD_MS [key=value ...]` starts
 * what `milena start` starts and then spins for BUSY_MS of every PERIOD_MS, until SIGTERM.
 */
import { startNode } from '../src/node.ts';
import { withSingleNodeDefaults } from '../src/single-node.ts';

const [port, directory, busyMs, periodMs, ...config] = process.argv.slice(2);
const properties = new Map([
  ['listeners', `PLAINTEXT://127.0.0.1:${port}`],
  ['log.dirs', directory!],
  ...config.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
]);
const log = { info: () => undefined, warn: console.warn, error: console.error };
const node = await startNode({ properties: withSingleNodeDefaults(properties), log, embedded: false });

/** Not one event, timer or promise is served meanwhile. */
function spin(): void {
  const end = performance.now() + Number(busyMs);
  while (performance.now() < end);
}

const spinning = setInterval(spin, Number(periodMs) - Number(busyMs));
process.once('SIGTERM', () => {
  clearInterval(spinning);
  void node.stop();
});
