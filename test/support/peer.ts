/** A running broker as tests see it, whoever made it. */
import { createServer } from 'node:net';

export type Peer = {
  readonly name: 'kafka' | 'milena';
  readonly host: string;
  readonly port: number;
  /** host:port */
  readonly bootstrap: string;
  readonly dataDir: string;
  /** Clean shutdown; idempotent. */
  stop(): Promise<void>;
};

/** A process that can also be killed without warning. */
export type ProcessPeer = Peer & {
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. The data stays. */
  kill(): Promise<void>;
};

/** Ports that nobody listened on a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map(server => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
    return address.port;
  });
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}
