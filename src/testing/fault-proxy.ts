import { createServer, type Server, type Socket } from 'node:net';
import { AppendFaults } from './append-faults.ts';
import { ProxiedConnection, type ProxyRules } from './proxied-connection.ts';

/** Loopback in both families, as brokers on "localhost" listen; a machine may lack the second. */
const hosts = ['127.0.0.1', '::1'];
/** How often a port that is free in one family only is given back for another. */
const attemptsMax = 20;

/**
 * Stands between the clients and an embedded broker that was started with `faults`: what is to go wrong goes wrong here, and
 * the broker itself has no part of it. Until `forwardTo` is called, connections wait.
 */
export class FaultProxy implements ProxyRules {
  readonly appends = new AppendFaults();
  readonly port: number;
  readonly #servers: readonly Server[];
  readonly #connections = new Set<ProxiedConnection>();
  readonly #delays = new Map<number, number>();
  #delayAllMs = 0;
  #early: Socket[] | undefined = [];
  #brokerPort = 0;

  private constructor(servers: readonly Server[], port: number) {
    this.#servers = servers;
    this.port = port;
    for (const server of servers) server.on('connection', socket => this.#accept(socket));
  }

  /** Port 0 lets the system choose. Rejects with the error of the system when the port is taken. */
  static async listen(port: number): Promise<FaultProxy> {
    for (let attempt = 1; ; attempt++) {
      const first = await listening(hosts[0]!, port);
      const chosen = portOf(first);
      try {
        return new FaultProxy([first, ...(await second(chosen))], chosen);
      } catch (error) {
        first.close();
        if (port !== 0 || attempt === attemptsMax) throw error;
      }
    }
  }

  forwardTo(brokerPort: number): void {
    this.#brokerPort = brokerPort;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const socket of early) this.#accept(socket);
  }

  delayMsOf(apiKey: number): number {
    return this.#delays.get(apiKey) ?? this.#delayAllMs;
  }

  /** Undefined: all APIs. 0 ms: no delay. */
  delay(apiKey: number | undefined, ms: number): void {
    if (apiKey !== undefined) {
      this.#delays.set(apiKey, ms);
      return;
    }
    this.#delays.clear();
    this.#delayAllMs = ms;
  }

  /** No append fails any more, no answer waits, those that are held back go. */
  clear(): void {
    this.appends.clear();
    this.delay(undefined, 0);
    for (const connection of this.#connections) connection.release();
  }

  dropConnections(): void {
    for (const connection of this.#connections) connection.drop();
  }

  unref(): void {
    for (const one of [...this.#servers, ...this.#connections]) one.unref();
  }

  ref(): void {
    for (const one of [...this.#servers, ...this.#connections]) one.ref();
  }

  /** Takes no new connections. Those that are there end with the broker; `dropConnections` ends them at once. */
  async close(): Promise<void> {
    for (const socket of this.#early ?? []) socket.destroy();
    await Promise.all(this.#servers.map(server => new Promise(resolve => server.close(resolve))));
  }

  #accept(socket: Socket): void {
    if (this.#early) {
      this.#early.push(socket);
      return;
    }
    const connection = new ProxiedConnection(socket, this.#brokerPort, this, () => {
      this.#connections.delete(connection);
    });
    this.#connections.add(connection);
  }
}

function listening(host: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: true }, () => resolve(server));
  });
}

/** The other family at the same port, if the machine has one. */
async function second(port: number): Promise<Server[]> {
  try {
    return [await listening(hosts[1]!, port)];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return [];
    throw error;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
