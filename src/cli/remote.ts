import { type Command, Option } from 'commander';
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
