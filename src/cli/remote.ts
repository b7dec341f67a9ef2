import { type Command, InvalidArgumentError, Option } from 'commander';
import { Cluster } from '../client/cluster.ts';
import type { Format } from './output.ts';

/** Options of every command that talks to a cluster. */
export interface Remote {
  readonly bootstrapServer: string;
  readonly format: Format;
}

export function remoteCommand(command: Command): Command {
  return command
    .option('-b, --bootstrap-server <host:port,...>', 'brokers to begin with', 'localhost:9092')
    .addOption(new Option('--format <format>', 'how to show the result').choices(['table', 'json']).default('table'));
}

/** Runs `work` on a connected cluster and leaves nothing open, whatever happens. */
export async function withCluster<T>(remote: Remote, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await Cluster.connect(remote.bootstrapServer);
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}

/** For commander: an integer in [min, max]. */
export const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Give an integer from ${min} to ${max}.`);
    }
    return value;
  };

/** For commander: collects repeated `key=value` options. */
export function keyValue(text: string, before: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Write key=value.');
  return new Map([...before, [text.slice(0, at), text.slice(at + 1)]]);
}

/** For commander: collects repeated options. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

export const int32Max = 2 ** 31 - 1;
export const int16Max = 2 ** 15 - 1;
