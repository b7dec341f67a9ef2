// The composition root: builds every part of a node from its properties, starts them in order and stops them in reverse.
//
//   properties -> directories -> data plane (locks) -> metadata log -> registration -> partitions -> listeners -> ready
import { assert } from './base/assert.ts';
import { type Metric, Metrics } from './base/metrics.ts';
import { uuidAt } from './base/uuid.ts';
import { addressesOf, type BoundListeners, bindListeners, endpointsOf, startFailure } from './bind.ts';
import type { BrokerConfig } from './core/config/broker-config.ts';
import { createTopics } from './core/controller/create-topics.ts';
import { allocateProducerIds } from './core/controller/producer-ids.ts';
import type { Endpoint } from './core/metadata/image.ts';
import type { ControllerEndpoint } from './core/metadata/raft-facts.ts';
import { openDataPlane } from './dataplane/client.ts';
import { diskFiles } from './disk-files.ts';
import { systemClock, systemEntropy } from './host.ts';
import { NodeCleaner } from './node-cleaner.ts';
import { type NodeConfig, readNodeConfig } from './node-config.ts';
import { Coordinators } from './node-coordinators.ts';
import { checkNodeStorage, type NodeStorage, openNodeStorage } from './node-storage.ts';
import { PartitionHandles } from './runtime/handles.ts';
import { MetadataLog } from './runtime/metadata-log.ts';
import { MetadataLogError, type MetadataLogLimits } from './runtime/metadata-log-options.ts';
import type { DataPlane, DataPlaneOptions, PlaneEvent } from './runtime/ports.ts';
import { startBroker, stopBroker } from './runtime/start-broker.ts';
import { Tickets } from './runtime/tickets.ts';
import { brokerApis, controllerApis } from './server/apis.ts';
import { AutoCreation } from './server/auto-creation.ts';
import { configRules, topicSettings } from './server/controller-settings.ts';
import { apiTable, Dispatcher, type ServedListener } from './server/dispatch.ts';
import { LiveConfigs } from './server/live-configs.ts';
import type { Log } from './server/log.ts';
import { Partitions } from './server/partitions.ts';
import { PlaneAsks } from './server/plane-asks.ts';
import { ProducerIds } from './server/producer-ids.ts';
import type { Services } from './server/services.ts';
import { StartFailure } from './server/start-failure.ts';

export interface NodeOptions {
  readonly properties: ReadonlyMap<string, string>;
  readonly log: Log;
  /** In somebody else's process: one reactor unless configured. */
  readonly embedded: boolean;
  /** The data plane to use instead of the real one. */
  readonly openPlane?: (options: DataPlaneOptions) => DataPlane;
}

/** One running broker (and controller). Made by `startNode`. */
export interface RunningNode {
  readonly nodeId: number;
  readonly clusterId: string;
  /** What clients are told, the listeners of the controller excluded. */
  readonly endpoints: readonly Endpoint[];
  /** Where the same listeners are bound, whatever is advertised. */
  readonly ports: readonly number[];
  /** Resolves when the node cannot go on; it has begun to stop then. Never rejects. */
  readonly failed: Promise<StartFailure>;
  readonly plane: DataPlane;
  /** Everything there is to read, as of now. */
  metrics(): readonly Metric[];
  /** Calls `listener` with the group of every offset commit that is stored; the returned function ends that. */
  onCommitted(listener: (groupId: string) => void): () => void;
  /** Answers what is in flight, stores everything, releases everything. Idempotent. */
  stop(): Promise<void>;
}

/** Resolves when Metadata would be answered. Rejects with StartFailure, and leaves nothing behind then. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { log } = options;
  const node = readNodeConfig(options.properties, log, options.embedded);
  const hosts = await Promise.all(node.listeners.map(({ host }) => addressesOf(host)));
  const told = await endpointsOf(node.listeners.map(plan => ({ plan, port: plan.port })));
  const endpoint = controllerEndpoint(node, told);
  // Opening the plane locks the directories: of two starts on one empty directory, only one gets as far as formatting it.
  const { paths, isNew } = await checkNodeStorage(node, endpoint);
  const plane = openPlane(options, { ...node.plane, logDirs: paths });
  try {
    const bind = (): BoundListeners => bindListeners(plane, node.listeners, hosts);
    // A port that the system chooses must be known before the broker is registered, and nothing is formatted for a broker that cannot
    // listen; requests wait until all is there. Else nobody is made to wait while logs are recovered.
    const early = isNew || node.listeners.some(({ port }) => port === 0) ? bind() : undefined;
    const storage = await openNodeStorage(node, endpoint, log);
    const parts = new NodeParts(node, storage, plane, log);
    try {
      return await parts.start(early, bind);
    } catch (cause) {
      await parts.abandon();
      throw cause;
    }
  } catch (cause) {
    await plane.close();
    if (cause instanceof MetadataLogError) throw new StartFailure('FORMAT', cause.message, { cause });
    throw cause;
  }
}

/** A node that nobody joins needs no listener for controllers; a quorum names an endpoint of its voters all the same. */
export function controllerEndpoint({ listeners }: NodeConfig, endpoints: readonly Endpoint[]): ControllerEndpoint {
  const own = endpoints[listeners.findIndex(({ isController }) => isController)];
  return own ?? { ...endpoints[0]!, name: 'CONTROLLER' };
}

function openPlane({ openPlane: given }: NodeOptions, plane: DataPlaneOptions): DataPlane {
  try {
    return (given ?? openDataPlane)(plane);
  } catch (cause) {
    throw startFailure(cause, `log directories ${plane.logDirs.join(', ')}`);
  }
}

class NodeParts {
  private readonly node: NodeConfig;
  private readonly storage: NodeStorage;
  private readonly plane: DataPlane;
  private readonly log: Log;
  private readonly metrics = new Metrics();
  private readonly handles = new PartitionHandles();
  private readonly tickets = new Tickets();
  private readonly asks: PlaneAsks;
  private readonly partitions: Partitions;
  private readonly autoCreation: AutoCreation;
  private readonly live: LiveConfigs;
  private readonly coordinators: Coordinators;
  private readonly cleaner: NodeCleaner;
  private readonly apis: { readonly broker: ServedListener['apis']; readonly controller: ServedListener['apis'] };
  /** In the order of the plane's `listen` calls. */
  private readonly served: ServedListener[] = [];
  private readonly dispatcher: Dispatcher;
  private metadataLog: MetadataLog | undefined;
  private stopping: Promise<void> | undefined;

  constructor(node: NodeConfig, storage: NodeStorage, plane: DataPlane, log: Log) {
    this.node = node;
    this.storage = storage;
    this.plane = plane;
    this.log = log;
    this.asks = new PlaneAsks(plane, this.tickets);
    this.dispatcher = new Dispatcher(plane, this.served, log);
    const { config } = node;
    this.live = new LiveConfigs(config, node.nodeId);
    const { logConfigOf } = this.live;
    this.autoCreation = new AutoCreation(
      config,
      topics =>
        this.metadata.decide(createTopics({ topics, validateOnly: false }, topicSettings(config), configRules(config))),
      log,
    );
    this.coordinators = new Coordinators({
      config,
      plane,
      tickets: this.tickets,
      log,
      autoCreation: this.autoCreation,
      image: () => this.metadata.image,
      logConfigOf,
    });
    this.partitions = new Partitions({
      nodeId: node.nodeId,
      plane,
      handles: this.handles,
      asks: this.asks,
      log,
      logDirOf: storage.logDirOf,
      logConfigOf,
      leadership: this.coordinators.leadership,
    });
    this.cleaner = new NodeCleaner({
      nodeId: node.nodeId,
      config,
      configAt: image => this.live.at(image),
      directories: node.plane.logDirs,
      asks: this.asks,
      partitions: this.partitions,
      log,
      metrics: this.metrics,
      image: () => this.metadata.image,
    });
    const services = this.services();
    this.apis = {
      broker: apiTable(brokerApis(services, this.asks)),
      controller: apiTable(controllerApis(services)),
    };
  }

  /** `early`: the listeners when they are bound already; else `bind` is called once everything is there. */
  async start(early: BoundListeners | undefined, bind: () => BoundListeners): Promise<RunningNode> {
    const { node, log } = this;
    if (early !== undefined) this.serve(early);
    this.plane.onEvent(event => this.route(event));
    const bound = early?.bound ?? node.listeners.map(plan => ({ plan, port: plan.port }));
    const endpoints = {
      broker: await endpointsOf(bound.filter(({ plan }) => !plan.isController)),
      controller: await endpointsOf(bound.filter(({ plan }) => plan.isController)),
    };
    const metadata = await this.openMetadata(endpoints);
    metadata.onChange(delta => {
      this.dispatcher.metadataChanges();
      this.coordinators.apply(delta);
      for (const { name, partitions } of delta.topics.deleted) this.cleaner.topicDeleted(name, partitions.length);
      this.partitions.apply(delta);
      if (delta.configs.length > 0) this.cleaner.configured();
    });
    for (const name of this.live.idle(metadata.image)) {
      log.warn(
        `the metadata sets ${name} dynamically; that does not take effect here, set it in the broker's properties`,
      );
    }
    this.coordinators.start(metadata.image);
    await this.partitions.start(metadata.image);
    if (early === undefined) this.serve(bind());
    await this.cleaner.start();
    this.dispatcher.open();

    const failed = new Promise<StartFailure>(resolve => {
      metadata.onFailure(message => {
        log.error(message);
        resolve(new StartFailure('IO', message));
        void this.stop();
      });
    });
    const told = endpoints.broker.map(
      ({ name, host, port }) => `${name}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    );
    const count = metadata.image.partitionCount;
    log.info(
      `node ${node.nodeId} of cluster ${this.storage.clusterId} is ready with ${count} partitions, advertised as ${told.join(', ')}`,
    );
    return {
      nodeId: node.nodeId,
      clusterId: this.storage.clusterId,
      endpoints: endpoints.broker,
      ports: bound.filter(({ plan }) => !plan.isController).map(({ port }) => port),
      failed,
      plane: this.plane,
      metrics: () => this.metrics.read(),
      onCommitted: listener => this.coordinators.groups.onCommitted(listener),
      stop: () => this.stop(),
    };
  }

  /** After a start that has failed: what may run on by itself ends; the plane is the caller's. */
  abandon(): Promise<void> {
    return this.coordinators.close();
  }

  private get metadata(): MetadataLog {
    assert(this.metadataLog !== undefined, 'requests wait for the metadata');
    return this.metadataLog;
  }

  private stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  private async stopInOrder(): Promise<void> {
    this.log.info(`node ${this.node.nodeId} is stopping`);
    const answered = this.dispatcher.close();
    // Members wait for a rebalance as long as they like: they are told that this coordinator goes.
    await this.coordinators.close();
    await answered;
    await this.cleaner.close();
    await stopBroker(this.metadata, this.node.nodeId);
    await this.metadata.close();
    await this.plane.close();
    this.log.info(`node ${this.node.nodeId} has stopped`);
  }

  private route(event: PlaneEvent): void {
    if (event.type === 'request') this.dispatcher.request(event);
    else if (
      this.metadataLog?.onPlaneEvent(event) !== true &&
      !this.asks.onPlaneEvent(event) &&
      !this.coordinators.onPlaneEvent(event)
    ) {
      this.partitions.onPlaneEvent(event);
    }
  }

  private serve({ calls }: BoundListeners): void {
    for (const { name, isController } of calls) {
      this.served.push({ name, apis: isController ? this.apis.controller : this.apis.broker });
    }
  }

  /** The metadata, with this node registered in it and leading its partitions. */
  private async openMetadata(endpoints: { broker: readonly Endpoint[]; controller: readonly Endpoint[] }) {
    const { node, storage, plane, handles, tickets, log } = this;
    const incarnationId = uuidAt(systemEntropy.uuid());
    this.metadataLog = new MetadataLog({
      plane,
      handles,
      tickets,
      clock: systemClock,
      entropy: systemEntropy,
      files: diskFiles,
      ...storage.metadata,
      clusterId: storage.clusterId,
      nodeId: node.nodeId,
      limits: metadataLimits(node.config),
      notice: (level, message) => log[level](message),
    });
    await this.metadataLog.open();
    await startBroker(
      this.metadataLog,
      { id: node.nodeId, incarnationId, endpoints: endpoints.controller },
      {
        id: node.nodeId,
        incarnationId,
        endpoints: endpoints.broker,
        rack: node.config.raw('broker.rack'),
        logDirs: storage.directoryIds,
      },
    );
    return this.metadataLog;
  }

  private services(): Services {
    const { node, storage, log, live } = this;
    const { nodeId } = node;
    const current = (): BrokerConfig => live.at(this.metadata.image);
    const decide: Services['decide'] = decision => this.metadata.decide(decision);
    return {
      nodeId,
      clusterId: storage.clusterId,
      get config() {
        return current();
      },
      clock: systemClock,
      log,
      image: () => this.metadata.image,
      quorum: () => this.metadata.quorum(),
      decide,
      partitions: this.partitions,
      producerIds: new ProducerIds(() => decide(allocateProducerIds(nodeId))),
      autoCreation: this.autoCreation,
      groups: this.coordinators.groups,
      coordinators: this.coordinators.finder,
      volumes: storage.volumes,
    };
  }
}

function metadataLimits(config: BrokerConfig): MetadataLogLimits {
  const testOnlySegmentBytes = config.optional('internal.metadata.log.segment.bytes');
  return {
    segmentBytes:
      typeof testOnlySegmentBytes === 'number' ? testOnlySegmentBytes : config.int('metadata.log.segment.bytes'),
    segmentMs: config.long('metadata.log.segment.ms'),
    bytesBetweenSnapshots: Number(config.long('metadata.log.max.record.bytes.between.snapshots')),
    snapshotIntervalMs: Number(config.long('metadata.log.max.snapshot.interval.ms')),
    retentionBytes: config.long('metadata.max.retention.bytes'),
    retentionMs: config.long('metadata.max.retention.ms'),
  };
}
