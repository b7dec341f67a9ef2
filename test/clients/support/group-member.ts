/**
 * A member of a consumer group as a process of its own, whatever client it is made of.
 * It is told `leave` on its standard input (so is the end of it), commits after every batch, and prints one JSON line for each of:
 *   {"type":"assigned","generation":3,"memberId":"...","partitions":[0,1]}   all it owns, after every rebalance
 *   {"type":"revoked","partitions":[0]}
 *   {"type":"records","partition":0,"records":[[offset,event],...]}          before their offsets are committed
 *   {"type":"refused","what":"..."}                                          what the client threw and the member survived
 *   {"type":"left"}                                                          after a clean close
 */
import { Child } from '../../support/child.ts';

export type MemberLine =
  | { type: 'assigned'; generation: number; memberId: string; partitions: number[] }
  | { type: 'revoked'; partitions: number[] }
  | { type: 'records'; partition: number; records: [number, number][] }
  | { type: 'refused'; what: string }
  | { type: 'left' };

export type Command = { readonly command: string; readonly args: readonly string[] };

const TYPES: ReadonlySet<unknown> = new Set(['assigned', 'revoked', 'records', 'refused', 'left']);
const KEEP_LINES = 12;

function parse(name: string, text: string): MemberLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw new Error(`${name} printed what is no JSON: ${text}`);
  }
  if (typeof line !== 'object' || line === null || !('type' in line) || !TYPES.has(line.type)) {
    throw new Error(`${name} printed an unknown line: ${text}`);
  }
  return line as MemberLine;
}

export class GroupMember {
  readonly name: string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** How many assignments it has reported. */
  assignments = 0;
  /** Set by whoever ends it: any other end is a failure. */
  ending: 'leave' | 'kill' | undefined;
  private readonly child: Child;
  private readonly tail: string[] = [];

  constructor(
    name: string,
    { command, args }: Command,
    onLine: (member: GroupMember, line: MemberLine) => void,
    onFailure: (what: string) => void,
  ) {
    this.name = name;
    this.child = new Child(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.exited = this.child.exited;
    this.child.process.stdin?.on('error', () => undefined);
    let rest = '';
    this.child.process.stdout?.on('data', (data: Buffer) => {
      const lines = (rest + data.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      try {
        for (const line of lines) this.take(line, onLine);
      } catch (error) {
        onFailure(String(error));
      }
    });
    this.child.exited.then(({ code, signal }) => {
      const right = this.ending === 'kill' ? signal === 'SIGKILL' : this.ending === 'leave' && code === 0;
      if (!right) onFailure(`${name} ended with ${code ?? signal}:\n${this.child.output.slice(-3000)}`);
    });
  }

  get hasExited(): boolean {
    return this.child.hasExited;
  }

  /** Asks for a clean leave. */
  leave(): void {
    this.ending ??= 'leave';
    this.child.process.stdin?.end('leave\n');
  }

  kill(): void {
    this.ending = 'kill';
    this.child.process.kill('SIGKILL');
  }

  /** Stops the process where it stands; the broker hears nothing of it. */
  freeze(): void {
    this.child.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.process.kill('SIGCONT');
  }

  /** The last things it said that were not records. */
  report(): string {
    return [`${this.name}${this.hasExited ? ' (ended)' : ''}:`, ...this.tail].join('\n    ');
  }

  private take(text: string, onLine: (member: GroupMember, line: MemberLine) => void): void {
    const line = parse(this.name, text);
    if (line.type === 'assigned') this.assignments++;
    if (line.type !== 'records') {
      this.tail.push(text.slice(0, 300));
      if (this.tail.length > KEEP_LINES) this.tail.shift();
    }
    onLine(this, line);
  }
}
