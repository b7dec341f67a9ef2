/** The command line as its users run it: the built `milena` in a process of its own. */
import { join } from 'node:path';
import { Child, type Finished, run } from './child.ts';
import { REPO_ROOT } from './paths.ts';

const bin = join(REPO_ROOT, 'dist', 'cli', 'bin.js');
const deadlineMs = 120_000;

/** Commands against one cluster. */
export class Cli {
  readonly #bootstrap: string;

  constructor(bootstrap: string) {
    this.#bootstrap = bootstrap;
  }

  #args(args: readonly string[]): string[] {
    return [bin, ...args, '--bootstrap-server', this.#bootstrap];
  }

  run(args: readonly string[], input?: string): Promise<Finished> {
    return run(process.execPath, this.#args(args), { deadlineMs, ...(input !== undefined && { input }) });
  }

  /** What it printed; any exit code but 0 throws. */
  async must(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) throw new Error(`milena ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.must([...args, '--format', 'json'])) as T;
  }

  /** Runs until it is told to end. */
  spawn(args: readonly string[]): Child {
    return new Child(process.execPath, this.#args(args));
  }
}
