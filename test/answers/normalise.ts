/**
 * An answer without what may legitimately differ between two brokers: ids, times, message texts, addresses. Everything else stays and is compared.
 */
import { createHash } from 'node:crypto';
import { zeroUuid } from '../../src/base/uuid.ts';
import { apiOf, apiVersionsKey, serves } from '../../src/protocol/api.ts';
import { decodeResponse } from '../../src/protocol/frame.ts';
import type { Fields, Node } from '../../src/protocol/schema.ts';
import { codecOfAttributes, decompress } from '../support/codecs.ts';
import { parseBatches } from '../support/parse-batches.ts';
import type { Members } from './members.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Stamps between 2024 and 2090 are "now" in some run; the suites use only years outside. */
const NOW_FROM = 1_704_067_200_000n;
const NOW_TO = 3_786_912_000_000n;

const time = (value: bigint): Json => (NOW_FROM < value && value < NOW_TO ? '(now)' : value.toString());
const text = (value: unknown): Json => (value === null ? null : '(text)');
const known = (value: unknown): Json => (value === -1 || value === -1n ? -1 : '(number)');

/** What this broker must name with Kafka's versions. The APIs of later work are left out of both sides until they are served. */
const SERVED_KEYS = new Set([
  0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 37, 42, 44, 46, 47, 55, 60, 61, 75,
]);

const servedKeys = (value: unknown): Json =>
  (value as { apiKey: number; minVersion: number; maxVersion: number }[])
    .filter(({ apiKey }) => SERVED_KEYS.has(apiKey))
    .sort((a, b) => a.apiKey - b.apiKey)
    .map(({ apiKey, minVersion, maxVersion }) => `${apiKey}: ${minVersion}-${maxVersion}`);

/** Message name + field name, or field name alone: how the field is masked. */
const MASKS: Readonly<Record<string, (value: unknown) => Json>> = {
  errorMessage: text,
  batchIndexErrorMessage: text,
  documentation: () => '(text)',
  host: () => '(host)',
  port: () => '(port)',
  clusterId: text,
  clientHost: () => '(client)',
  sessionId: value => (value === 0 ? 0 : '(session)'),
  'InitProducerIdResponse.producerId': known,
  'DescribeQuorumResponse.leaderEpoch': known,
  'DescribeQuorumResponse.highWatermark': known,
  'DescribeQuorumResponse.logEndOffset': known,
  'DescribeQuorumResponse.lastFetchTimestamp': known,
  'DescribeQuorumResponse.lastCaughtUpTimestamp': known,
  'ApiVersionsResponse.apiKeys': servedKeys,
  'ApiVersionsResponse.supportedFeatures': () => '(features)',
  'ApiVersionsResponse.finalizedFeatures': () => '(features)',
  'ApiVersionsResponse.finalizedFeaturesEpoch': () => '(number)',
};

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

export type Names = { readonly topicOf: ReadonlyMap<string, string>; readonly members: Members };

export function normaliseRecords(bytes: Uint8Array, decompressed = false): Json {
  return parseBatches(bytes).map(batch => ({
    baseOffset: batch.baseOffset.toString(),
    lastOffsetDelta: batch.lastOffsetDelta,
    leaderEpoch: batch.leaderEpoch,
    magic: batch.magic,
    attributes: batch.attributes,
    baseTimestamp: time(batch.baseTimestamp),
    maxTimestamp: time(batch.maxTimestamp),
    producer: `${batch.producerId}/${batch.producerEpoch}/${batch.baseSequence}`,
    count: batch.count,
    crcHolds: batch.crcHolds,
    records: decompressed
      ? digest(decompress(codecOfAttributes(batch.attributes), batch.payload))
      : digest(batch.payload),
  }));
}

const isConfig = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'configSource' in value;

function normaliseNode(message: string, node: Node, value: unknown, names: Names): Json {
  if (value === null || value === undefined) return null;
  switch (node.kind) {
    case 'array': {
      const of = node.of;
      const items = (value as unknown[]).flatMap(item => {
        const one = normaliseNode(message, of, item, names);
        const masked = isConfig(one) ? maskConfig(one) : one;
        return masked === undefined ? [] : [masked];
      });
      // Kafka answers out of hash maps in places; no client relies on an order between structs.
      if (of.kind === 'struct') items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      return items;
    }
    case 'struct':
      return normaliseFields(message, node.fields, value as Record<string, unknown>, names);
    case 'uuid': {
      if (value === zeroUuid) return '(zero id)';
      const topic = names.topicOf.get(value as string);
      return topic === undefined ? '(id)' : `(id of ${topic})`;
    }
    case 'int64':
      return time(value as bigint);
    case 'records':
      return normaliseRecords(value as Uint8Array);
    case 'bytes':
      return digest(value as Uint8Array);
    case 'string':
      return names.members.mask(value as string);
    default:
      return value as Json;
  }
}

/** Keys whose values say where and as what a broker runs. */
const ENVIRONMENT_KEYS = new Set([
  'advertised.listeners',
  'listeners',
  'log.dir',
  'log.dirs',
  'broker.id',
  'process.roles',
  'controller.listener.names',
  'controller.quorum.bootstrap.servers',
  'controller.quorum.voters',
  'listener.security.protocol.map',
]);

/** A described configuration key; Milena's own keys beside Kafka's do not count. */
function maskConfig(config: { [key: string]: Json }): Json | undefined {
  const name = String(config.name);
  if (name.startsWith('milena.') || name === 'write.caching') return undefined;
  if (!ENVIRONMENT_KEYS.has(name)) return config;
  return { ...config, value: '(here)', configSource: '(here)', synonyms: '(here)' };
}

function normaliseFields(
  message: string,
  fields: Fields,
  value: Readonly<Record<string, unknown>>,
  names: Names,
): Json {
  const out: { [key: string]: Json } = {};
  for (const [name, field] of Object.entries(fields)) {
    const mask = MASKS[`${message}.${name}`] ?? MASKS[name];
    out[name] = mask ? mask(value[name]) : normaliseNode(message, field.life.node, value[name], names);
  }
  return out;
}

/** Decodes the answer to `request` and masks it. An unsupported ApiVersions version is answered in version 0 (KIP-511). */
export function normaliseAnswer(request: Uint8Array, answer: Uint8Array, names: Names): Json {
  const header = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
  const [key, asked, correlation] = [header.readInt16BE(0), header.readInt16BE(2), header.readInt32BE(4)];
  const api = apiOf(key);
  if (api === undefined) throw new Error(`an answer to the unknown key ${key}`);
  const version = key === apiVersionsKey && !serves(api, asked) ? 0 : asked;
  const { correlationId, body } = decodeResponse(api, version, answer);
  if (correlationId !== correlation) throw new Error(`correlation id ${correlationId} answers ${correlation}`);
  const { name, fields } = api.response;
  return normaliseFields(name, fields, body as Record<string, unknown>, names);
}
