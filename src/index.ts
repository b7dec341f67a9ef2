/**
 * The embedded broker: the same code as `milena start`, in your process.
 *
 *     import { Broker } from 'milena';
 *     const broker = await Broker.start({ port: 0, dataDir, config: { 'num.partitions': '4' } });
 *     // ... clients connect to broker.bootstrapServers ...
 *     await broker.stop();
 */

import type { Metric } from './base/metrics.ts';
import { type RunningNode, startNode } from './node.ts';
import { type Log, silent } from './server/log.ts';
import { StartFailure, type StartFailureCode } from './server/start-failure.ts';
import { withSingleNodeDefaults } from './single-node.ts';
import type { FaultProxy } from './testing/fault-proxy.ts';
import { exposeToTesting } from './testing/internals.ts';

export { type Log, type Metric, StartFailure, type StartFailureCode };

export interface BrokerOptions {
  /** Where the broker keeps its data; made and formatted when it is missing or empty. */
  readonly dataDir: string;
  /** The port on 127.0.0.1 and ::1; 0, the default, lets the system choose. */
  readonly port?: number;
  /** Kafka's server properties, by their names. `listeners` here takes the place of `port`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Where lifecycle facts go; nowhere by default. */
  readonly log?: Log;
  /** For tests: clients reach the broker through a proxy in which `faults` of milena/testing make things go wrong. */
  readonly faults?: boolean;
}

/** A running broker. It keeps the process alive until it is stopped or `unref` is called. */
export class Broker {
  /** `host:port` of the client listeners, as clients take it. */
  readonly bootstrapServers: string;
  readonly clusterId: string;
  readonly nodeId: number;
  private readonly node: RunningNode;
  private readonly faultProxy: FaultProxy | undefined;

  private constructor(node: RunningNode, faultProxy: FaultProxy | undefined) {
    this.node = node;
    this.faultProxy = faultProxy;
    exposeToTesting(this, { faultProxy, onCommitted: listener => node.onCommitted(listener) });
    this.nodeId = node.nodeId;
    this.clusterId = node.clusterId;
    this.bootstrapServers = node.endpoints
      .map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
      .join(',');
  }

  /**
   * Resolves when clients are answered. Rejects with StartFailure, whose message is one line that says what to do, when
   * the properties, a port or a directory prevent it; nothing is left running then.
   */
  static async start({ dataDir, port = 0, config = {}, log = silent, faults = false }: BrokerOptions): Promise<Broker> {
    const proxy = faults ? await openFaultProxy(port, config) : undefined;
    const own = new Map([
      ['listeners', `PLAINTEXT://localhost:${proxy ? 0 : port}`],
      ['log.dirs', dataDir],
    ]);
    if (proxy) own.set('advertised.listeners', `PLAINTEXT://localhost:${proxy.port}`);
    const properties = withSingleNodeDefaults(new Map([...own, ...Object.entries(config)]));
    try {
      const node = await startNode({ properties, log, embedded: true });
      proxy?.forwardTo(node.ports[0]!);
      return new Broker(node, proxy);
    } catch (cause) {
      await proxy?.close();
      throw cause;
    }
  }

  /** What can be read of the broker as numbers, as of now: docs/metrics.md. */
  metrics(): readonly Metric[] {
    return this.node.metrics();
  }

  /** Answers what is in flight, stores everything, and leaves nothing behind. Idempotent. */
  async stop(): Promise<void> {
    const closed = this.faultProxy?.close();
    await this.node.stop();
    // Answers that are held back, and clients that do not read, would keep it open.
    this.faultProxy?.dropConnections();
    await closed;
  }

  /** Lets the process end although the broker runs. */
  unref(): this {
    this.node.plane.unref();
    this.faultProxy?.unref();
    return this;
  }

  /** Keeps the process alive again. */
  ref(): this {
    this.node.plane.ref();
    this.faultProxy?.ref();
    return this;
  }
}

async function openFaultProxy(port: number, config: Readonly<Record<string, string>>): Promise<FaultProxy> {
  const taken = ['listeners', 'advertised.listeners'].find(key => key in config);
  if (taken)
    throw new StartFailure('CONFIG', `${taken} and faults do not go together: faults need the one listener of port`);
  const { FaultProxy } = await import('./testing/fault-proxy.ts');
  try {
    return await FaultProxy.listen(port);
  } catch (cause) {
    throw new StartFailure('PORT_IN_USE', `cannot listen on port ${port}: ${(cause as Error).message}`, { cause });
  }
}
