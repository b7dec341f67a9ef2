/** Milena from this checkout as a process of its own, as an operator would start it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../../support/child.ts';
import { REPO_ROOT, scratchDir } from '../../support/paths.ts';
import { freePorts, type ProcessPeer } from '../../support/peer.ts';
import { untilAnswering } from '../../support/until-answering.ts';

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;

export type MilenaOptions = {
  config?: Readonly<Record<string, string>>;
  dataDir?: string;
  /** Clients that must find a restarted broker again need its old port. */
  port?: number;
  /** Put before the node command: strace, for one. */
  wrap?: readonly string[];
  /** Another checkout, built. */
  root?: string;
};

export async function startMilena(options: MilenaOptions = {}): Promise<ProcessPeer & { output(): string }> {
  const root = options.root ?? REPO_ROOT;
  const bin = join(root, 'dist', 'cli', 'bin.js');
  if (!existsSync(bin)) throw new Error(`${bin} is missing: run \`npm run build\` first`);
  const dataDir = options.dataDir ?? join(scratchDir('broker'), 'data');
  const port = options.port ?? (await freePorts(1))[0]!;
  const config = { listeners: `PLAINTEXT://127.0.0.1:${port}`, 'log.dirs': dataDir, ...options.config };
  const overrides = Object.entries(config).flatMap(([key, value]) => ['--override', `${key}=${value}`]);
  const [command = process.execPath, ...before] = [...(options.wrap ?? []), process.execPath];
  const child = new Child(command, [...before, bin, 'start', ...overrides], { cwd: root });
  const ended = child.exited.then(() => {
    throw new Error(`milena ended while it started:\n${child.output}`);
  });
  try {
    await Promise.race([untilAnswering(port, START_DEADLINE_MS), ended]);
  } catch (error) {
    await child.end('SIGKILL', STOP_DEADLINE_MS);
    throw new Error(`${String(error)}\nmilena said:\n${child.output}`);
  }
  ended.catch(() => undefined);
  return {
    name: 'milena',
    host: '127.0.0.1',
    port,
    bootstrap: `127.0.0.1:${port}`,
    dataDir,
    pid: child.process.pid!,
    output: () => child.output,
    stop: async () => {
      const timely = await child.end('SIGTERM', STOP_DEADLINE_MS);
      if (!timely) throw new Error(`milena did not stop within ${STOP_DEADLINE_MS} ms:\n${child.output}`);
    },
    kill: async () => {
      await child.end('SIGKILL', STOP_DEADLINE_MS);
    },
  };
}
