import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka } from '../test/peers/support/kafka.ts';
import { startMilena } from '../test/peers/support/milena.ts';
import { Child } from '../test/support/child.ts';
import { REPO_ROOT } from '../test/support/paths.ts';
import { freePorts } from '../test/support/peer.ts';
import type { Answers } from './shapes.ts';

/** A broker under measurement. Its data lies under `folder` and is removed by the runner at the very end (see README). */
export interface Running {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  /** Which shapes it takes part in; all that are answered from the page cache when nothing is said. */
  readonly answers?: Answers;
  /** Names of shapes it does not know. */
  readonly skips?: readonly string[];
  /** How long it is loaded before anything is measured: code that is compiled while it runs. */
  readonly warmUpSeconds?: number;
  start(folder: string): Promise<Running>;
}

/** Topics that have been measured give back their room at once. */
const deletingSoon = { 'log.segment.delete.delay.ms': '0' };

const milena = (name: string, config: Record<string, string>, root?: string): Contestant => ({
  name,
  answers: config['milena.write.caching'] === 'true' ? 'cached' : 'synced',
  start: async folder =>
    startMilena({
      dataDir: join(folder, 'data'),
      config: { ...config, ...deletingSoon },
      ...(root !== undefined && { root }),
    }),
});

const kafkaWarmUpSeconds = 5;

const kafka: Contestant = {
  name: 'kafka',
  warmUpSeconds: kafkaWarmUpSeconds,
  start: async folder => startKafka({ dataDir: join(folder, 'data'), heap: '2g', config: deletingSoon }),
};

/** What Kafka calls durable: every message is flushed before it is answered. */
const kafkaFlushing: Contestant = {
  name: 'kafka-flushing',
  answers: 'synced',
  warmUpSeconds: kafkaWarmUpSeconds,
  start: async folder =>
    startKafka({
      dataDir: join(folder, 'data'),
      heap: '2g',
      config: { ...deletingSoon, 'log.flush.interval.messages': '1' },
    }),
};

/** A server given as a program that takes a port and a folder, such as the physical limit of the machine. */
export function program(
  name: string,
  path: string,
  extra: readonly string[],
  before: readonly string[] = [],
): Contestant {
  return {
    name,
    async start(folder) {
      const [port] = await freePorts(1);
      mkdirSync(folder, { recursive: true });
      const child = new Child(path, [...before, String(port), folder, ...extra]);
      return {
        port: port!,
        pid: child.process.pid!,
        stop: async () => void (await child.end('SIGTERM', 10_000)),
      };
    },
  };
}

/** Milena while its JavaScript thread, or another one beside it, is busy so long of every period. */
const busy = (
  name: string,
  busyMs: number,
  periodMs: number,
  config: readonly string[],
  where: 'here' | 'beside' = 'here',
): Contestant =>
  program(
    name,
    process.execPath,
    [where, String(busyMs), String(periodMs), ...config],
    ['--import', join(REPO_ROOT, 'test', 'support', 'ts.mjs'), join(REPO_ROOT, 'bench', 'busy-broker.ts')],
  );

/** The broker as a whole stands still so long of every period: what a JVM that collects its garbage looks like. */
function stopped({ start }: Contestant, name: string, stillMs: number, periodMs: number): Contestant {
  return {
    name,
    async start(folder) {
      const running = await start(folder);
      const { pid } = running;
      const stopping = setInterval(() => {
        process.kill(pid, 'SIGSTOP');
        setTimeout(() => process.kill(pid, 'SIGCONT'), stillMs);
      }, periodMs);
      return {
        ...running,
        stop: async () => {
          clearInterval(stopping);
          await new Promise(resolve => setTimeout(resolve, stillMs * 2));
          await running.stop();
        },
      };
    },
  };
}

const pauseMs = 200;
const pausePeriodMs = 1_000;

/** Those that take part unless others are named. */
export const regular: readonly string[] = ['milena', 'milena-durable', 'kafka', 'limit', 'limit-sync'];

export interface Field {
  /** The path of the limit server. */
  readonly limit: string;
  /** Another limit server, to see whether ours is one: takes the same arguments. */
  readonly yardstick: string | undefined;
  /** Another checkout of Milena, built, and what it is called. */
  readonly other: { readonly root: string; readonly name: string } | undefined;
}

/** All that can take part. */
export function contestants({ limit, yardstick, other }: Field): readonly Contestant[] {
  const servers = (name: string, path: string, skips: readonly string[] = []): readonly Contestant[] => [
    { ...program(name, path, []), skips },
    { ...program(`${name}-sync`, path, ['sync']), answers: 'synced', skips },
  ];
  return [
    milena('milena', caching),
    milena('milena-durable', {}),
    ...(other ? [milena(other.name, caching, other.root), milena(`${other.name}-durable`, {}, other.root)] : []),
    busy('milena-busy', 3000, 4000, ['milena.write.caching=true']),
    busy('milena-beside', 3000, 4000, ['milena.write.caching=true'], 'beside'),
    busy('milena-durable-busy', 3000, 4000, []),
    busy('milena-durable-beside', 3000, 4000, [], 'beside'),
    kafka,
    kafkaFlushing,
    ...servers('limit', limit),
    ...(yardstick ? servers('yardstick', yardstick, ['metadata-100']) : []),
  ];
}

const noDelay = { 'group.initial.rebalance.delay.ms': '0' };
const caching = { 'milena.write.caching': 'true' };

/** Milena with so many reactors, each count a contestant. */
export const withReactors = (counts: readonly number[]): readonly Contestant[] =>
  counts.map(count => milena(`milena-${count}`, { ...caching, 'milena.reactors': String(count) }));

/** For the group coordinator: without an initial delay; `-paused` ones for 200 ms of every second, as if collecting. */
export function groupContestants(): readonly Contestant[] {
  const settings = (config: Record<string, string>) => Object.entries(config).map(([key, value]) => `${key}=${value}`);
  return [
    milena('milena', { ...caching, ...noDelay }),
    milena('milena-durable', noDelay),
    kafka,
    busy('milena-paused', pauseMs, pausePeriodMs, settings({ ...caching, ...noDelay })),
    stopped(kafka, 'kafka-paused', pauseMs, pausePeriodMs),
  ];
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
