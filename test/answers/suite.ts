/**
 * A suite of requests whose answers by Apache Kafka are kept as data: topics that must exist, requests that prepare them, and steps whose answers count.
 * Frames carry placeholder topic ids (a broker chooses the real ones); the player puts the real ones in.
 */
import { createHash } from 'node:crypto';
import type { Uuid } from '../../src/base/uuid.ts';
import { uuidAt } from '../../src/base/uuid.ts';
import { type Api, apiOf } from '../../src/protocol/api.ts';
import { encodeRequest } from '../../src/protocol/frame.ts';
import type { Init, Message } from '../../src/protocol/schema.ts';

export type TopicSpec = {
  readonly name: string;
  readonly partitions?: number;
  readonly config?: Readonly<Record<string, string>>;
};

export type Step = {
  readonly name: string;
  /** Payloads without their length prefix, sent back to back on a connection of the step's own. */
  readonly frames: readonly Uint8Array[];
  /** `bytes`: the frames are sent as they are, without prefix and without the request that asks whether the connection lives. */
  readonly as?: 'frames' | 'bytes';
  /** Afterwards the batches of this partition are part of the answer. */
  readonly stored?: { readonly topic: string; readonly partition: number };
  /** The broker compresses by itself: stored payloads are compared decompressed, since compressors differ. */
  readonly recompressed?: boolean;
  /** The request is repeated until its answer has no error: the first and the last answer count (auto-creation). */
  readonly untilNoError?: boolean;
  /** What later steps call the member whose id the (last) JoinGroup answer of this step names. */
  readonly member?: string;
  /** The (one) request is sent on a connection of this name, which stays open; its answer is another step's. */
  readonly pending?: string;
  /** No request: the answer on the connection of this name. */
  readonly collect?: string;
  /** The request is repeated until its answer has this error code: only that answer counts. */
  readonly untilError?: number;
};

export type Suite = {
  readonly name: string;
  readonly topics: readonly TopicSpec[];
  /** Sent before the steps, each until it is answered without an error. */
  readonly prepare: readonly Uint8Array[];
  readonly steps: readonly Step[];
};

/** 2021-01-01: never in the future, before every broker's start, and the same in every run. */
export const PAST_MS = 1_609_459_200_000n;
/** 2100-01-01: in the future for as long as these tests live. */
export const FUTURE_MS = 4_102_444_800_000n;

export const placeholderBytes = (topic: string): Uint8Array =>
  createHash('sha256').update(`topic id of ${topic}`).digest().subarray(0, 16);

/** Stands for the id that the broker gave to a topic of the suite. */
export const idOf = (topic: string): Uuid => uuidAt(placeholderBytes(topic));

/** An id that no broker ever gave. */
export const UNKNOWN_ID = uuidAt(Uint8Array.from({ length: 16 }, (_, i) => i + 100));

export const CLIENT_ID = 'catalogue';
export const CORRELATION = 7;

export function servedApi(message: Message): Api {
  const api = apiOf(message.key);
  if (api === undefined) throw new Error(`${message.name} has no API`);
  return api;
}

/** One request, header included. */
export const ask = <M extends Message>(
  message: M,
  version: number,
  body: Init<M>,
  correlationId = CORRELATION,
): Uint8Array => encodeRequest(servedApi(message), version, { correlationId, clientId: CLIENT_ID }, body);

export function versionsOf(message: Message): number[] {
  const { min, max } = servedApi(message);
  return Array.from({ length: max - min + 1 }, (_, i) => min + i);
}

/** The same steps for every version that is served; a step's name says which. */
export const eachVersion = (message: Message, steps: (version: number) => readonly Step[]): Step[] =>
  versionsOf(message).flatMap(version => steps(version).map(step => ({ ...step, name: `v${version}: ${step.name}` })));

export const step = (name: string, ...frames: Uint8Array[]): Step => ({ name, frames });
