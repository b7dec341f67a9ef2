/**
 * npm run bench -- offsets [--commits 10000000] [--groups 1000] [--partitions 100] [--restarts 3] [--only milena,kafka] [--json FILE]
 *
 * How long a restart takes to load `__consumer_offsets`, before and after it was cleaned: `groups` groups commit all
 * `partitions` of a topic again and again, to Milena; every contestant gets a copy of the directory. The segments are rolled
 * at the end (segment.ms), as they are on a broker that has run for a week, so that little lies above what can be cleaned.
 * Cleaned it is loaded `restarts` times, and the median counts. A load lasts from when the first partition's begins until the
 * last one's is over, both as the broker's own log says.
 */
import { cpSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../../test/peers/support/kafka.ts';
import { startMilena } from '../../test/peers/support/milena.ts';
import { untilCleaned } from '../../test/support/cleaned.ts';
import { scratchDir } from '../../test/support/paths.ts';
import type { ProcessPeer } from '../../test/support/peer.ts';
import { chosen } from '../choose.ts';
import { removeFolder } from '../contestants.ts';
import { commitAll, offsetsPartitions } from '../offsets-log.ts';
import { cpuSeconds } from '../process.ts';
import { save } from '../save.ts';
import { median } from '../statistics.ts';

const betweenLooksMs = 20;
const noCleaner = { 'log.cleaner.enable': 'false' };
const cleaner = { 'log.cleaner.backoff.ms': '100' };

type Talkative = ProcessPeer & { output(): string };

/** When a partition's load was over, in milliseconds since 1970, and how long it took. */
interface Load {
  readonly partition: number;
  readonly endMs: number;
  readonly tookMs: number;
}

interface Loader {
  readonly name: string;
  start(dataDir: string, config: Record<string, string>): Promise<Talkative>;
  loads(output: string): Load[];
}

const contestants: readonly Loader[] = [
  {
    name: 'milena',
    start: (dataDir, config) => startMilena({ dataDir, config }),
    loads: output =>
      [...output.matchAll(/"time":(\d+).*"group coordinator (\d+) loaded up to offset \d+ in (\d+) ms"/g)].map(
        ([, end, partition, took]) => ({ partition: Number(partition), endMs: Number(end), tookMs: Number(took) }),
      ),
  },
  {
    name: 'kafka',
    start: (dataDir, config) => startKafka({ dataDir, config, heap: '2g' }),
    loads: output =>
      [
        ...output.matchAll(
          /^\[(\S+) (\S+),(\d+)\].*Finished loading of metadata from __consumer_offsets-(\d+) .* in (\d+)ms/gm,
        ),
      ].map(([, day, time, ms, partition, took]) => ({
        partition: Number(partition),
        endMs: Date.parse(`${day}T${time}.${ms}`),
        tookMs: Number(took),
      })),
  },
];

interface LoadFigures {
  readonly seconds: number;
  /** Of the process, from its start until everything is loaded. */
  readonly cpuSeconds: number;
  readonly load: number;
}

async function untilLoaded(broker: Talkative, { loads }: Loader): Promise<LoadFigures> {
  // Of a talkative broker's output only the end is kept.
  const seen = new Map<number, Load>();
  for (;;) {
    for (const load of loads(broker.output())) seen.set(load.partition, load);
    if (seen.size === offsetsPartitions) {
      const done = [...seen.values()];
      const began = Math.min(...done.map(({ endMs, tookMs }) => endMs - tookMs));
      const seconds = (Math.max(...done.map(({ endMs }) => endMs)) - began) / 1000;
      return { seconds, cpuSeconds: cpuSeconds(broker.pid), load: loadavg()[0]! };
    }
    await new Promise(resolve => setTimeout(resolve, betweenLooksMs));
  }
}

async function loadOnce(loader: Loader, dataDir: string): Promise<LoadFigures> {
  const broker = await loader.start(dataDir, noCleaner);
  const figures = await untilLoaded(broker, loader);
  await broker.stop();
  return figures;
}

async function clean(loader: Loader, dataDir: string): Promise<number> {
  const broker = await loader.start(dataDir, cleaner);
  const began = performance.now();
  await untilCleaned(
    dataDir,
    Array.from({ length: offsetsPartitions }, (_, partition) => `__consumer_offsets-${partition}`),
  );
  const seconds = (performance.now() - began) / 1000;
  await broker.stop();
  return seconds;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      commits: { type: 'string', default: '10000000' },
      groups: { type: 'string', default: '1000' },
      partitions: { type: 'string', default: '100' },
      restarts: { type: 'string', default: '3' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const sizes = {
    commits: Number(values.commits),
    groups: Number(values.groups),
    partitions: Number(values.partitions),
  };
  const folder = scratchDir('bench-offsets');
  const written = join(folder, 'written');
  const writer = await startMilena({ dataDir: written, config: { ...noCleaner, 'milena.write.caching': 'true' } });
  const began = performance.now();
  await commitAll(writer.port, sizes);
  process.stderr.write(`${sizes.commits} offsets committed in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  await writer.stop();

  const lines = ['| broker | loads uncleaned in, s | cleaned in, s | loads cleaned in, s |', '|---|---|---|---|'];
  const results: Record<string, object> = {};
  for (const loader of chosen(contestants, values.only)) {
    const dataDir = join(folder, loader.name);
    cpSync(written, dataDir, { recursive: true });
    const before = await loadOnce(loader, dataDir);
    const cleaningSeconds = await clean(loader, dataDir);
    const after: LoadFigures[] = [];
    for (let restart = 0; restart < Number(values.restarts); restart++) after.push(await loadOnce(loader, dataDir));
    results[loader.name] = { before, cleaningSeconds, after };
    const seconds = median(after.map(one => one.seconds));
    const cells = [before.seconds, cleaningSeconds, seconds].map(seconds => seconds.toFixed(2));
    lines.push(`| ${[loader.name, ...cells].join(' | ')} |`);
    process.stderr.write(`${loader.name} ${JSON.stringify(results[loader.name])}\n`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  save(values.json, { ...sizes, results });
  removeFolder(folder);
}
