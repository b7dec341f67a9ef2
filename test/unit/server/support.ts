// A controller without a log, and services around it: decisions are made and replayed at once.

import { Prng } from '../../../src/base/prng.ts';
import { isRefusal, refuse } from '../../../src/base/result.ts';
import { makeUuid, type Uuid } from '../../../src/base/uuid.ts';
import { BrokerConfig } from '../../../src/core/config/broker-config.ts';
import { registerBroker, unfenceBroker } from '../../../src/core/controller/brokers.ts';
import { createTopics } from '../../../src/core/controller/create-topics.ts';
import type { Decide } from '../../../src/core/controller/decision.ts';
import type { MetadataDelta } from '../../../src/core/metadata/delta.ts';
import { emptyImage, type MetadataImage } from '../../../src/core/metadata/image.ts';
import { encodeRecord } from '../../../src/core/metadata/records.ts';
import { Replay } from '../../../src/core/metadata/replay.ts';
import { groupSettings } from '../../../src/node-coordinators.ts';
import { type Api, apiOf } from '../../../src/protocol/api.ts';
import { codecOf } from '../../../src/protocol/codec.ts';
import { Reader, Writer } from '../../../src/protocol/wire.ts';
import { PartitionHandles } from '../../../src/runtime/handles.ts';
import type { Clock, PlaneCommand, PlaneEvent } from '../../../src/runtime/ports.ts';
import { Tickets } from '../../../src/runtime/tickets.ts';
import type { ApiRefusal, RequestContext, ServedApi } from '../../../src/server/api.ts';
import { AutoCreation } from '../../../src/server/auto-creation.ts';
import { configRules, topicSettings } from '../../../src/server/controller-settings.ts';
import { CoordinatorFinder } from '../../../src/server/coordinator-finder.ts';
import { GroupCoordinator, type GroupShard } from '../../../src/server/group-coordinator.ts';
import { LiveConfigs } from '../../../src/server/live-configs.ts';
import type { Log } from '../../../src/server/log.ts';
import { Partitions } from '../../../src/server/partitions.ts';
import { PlaneAsks } from '../../../src/server/plane-asks.ts';
import { ProducerIds } from '../../../src/server/producer-ids.ts';
import type { Services } from '../../../src/server/services.ts';

export const nodeId = 1;
export const listener = { name: 'PLAINTEXT' };

export class LogLines implements Log {
  readonly lines: string[] = [];
  info(message: string): void {
    this.lines.push(`info ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error ${message}`);
  }
}

/** A plane that only remembers what it was told. */
export class CommandList {
  readonly commands: PlaneCommand[] = [];
  onSubmit: (command: PlaneCommand) => void = () => {};
  readonly submit = (command: PlaneCommand): void => {
    this.commands.push(command);
    this.onSubmit(command);
  };
  ofType<T extends PlaneCommand['type']>(type: T): Extract<PlaneCommand, { type: T }>[] {
    return this.commands.filter((command): command is Extract<PlaneCommand, { type: T }> => command.type === type);
  }
}

/** An id that tests recognise: its number in every byte. */
export const id = (n: number): Uuid => makeUuid(() => new Uint8Array(16).fill(n));

export class World {
  image: MetadataImage = emptyImage('cluster-of-the-test');
  readonly log = new LogLines();
  readonly plane = new CommandList();
  readonly handles = new PartitionHandles();
  readonly asks = new PlaneAsks(this.plane, new Tickets());
  readonly deltas: MetadataDelta[] = [];
  readonly leadership: string[] = [];
  /** Partitions of `__consumer_offsets` that are served; none until a test puts some here. */
  readonly shards = new Map<number, GroupShard>();
  readonly groups: GroupCoordinator;
  /** The properties file. */
  readonly config: BrokerConfig;
  readonly live: LiveConfigs;
  readonly partitions: Partitions;
  readonly services: Services;
  private readonly chance = new Prng(7);

  constructor(properties: Readonly<Record<string, string>> = {}) {
    this.config = BrokerConfig.read(new Map(Object.entries({ 'node.id': String(nodeId), ...properties }))).config;
    this.live = new LiveConfigs(this.config, nodeId);
    this.partitions = new Partitions({
      nodeId,
      plane: this.plane,
      handles: this.handles,
      asks: this.asks,
      log: this.log,
      logDirOf: () => 0,
      logConfigOf: this.live.logConfigOf,
      leadership: {
        elected: (topic, index, _partition, epoch) =>
          void this.leadership.push(`elected ${topic}-${index} at ${epoch}`),
        resigned: (topic, index) => void this.leadership.push(`resigned ${topic}-${index}`),
      },
    });
    this.groups = new GroupCoordinator({
      shards: {
        shard: index => this.shards.get(index) ?? refuse('NOT_COORDINATOR', 'not led here'),
        shards: () => this.shards.values(),
      },
      partitionCount: () => 50,
      settings: groupSettings(this.config),
    });
    this.services = this.makeServices();
    const endpoints = [{ name: listener.name, host: 'localhost', port: 9092, securityProtocol: 0 }];
    this.decideNow(registerBroker({ id: nodeId, incarnationId: id(1), endpoints, rack: null, logDirs: [id(2)] }));
    this.decideNow(unfenceBroker(nodeId));
  }

  decideNow<Reply>(decide: Decide<Reply>): Reply | ApiRefusal {
    const nextOffset = this.image.offset + 1n;
    const newUuid = (): Uuid => makeUuid(() => Uint8Array.from({ length: 16 }, () => this.chance.below(256)));
    const decided = decide({ image: this.image, nowMs: 0n, nextOffset, newUuid });
    if (isRefusal(decided)) return decided;
    const replay = new Replay(this.image);
    for (const record of decided.records) replay.replay(encodeRecord(record).record);
    const delta = replay.finish(nextOffset + BigInt(decided.records.length) - 1n, 1);
    this.image = delta.after;
    this.deltas.push(delta);
    return decided.reply;
  }

  createTopic(name: string, numPartitions = 1, configs: Readonly<Record<string, string>> = {}): MetadataDelta {
    const given = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: given };
    const ask = { topics: [topic], validateOnly: false };
    this.decideNow(createTopics(ask, topicSettings(this.config), configRules(this.config)));
    return this.deltas.at(-1)!;
  }

  private makeServices(): Services {
    const current = (): BrokerConfig => this.live.at(this.image);
    const decide: Services['decide'] = async decision => this.decideNow(decision);
    const rules = configRules(this.config);
    const autoCreation = new AutoCreation(
      this.config,
      topics => decide(createTopics({ topics, validateOnly: false }, topicSettings(this.config), rules)),
      this.log,
    );
    return {
      nodeId,
      clusterId: this.image.clusterId,
      get config() {
        return current();
      },
      clock: fixedClock,
      log: this.log,
      image: () => this.image,
      quorum: () => ({
        leaderId: nodeId,
        leaderEpoch: 3,
        highWatermark: this.image.offset + 1n,
        logEndOffset: this.image.offset + 1n,
        directoryId: id(2),
        kraftVersion: 1,
        voters: [],
      }),
      decide,
      partitions: this.partitions,
      producerIds: new ProducerIds(async () => ({ first: 5000n, count: 2 })),
      autoCreation,
      groups: this.groups,
      coordinators: new CoordinatorFinder({
        image: () => this.image,
        clock: fixedClock,
        createTopic: name => autoCreation.create([name]),
        partitionOf: groupId => this.groups.partitionOf(groupId),
        whenLoaded: () => Promise.resolve(),
      }),
      volumes: { directories: [{ path: '/data' }], space: async () => ({ totalBytes: 100n, usableBytes: 40n }) },
    };
  }
}

export const fixedClock: Clock = { wallMs: () => 1_700_000_000_000n, monotonicMs: () => 0, after: () => () => {} };

/** Asks a handler as a connection would, through both codecs. */
export async function ask<Answer>(api: ServedApi, version: number, body: unknown): Promise<Answer> {
  const { request, response } = apiOf(api.key) as Api;
  const writer = new Writer();
  codecOf(request, version).write(writer, body as Record<string, unknown>);
  const context: RequestContext = { version, clientId: 'test', listener, peerAddress: '127.0.0.1' };
  const unexpected = (cause: unknown): void => {
    throw cause;
  };
  const bytes = await api.answer(new Reader(writer.done()), context, () => new Writer(), unexpected);
  const reader = new Reader(bytes);
  const answer = codecOf(response, version).read(reader);
  if (reader.left > 0) throw new Error(`${reader.left} bytes behind the answer`);
  return answer as Answer;
}

export const led = (partition: Extract<PlaneEvent, { type: 'led' }>['partition']): PlaneEvent => ({
  type: 'led',
  partition,
  error: 0,
  logStartOffset: 0n,
  logEndOffset: 0n,
  message: '',
});
