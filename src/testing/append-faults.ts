import { zeroUuid } from '../base/uuid.ts';
import { apiOf } from '../protocol/api.ts';
import { errorCode, errorOf } from '../protocol/errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../protocol/frame.ts';
import { ProduceRequest, type ProduceResponse } from '../protocol/messages/00-produce.ts';

/** A topic as requests name it: by name until version 12 of Produce, by id since. */
export interface NamedTopic {
  readonly name: string;
  readonly id: string;
}

interface Armed {
  readonly topic: NamedTopic;
  readonly partition: number;
  readonly error: number;
}

/** What becomes of a Produce request some of whose batches fail. */
export interface FailedAppends {
  /** The request without them; undefined when nothing is left to send. */
  readonly forwarded: Uint8Array | undefined;
  /** False with acks=0: Kafka closes the connection over a failed append then, for want of another way to tell. */
  readonly answered: boolean;
  /** The answer with them, made of the broker's answer to the rest. */
  answer(rest: Uint8Array | undefined): Uint8Array;
}

type Topic = ProduceRequest['topicData'][number];
type TopicAnswer = ProduceResponse['responses'][number];

const api = apiOf(ProduceRequest.key)!;

/** Appends that are to fail: each partition's next batch is refused once for every time it is armed. */
export class AppendFaults {
  #armed: Armed[] = [];

  arm(topic: NamedTopic, partition: number, error: number): void {
    this.#armed.push({ topic, partition, error });
  }

  clear(): void {
    this.#armed = [];
  }

  /** Takes the batches that fail out of a Produce request; undefined when none does. Throws WireError for other bytes. */
  take(payload: Uint8Array): FailedAppends | undefined {
    if (this.#armed.length === 0) return undefined;
    const { header, body } = decodeRequest(payload);
    const { requestApiVersion: version, correlationId, clientId } = header;
    const { topicData, ...request } = body as ProduceRequest;
    const failed: TopicAnswer[] = [];
    const kept: Topic[] = [];
    for (const topic of topicData) {
      const codes = topic.partitionData.map(({ index }) => this.#fire(topic, index));
      const some = topic.partitionData.filter((_, at) => codes[at] === 0);
      if (some.length > 0) kept.push({ ...topic, partitionData: some });
      const answers = topic.partitionData.map(({ index }, at) => failure(index, codes[at]!));
      if (some.length < codes.length) {
        failed.push({ ...topic, partitionResponses: answers.filter(({ errorCode: code }) => code !== 0) });
      }
    }
    if (failed.length === 0) return undefined;
    const rest = { ...request, topicData: kept };
    return {
      forwarded: kept.length > 0 ? encodeRequest(api, version, { correlationId, clientId }, rest) : undefined,
      answered: request.acks !== 0,
      answer: whole => {
        const others = whole && (decodeResponse(api, version, whole).body as ProduceResponse);
        const responses = [...(others?.responses ?? []), ...failed];
        return encodeResponse(api, version, correlationId, { ...others, responses });
      },
    };
  }

  /** The error that the next append to a partition gets, 0 for none; it is disarmed. */
  #fire({ name, topicId }: Topic, partition: number): number {
    const at = this.#armed.findIndex(
      ({ topic, partition: armed }) =>
        armed === partition && (topicId === zeroUuid ? topic.name === name : topic.id === topicId),
    );
    return at < 0 ? 0 : this.#armed.splice(at, 1)[0]!.error;
  }
}

function failure(index: number, code: number): TopicAnswer['partitionResponses'][number] {
  return {
    index,
    errorCode: code,
    baseOffset: -1n,
    logAppendTimeMs: -1n,
    logStartOffset: -1n,
    recordErrors: [],
    errorMessage: code === errorCode.NONE ? null : `${errorOf(code).message} (asked for by a test)`,
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
  };
}
