// Every command but a plain start, read by commander. A command's modules are loaded when it is the one asked for: a broker
// starts without those of the client, and the other way round.
import { Command, CommanderError } from 'commander';
import { watchReader } from './output.ts';

type Register = (program: Command) => void;

const commands: Readonly<Record<string, () => Promise<Register>>> = {
  start: async () => (await import('./start-command.ts')).registerStart,
  format: async () => (await import('./format.ts')).registerFormat,
  topic: async () => (await import('./topic.ts')).registerTopic,
  produce: async () => (await import('./produce.ts')).registerProduce,
  consume: async () => (await import('./consume.ts')).registerConsume,
  group: async () => (await import('./group.ts')).registerGroup,
  cluster: async () => (await import('./cluster.ts')).registerCluster,
  bench: async () => (await import('./bench.ts')).registerBench,
};

export async function run(argv: readonly string[]): Promise<void> {
  watchReader();
  const program = new Command('milena')
    .description('A broker that speaks the Kafka protocol')
    .exitOverride()
    .showHelpAfterError('(see --help)');
  const asked = commands[argv[2] ?? ''];
  for (const load of asked === undefined ? Object.values(commands) : [asked]) (await load())(program);
  try {
    await program.parseAsync(argv);
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    process.exitCode = cause.exitCode;
  }
}
