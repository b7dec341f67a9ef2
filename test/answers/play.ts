/** Plays a suite against any broker and returns its answers, normalised. */
import type { Uuid } from '../../src/base/uuid.ts';
import { uuidToBytes, zeroUuid } from '../../src/base/uuid.ts';
import { apiOf } from '../../src/protocol/api.ts';
import { decodeRequest, decodeResponse } from '../../src/protocol/frame.ts';
import { ProduceRequest } from '../../src/protocol/messages/00-produce.ts';
import { ListOffsetsRequest, type ListOffsetsResponse } from '../../src/protocol/messages/02-list-offsets.ts';
import { MetadataRequest, type MetadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { JoinGroupRequest, type JoinGroupResponse } from '../../src/protocol/messages/11-join-group.ts';
import { CreateTopicsRequest, type CreateTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopicsRequest, type DeleteTopicsResponse } from '../../src/protocol/messages/20-delete-topics.ts';
import { ConnectionClosed, RawClient } from '../support/raw-client.ts';
import { fetchLog } from './fetch-log.ts';
import { Members } from './members.ts';
import { type Json, type Names, normaliseAnswer, normaliseRecords } from './normalise.ts';
import { ask, placeholderBytes, type Step, type Suite, type TopicSpec } from './suite.ts';

export type Played = {
  readonly name: string;
  /** One per answer that came, in order. */
  readonly answers: readonly Json[];
  readonly connection: 'open' | 'closed';
  readonly stored?: Json;
};

/** A request that every broker answers at once, sent behind the step's own to learn whether the connection lives. */
const PROBE_CORRELATION = 0x7fff_ffff;
const PROBE = Uint8Array.from([0, 18, 0, 0, 0x7f, 0xff, 0xff, 0xff, 255, 255]);
const TOPIC_DEADLINE_MS = 30_000;
const VISIBLE_WITHIN_MS = 1000;
const CREATE_VERSION = 7;
const DELETE_VERSION = 6;
const METADATA_VERSION = 12;
const LIST_OFFSETS_VERSION = 2;

const bodyOf = <T>(key: number, version: number, answer: Uint8Array): T =>
  decodeResponse(apiOf(key)!, version, answer).body as T;

async function call<T>(client: RawClient, key: number, version: number, frame: Uint8Array): Promise<T> {
  return bodyOf<T>(key, version, await client.call(frame));
}

/** Creates the topics and waits until every partition has a leader; returns the ids the broker gave. */
export async function createTopics(client: RawClient, topics: readonly TopicSpec[]): Promise<Map<string, Uuid>> {
  if (topics.length === 0) return new Map();
  const create = ask(CreateTopicsRequest, CREATE_VERSION, {
    topics: topics.map(topic => ({
      name: topic.name,
      numPartitions: topic.partitions ?? 1,
      replicationFactor: 1,
      assignments: [],
      configs: Object.entries({ 'retention.ms': '-1', ...topic.config }).map(([name, value]) => ({ name, value })),
    })),
    timeoutMs: TOPIC_DEADLINE_MS,
  });
  const created = await call<CreateTopicsResponse>(client, CreateTopicsRequest.key, CREATE_VERSION, create);
  for (const topic of created.topics) {
    if (topic.errorCode !== 0) throw new Error(`creating ${topic.name}: ${topic.errorCode} ${topic.errorMessage}`);
  }
  await untilLed(client, topics);
  return new Map(created.topics.map(topic => [topic.name, topic.topicId]));
}

/** Kafka shows a leader in its metadata a moment before it leads: only a partition's own answer tells. */
async function untilLed(client: RawClient, topics: readonly TopicSpec[]): Promise<void> {
  const frame = ask(ListOffsetsRequest, LIST_OFFSETS_VERSION, {
    replicaId: -1,
    isolationLevel: 0,
    topics: topics.map(topic => ({
      name: topic.name,
      partitions: Array.from({ length: topic.partitions ?? 1 }, (_, partitionIndex) => ({
        partitionIndex,
        timestamp: -1n,
      })),
    })),
    timeoutMs: 0,
  });
  const deadline = Date.now() + TOPIC_DEADLINE_MS;
  for (;;) {
    const offsets = await call<ListOffsetsResponse>(client, ListOffsetsRequest.key, LIST_OFFSETS_VERSION, frame);
    if (offsets.topics.every(topic => topic.partitions.every(partition => partition.errorCode === 0))) return;
    if (Date.now() > deadline) throw new Error(`topics have no leaders: ${unled(offsets)}`);
  }
}

/** Deletes every topic and waits until none is listed: the next suite begins on an empty broker. */
export async function deleteAllTopics(client: RawClient): Promise<void> {
  const listing = ask(MetadataRequest, METADATA_VERSION, { topics: null, includeTopicAuthorizedOperations: false });
  const deadline = Date.now() + TOPIC_DEADLINE_MS;
  for (let asked = false; ; ) {
    const { topics } = await call<MetadataResponse>(client, MetadataRequest.key, METADATA_VERSION, listing);
    if (topics.length === 0) return;
    if (Date.now() > deadline) throw new Error(`still there: ${topics.map(topic => topic.name).join(', ')}`);
    if (asked) continue;
    asked = true;
    const named = topics.map(({ name }) => ({ name, topicId: zeroUuid }));
    const frame = ask(DeleteTopicsRequest, DELETE_VERSION, { topics: named, timeoutMs: TOPIC_DEADLINE_MS });
    await call<DeleteTopicsResponse>(client, DeleteTopicsRequest.key, DELETE_VERSION, frame);
  }
}

const unled = (offsets: ListOffsetsResponse): string =>
  offsets.topics
    .flatMap(topic => topic.partitions.map(one => `${topic.name}-${one.partitionIndex}: error ${one.errorCode}`))
    .filter(one => !one.endsWith('error 0'))
    .slice(0, 5)
    .join(', ');

/** Puts the broker's topic ids in the place of the placeholders. */
export function withIds(frame: Uint8Array, ids: ReadonlyMap<string, Uuid>): Uint8Array {
  const out = Buffer.from(frame);
  for (const [topic, id] of ids) {
    const placeholder = placeholderBytes(topic);
    for (let at = out.indexOf(placeholder); at >= 0; at = out.indexOf(placeholder, at + 1))
      out.set(uuidToBytes(id), at);
  }
  return out;
}

async function exchange(client: RawClient, one: Step, frames: readonly Uint8Array[], names: Names): Promise<Played> {
  const answers: Json[] = [];
  for (const frame of frames) client.send(frame);
  client.send(PROBE);
  for (const waiting = [...frames]; ; ) {
    let answer: Buffer;
    try {
      answer = await client.receive();
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) throw new Error(`step "${one.name}": ${String(error)}`);
      return { name: one.name, answers, connection: 'closed' };
    }
    const correlation = answer.readInt32BE(0);
    if (correlation === PROBE_CORRELATION) return { name: one.name, answers, connection: 'open' };
    // A request without an answer (acks=0) is passed over.
    let request = waiting.shift();
    while (request !== undefined && Buffer.from(request).readInt32BE(4) !== correlation) request = waiting.shift();
    if (request === undefined) throw new Error(`step "${one.name}": an answer to nothing (${correlation})`);
    if (one.member !== undefined) noteMember(one.member, request, answer, names.members);
    answers.push(normaliseAnswer(request, answer, names));
  }
}

function noteMember(name: string, request: Uint8Array, answer: Uint8Array, members: Members): void {
  const { api, header } = decodeRequest(request);
  const version = header.requestApiVersion;
  if (api.key === JoinGroupRequest.key)
    members.note(name, bodyOf<JoinGroupResponse>(api.key, version, answer).memberId);
}

async function sendBytes(client: RawClient, one: Step, frames: readonly Uint8Array[]): Promise<Played> {
  for (const bytes of frames) await client.sendBytes(bytes);
  await client.closed;
  return { name: one.name, answers: [], connection: 'closed' };
}

const hasError = (answer: Json): boolean => /"errorCode":(?!0[,}])/.test(JSON.stringify(answer));

async function settle(port: number, one: Step, frames: readonly Uint8Array[], names: Names): Promise<Played> {
  const deadline = Date.now() + TOPIC_DEADLINE_MS;
  let first: Played | undefined;
  for (;;) {
    const client = await RawClient.open(port);
    const played = await exchange(client, one, frames, names);
    await client.close();
    first ??= played;
    if (!played.answers.some(hasError)) return { ...played, answers: [...first.answers, ...played.answers] };
    if (Date.now() > deadline) throw new Error(`step "${one.name}" never settles: ${JSON.stringify(played)}`);
  }
}

/** Repeats the request until it is answered with the error code that the step waits for. */
async function untilError(client: RawClient, one: Step, frames: readonly Uint8Array[], names: Names): Promise<Played> {
  const code = new RegExp(`"errorCode":${one.untilError}[,}]`);
  for (const deadline = Date.now() + TOPIC_DEADLINE_MS; ; ) {
    const played = await exchange(client, one, frames, names);
    if (code.test(JSON.stringify(played.answers))) return played;
    if (Date.now() > deadline) throw new Error(`step "${one.name}" never says it: ${JSON.stringify(played)}`);
  }
}

/** Requests whose answers come steps later, each on a connection of its own. */
class Pending {
  private readonly waiting = new Map<string, { readonly client: RawClient; readonly request: Uint8Array }>();

  async send(port: number, connection: string, request: Uint8Array): Promise<void> {
    const client = await RawClient.open(port);
    this.waiting.set(connection, { client, request });
    await client.sendFlushed(request);
  }

  async collect(connection: string, one: Step, names: Names): Promise<Json> {
    const { client, request } = this.waiting.get(connection)!;
    this.waiting.delete(connection);
    const answer = await client.receive();
    await client.close();
    if (one.member !== undefined) noteMember(one.member, request, answer, names.members);
    return normaliseAnswer(request, answer, names);
  }

  async close(): Promise<void> {
    for (const { client } of this.waiting.values()) await client.close();
  }
}

/** Was something stored, perhaps, that no acks=all answer vouched for? A durable broker shows it with its next group commit only. */
function isUnacknowledged(played: Played, frames: readonly Uint8Array[]): boolean {
  if (played.connection === 'closed' || played.answers.some(hasError)) return false;
  return frames.some(frame => {
    const { api, body } = decodeRequest(frame);
    return api.key === ProduceRequest.key && (body as ProduceRequest).acks !== -1;
  });
}

export async function playStep(
  port: number,
  one: Step,
  ids: ReadonlyMap<string, Uuid>,
  members = new Members(),
  pending = new Pending(),
): Promise<Played> {
  const names: Names = { topicOf: new Map([...ids].map(([topic, id]) => [id, topic])), members };
  const frames = one.frames.map(frame => members.put(withIds(frame, ids)));
  const waits = (answers: readonly Json[]): Played => ({ name: one.name, answers, connection: 'open' });
  if (one.collect !== undefined) return waits([await pending.collect(one.collect, one, names)]);
  if (one.pending !== undefined) {
    await pending.send(port, one.pending, frames[0]!);
    return waits([]);
  }
  if (one.untilNoError) return settle(port, one, frames, names);
  const client = await RawClient.open(port);
  try {
    if (one.untilError !== undefined) return await untilError(client, one, frames, names);
    const played = await (one.as === 'bytes' ? sendBytes(client, one, frames) : exchange(client, one, frames, names));
    if (!one.stored) return played;
    const waitMs = isUnacknowledged(played, frames) ? VISIBLE_WITHIN_MS : 0;
    const log = await fetchLog(port, one.stored.topic, one.stored.partition, { waitMs });
    return { ...played, stored: normaliseRecords(log, one.recompressed) };
  } finally {
    await client.close();
  }
}

export async function playSuite(port: number, suite: Suite): Promise<Played[]> {
  const client = await RawClient.open(port);
  const ids = await createTopics(client, suite.topics);
  await client.close();
  for (const frame of suite.prepare)
    await playStep(port, { name: 'prepare', frames: [frame], untilNoError: true }, ids);
  const played: Played[] = [];
  const members = new Members();
  const pending = new Pending();
  for (const one of suite.steps) played.push(await playStep(port, one, ids, members, pending));
  await pending.close();
  return played;
}
