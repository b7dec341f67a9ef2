// Metadata for tests: images made by replaying decisions, frozen, with ids from a seed.
import { expect } from 'vitest';
import { Prng } from '../../src/base/prng.ts';
import { isRefusal } from '../../src/base/result.ts';
import { makeUuid } from '../../src/base/uuid.ts';
import { registerBroker, unfenceBroker } from '../../src/core/controller/brokers.ts';
import type { Decide, Decision, WireRefusal } from '../../src/core/controller/decision.ts';
import type { ConfigRules, TopicSettings } from '../../src/core/controller/settings.ts';
import type { MetadataDelta } from '../../src/core/metadata/delta.ts';
import { metadataVersionFeature, metadataVersionLatest } from '../../src/core/metadata/features.ts';
import { emptyImage, type MetadataImage } from '../../src/core/metadata/image.ts';
import { encodeRecord, type MetadataRecordInit } from '../../src/core/metadata/records.ts';
import { Replay } from '../../src/core/metadata/replay.ts';
import { featureRecord } from '../../src/core/metadata/snapshot-records.ts';

export const settings: TopicSettings = { defaultPartitions: 3, defaultReplicationFactor: 1, deleteEnabled: true };

/** Knows two keys: `retention.ms`, a number, and `cleanup.policy`, a list with a default. */
export const rules: ConfigRules = {
  invalidTopicConfigs: configs => {
    for (const [key, value] of configs) {
      if (key !== 'retention.ms' && key !== 'cleanup.policy') return `Unknown topic config name: ${key}`;
      if (key === 'retention.ms' && !/^-?\d+$/.test(value)) return `Invalid value ${value} for configuration ${key}`;
    }
    return undefined;
  },
  invalidBrokerConfigs: configs => (configs.has('bad') ? 'bad cannot be set' : undefined),
  isList: (_, key) => key === 'cleanup.policy',
  defaultOf: (_, key) => (key === 'cleanup.policy' ? 'delete' : ''),
};

export const directoryOf = (brokerId: number) => makeUuid(() => new Prng(1_000 + brokerId).bytes(16));

/** Replays records as one batch. */
export function replayed(before: MetadataImage, records: readonly MetadataRecordInit[], epoch = 1): MetadataDelta {
  const replay = new Replay(before);
  for (const record of records) replay.replay(encodeRecord(record).record);
  return replay.finish(before.offset + BigInt(records.length), epoch);
}

/** A controller without a log: every decision is replayed at once. */
export class Decisions {
  image: MetadataImage;
  delta: MetadataDelta | undefined;
  private readonly chance: Prng;

  constructor(image: MetadataImage, seed = 1) {
    this.image = image;
    this.chance = new Prng(seed);
  }

  decided<Reply>(decide: Decide<Reply>): Decision<Reply> | WireRefusal {
    return decide({
      image: this.image,
      nowMs: 1_000n,
      nextOffset: this.image.offset + 1n,
      newUuid: () => makeUuid(length => this.chance.bytes(length)),
    });
  }

  /** The reply, after its records were replayed; a refusal fails the test. */
  run<Reply>(decide: Decide<Reply>): Reply {
    const decided = this.decided(decide);
    if (isRefusal(decided)) expect.fail(`refused: ${decided.refused} ${decided.message}`);
    this.delta = replayed(this.image, decided.records);
    this.image = this.delta.after;
    return decided.reply;
  }
}

/** Brokers 1 to `count`, registered and unfenced, each with one directory. */
export function cluster(count = 1): Decisions {
  const empty = emptyImage('MkU3OEVBNTcwNTJENDM2Qg');
  const { after } = replayed(empty, [featureRecord(metadataVersionFeature, metadataVersionLatest)]);
  const decisions = new Decisions(after);
  for (let id = 1; id <= count; id++) {
    const incarnationId = makeUuid(() => new Prng(id).bytes(16));
    const endpoints = [{ name: 'PLAINTEXT', host: 'localhost', port: 9090 + id, securityProtocol: 0 }];
    decisions.run(registerBroker({ id, incarnationId, endpoints, rack: null, logDirs: [directoryOf(id)] }));
    decisions.run(unfenceBroker(id));
  }
  return decisions;
}

/** A topic as a CreateTopics request names it: all left to the broker. */
export const topic = (name: string, more: Partial<Parameters<typeof fullTopic>[1]> = {}) => fullTopic(name, more);

interface TopicAsk {
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly assignments: readonly { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[];
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

const fullTopic = (name: string, more: Partial<TopicAsk>) => ({
  name,
  numPartitions: -1,
  replicationFactor: -1,
  assignments: [],
  configs: [],
  ...more,
});

/** An image as plain data, equal for equal clusters whatever their history. Offset, epoch and order aside. */
export function contents(image: MetadataImage) {
  const sorted = <T>(entries: Iterable<[string | number, T]>) =>
    [...entries].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return {
    topics: sorted(image.topicsById),
    names: sorted(image.topicIdsByName),
    colliding: sorted(image.collidingNames).map(([form, names]) => [form, [...names].sort()]),
    partitionCount: image.partitionCount,
    configs: sorted(image.configs).map(([key, configs]) => [key, sorted(configs)]),
    brokers: sorted(image.brokers),
    controllers: sorted(image.controllers),
    features: sorted(image.features),
    nextProducerId: image.nextProducerId,
    producerIdsBroker: image.producerIdsBroker,
    kept: sorted(image.kept),
  };
}
