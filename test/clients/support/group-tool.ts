/** kafka-consumer-groups, run as often as one likes in one JVM (test/clients/java/GroupTool.java). */
import { createInterface, type Interface } from 'node:readline';
import { Child } from '../../support/child.ts';
import type { Peer } from '../../support/peer.ts';
import { compileJava } from './install.ts';

const END_DEADLINE_MS = 30_000;

export class GroupTool {
  private readonly server: readonly string[];
  private readonly child: Child;
  private readonly lines: Interface;
  private readonly waiting: ((output: string) => void)[] = [];

  private constructor(broker: Peer, program: readonly string[]) {
    this.server = ['--bootstrap-server', broker.bootstrap];
    this.child = new Child('java', program, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.lines = createInterface({ input: this.child.process.stdout! });
    this.lines.on('line', line => this.waiting.shift()?.(Buffer.from(line, 'base64').toString('utf8')));
  }

  static async start(broker: Peer): Promise<GroupTool> {
    return new GroupTool(broker, await compileJava('GroupTool'));
  }

  /** What the tool printed, to either of its streams. */
  run(...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiting.push(resolve);
      this.child.exited.then(() => reject(new Error(`the tool ended:\n${this.child.output.slice(-3000)}`)));
      this.child.process.stdin?.write(`${[...this.server, ...args].join('\t')}\n`);
    });
  }

  async stop(): Promise<void> {
    this.child.process.stdin?.end();
    await this.child.end('SIGTERM', END_DEADLINE_MS);
  }
}
