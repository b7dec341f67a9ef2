/**
 * The embedded broker: the same code as `milena start`, in your process.
 *
 *     import { Broker } from 'milena';
 *     const broker = await Broker.start({ port: 0, dataDir, config: { 'num.partitions': '4' } });
 *     // ... clients connect to broker.bootstrapServers ...
 *     await broker.stop();
 */

import { type RunningNode, startNode } from './node.ts';
import { type Log, silent } from './server/log.ts';
import { StartFailure, type StartFailureCode } from './server/start-failure.ts';
import { withSingleNodeDefaults } from './single-node.ts';

export { type Log, StartFailure, type StartFailureCode };

export interface BrokerOptions {
  /** Where the broker keeps its data; made and formatted when it is missing or empty. */
  readonly dataDir: string;
  /** The port on 127.0.0.1 and ::1; 0, the default, lets the system choose. */
  readonly port?: number;
  /** Kafka's server properties, by their names. `listeners` here takes the place of `port`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Where lifecycle facts go; nowhere by default. */
  readonly log?: Log;
}

/** A running broker. It keeps the process alive until it is stopped or `unref` is called. */
export class Broker {
  /** `host:port` of the client listeners, as clients take it. */
  readonly bootstrapServers: string;
  readonly clusterId: string;
  readonly nodeId: number;
  private readonly node: RunningNode;

  private constructor(node: RunningNode) {
    this.node = node;
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
  static async start({ dataDir, port = 0, config = {}, log = silent }: BrokerOptions): Promise<Broker> {
    const own = new Map([
      ['listeners', `PLAINTEXT://localhost:${port}`],
      ['log.dirs', dataDir],
    ]);
    const properties = withSingleNodeDefaults(new Map([...own, ...Object.entries(config)]));
    return new Broker(await startNode({ properties, log, embedded: true }));
  }

  /** Answers what is in flight, stores everything, and leaves nothing behind. Idempotent. */
  stop(): Promise<void> {
    return this.node.stop();
  }

  /** Lets the process end although the broker runs. */
  unref(): this {
    this.node.plane.unref();
    return this;
  }

  /** Keeps the process alive again. */
  ref(): this {
    this.node.plane.ref();
    return this;
  }
}
