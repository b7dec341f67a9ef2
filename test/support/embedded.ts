/** Milena embedded in the test's own process. */
import { join } from 'node:path';
import { Broker } from '../../src/index.ts';
import { scratchDir } from './paths.ts';
import { RawClient } from './raw-client.ts';

export type Embedded = {
  readonly broker: Broker;
  readonly port: number;
  readonly dataDir: string;
  connect(): Promise<RawClient>;
};

export async function startEmbedded(
  config: Readonly<Record<string, string>> = {},
  dataDir = join(scratchDir('embedded'), 'data'),
): Promise<Embedded> {
  const broker = await Broker.start({ port: 0, dataDir, config: { 'node.id': '1', ...config } });
  const port = Number(broker.bootstrapServers.split(':').at(-1));
  return { broker, port, dataDir, connect: () => RawClient.open(port) };
}
