/** A child process whose output is kept for the error message and can be waited on. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const KEEP_CHARS = 200_000;

export type Finished = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

export class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private text = '';
  private readonly watchers = new Set<() => void>();
  private gone = false;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const keep = (data: Buffer): void => {
      this.text = (this.text + data.toString('utf8')).slice(-KEEP_CHARS);
      for (const watcher of this.watchers) watcher();
    };
    this.process.stdout?.on('data', keep);
    this.process.stderr?.on('data', keep);
    this.exited = new Promise(resolve => {
      this.process.once('error', error => {
        this.text += `${error}\n`;
        this.finish(() => resolve({ code: -1, signal: null }));
      });
      this.process.once('close', (code, signal) => this.finish(() => resolve({ code, signal })));
    });
  }

  get output(): string {
    return this.text;
  }

  get hasExited(): boolean {
    return this.gone;
  }

  /** Resolves when the output holds a match; rejects when the process ends first or the deadline passes. */
  untilOutput(pattern: RegExp, deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(this.text)) settle(resolve);
        else if (this.gone) settle(() => reject(new Error(`ended before ${pattern}:\n${this.text}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`no ${pattern} within ${deadlineMs} ms:\n${this.text}`))),
        deadlineMs,
      );
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.watchers.delete(look);
        then();
      };
      this.watchers.add(look);
      look();
    });
  }

  /** Signals the process and waits for its end; SIGKILL follows after the deadline. Returns whether it ended by itself. */
  async end(signal: NodeJS.Signals, deadlineMs: number): Promise<boolean> {
    if (this.gone) return true;
    this.process.kill(signal);
    let timely = true;
    const timer = setTimeout(() => {
      timely = false;
      this.process.kill('SIGKILL');
    }, deadlineMs);
    await this.exited;
    clearTimeout(timer);
    return timely;
  }

  private finish(resolve: () => void): void {
    this.gone = true;
    resolve();
    for (const watcher of this.watchers) watcher();
  }
}

export type RunOptions = SpawnOptions & { input?: string | Uint8Array; deadlineMs?: number };

/** Runs a command to its end and keeps its whole output. Never rejects for an exit code. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { input, deadlineMs, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...spawnOptions,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = deadlineMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    child.stdout?.on('data', (data: Buffer) => out.push(data));
    child.stderr?.on('data', (data: Buffer) => err.push(data));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      });
    });
    if (input !== undefined && child.stdin) {
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    }
  });
}

/** Like run(), but an exit code other than 0 is an error with everything the command said. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  let done: Finished;
  try {
    done = await run(command, args, options);
  } catch (error) {
    throw new Error(`${command} cannot be run, and this test needs it: ${String(error)}`);
  }
  if (done.code !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${done.code ?? done.signal}:\n${done.stdout}\n${done.stderr}`,
    );
  }
  return done;
}
