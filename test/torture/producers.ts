/** The producers under torture: real clients as processes that outlive every crash of the broker. */
import { join } from 'node:path';
import { installConfluentKafka } from '../clients/support/install.ts';
import { javaSource } from '../peers/support/kafka.ts';
import { Child } from '../support/child.ts';
import { REPO_ROOT } from '../support/paths.ts';
import type { Ack } from './history.ts';

const HERE = join(REPO_ROOT, 'test', 'torture');
const STOP_DEADLINE_MS = 180_000;

export type ProducerSpec = {
  readonly name: string;
  readonly kind: 'librdkafka' | 'java';
  readonly settings: readonly string[];
  readonly idempotent: boolean;
};

/** Defaults of each library, and both answers to the question of idempotence. */
export const PRODUCERS: readonly ProducerSpec[] = [
  {
    name: 'rdkafka-idempotent',
    kind: 'librdkafka',
    settings: ['enable.idempotence=true', 'compression.type=lz4'],
    idempotent: true,
  },
  { name: 'rdkafka-plain', kind: 'librdkafka', settings: [], idempotent: false },
  { name: 'java-default', kind: 'java', settings: [], idempotent: true },
  {
    name: 'java-plain',
    kind: 'java',
    settings: ['enable.idempotence=false', 'compression.type=zstd'],
    idempotent: false,
  },
];

async function command(spec: ProducerSpec, args: readonly string[]): Promise<{ command: string; args: string[] }> {
  if (spec.kind === 'java') return javaSource(join(HERE, 'TortureProducer.java'), args);
  return { command: await installConfluentKafka(), args: [join(HERE, 'producer.py'), ...args] };
}

export class RunningProducer {
  readonly name: string;
  sent: number | undefined;
  private readonly child: Child;

  private constructor(name: string, child: Child) {
    this.name = name;
    this.child = child;
  }

  static async start(
    spec: ProducerSpec,
    target: { bootstrap: string; topic: string; partitions: number },
    onAck: (ack: Ack) => void,
    onFailure: (what: string) => void,
  ): Promise<RunningProducer> {
    const given = [target.bootstrap, target.topic, String(target.partitions), spec.name, ...spec.settings];
    const { command: program, args } = await command(spec, given);
    const child = new Child(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const running = new RunningProducer(spec.name, child);
    let rest = '';
    child.process.stdout?.on('data', (data: Buffer) => {
      const lines = (rest + data.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) running.take(line, onAck, onFailure);
    });
    child.exited.then(({ code }) => {
      if (code !== 0) onFailure(`${spec.name} ended with ${code}:\n${child.output.slice(-2000)}`);
    });
    return running;
  }

  /** Ends the input; the producer flushes and ends. */
  async stop(): Promise<void> {
    this.child.process.stdin?.end();
    const timer = setTimeout(() => this.child.process.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.child.exited;
    clearTimeout(timer);
  }

  private take(line: string, onAck: (ack: Ack) => void, onFailure: (what: string) => void): void {
    const [what, number, partition, offset] = line.split(' ');
    if (what === 'ack') {
      onAck({
        producer: this.name,
        number: Number(number),
        partition: Number(partition),
        offset: BigInt(offset ?? ''),
      });
    } else if (what === 'sent') this.sent = Number(number);
    else onFailure(`${this.name}: ${line}`);
  }
}
