/** The parent's side of faulty-broker-process.ts: a broker whose syncs a test holds shut and which it kills. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RawClient } from '../support/raw-client.ts';
import type { FaultyBrokerSetup, FileCall, Order, Report } from './faulty-broker-process.ts';

const SCRIPT = fileURLToPath(new URL('faulty-broker-process.ts', import.meta.url));
const LOADER = fileURLToPath(new URL('../support/ts.mjs', import.meta.url));
const REPORT_DEADLINE_MS = 120_000;

type Listening = Extract<Report, { type: 'listening' }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

export interface FaultyBroker {
  readonly port: number;
  /** All that was reported so far, in order. */
  readonly reports: readonly Report[];
  connect(): Promise<RawClient>;
  holdSyncs(hold: boolean): Promise<void>;
  /** Waits until `batches` more were appended, whether or not they were answered. Counted from the last call, or the last change of holdSyncs. */
  untilAppended(batches: number): Promise<void>;
  /** Waits for a report, unless it came already. */
  until(fits: (report: Report) => boolean): Promise<void>;
  /** Resolves with the signal that ended the process, if one did. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface FaultyBrokerOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly holdWhenOpening?: string;
  readonly killInHandOver?: FileCall;
}

/** Resolves when the broker listens, which is before it is ready. */
export async function startFaultyBroker(
  dataDir: string,
  { config = {}, holdWhenOpening, killInHandOver }: FaultyBrokerOptions = {},
): Promise<FaultyBroker> {
  const setup: FaultyBrokerSetup = {
    properties: { 'log.dirs': dataDir, listeners: 'PLAINTEXT://127.0.0.1:0', ...config },
    ...(holdWhenOpening === undefined ? {} : { holdWhenOpening }),
    ...(killInHandOver === undefined ? {} : { killInHandOver }),
  };
  const child = fork(SCRIPT, [JSON.stringify(setup)], { execArgv: ['--import', LOADER] });
  const reports: Report[] = [];
  const watchers = new Set<() => void>();
  const exited = new Promise<NodeJS.Signals | null>(resolve => child.once('exit', (_, signal) => resolve(signal)));
  let isGone = false;
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.on('message', (report: Report) => {
    reports.push(report);
    look();
  });
  void exited.then(() => {
    isGone = true;
    look();
  });

  const until = <T extends Report>(fits: (report: Report) => report is T): Promise<T> =>
    new Promise((resolve, reject) => {
      const said = (): string => JSON.stringify(reports);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        watchers.delete(watch);
        then();
      };
      const watch = (): void => {
        const found = reports.find(fits);
        if (found !== undefined) settle(() => resolve(found));
        else if (isGone) settle(() => reject(new Error(`the broker ended; it had reported ${said()}`)));
      };
      const late = (): void =>
        settle(() => reject(new Error(`not within ${REPORT_DEADLINE_MS} ms; there is ${said()}`)));
      const timer = setTimeout(late, REPORT_DEADLINE_MS);
      watchers.add(watch);
      watch();
    });

  let ids = 0;
  const order = async (what: WithoutId<Order>): Promise<void> => {
    const id = ids++;
    child.send({ ...what, id });
    await until((report): report is Report => report.type === 'done' && report.id === id);
  };

  const { port } = await until((report): report is Listening => report.type === 'listening');
  return {
    port,
    reports,
    connect: () => RawClient.open(port),
    holdSyncs: hold => order({ what: 'holdSyncs', hold }),
    untilAppended: batches => order({ what: 'untilAppended', batches }),
    until: async fits => void (await until((report): report is Report => fits(report))),
    ended: exited,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
