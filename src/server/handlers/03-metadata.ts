// Metadata, key 3, versions 0-13. Where the leaders are: of topics by name or by id, or of all. Unknown names can create
// topics; the answer says UNKNOWN_TOPIC_OR_PARTITION meanwhile, and the client asks again.
import { isRefusal, refuse } from '../../base/result.ts';
import { zeroUuid } from '../../base/uuid.ts';
import { type MetadataImage, topicByName } from '../../core/metadata/image.ts';
import { invalidTopicName, isInternalTopic } from '../../core/metadata/topic-names.ts';
import { codecOf } from '../../protocol/codec.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { MetadataRequest, MetadataResponse } from '../../protocol/messages/03-metadata.ts';
import { Writer } from '../../protocol/wire.ts';
import { type ApiRefusal, Encoded, type RequestContext, type ServedApi, serve } from '../api.ts';
import { clusterOperations, operationsNotAsked } from '../authorized-operations.ts';
import { EncodedTopics, encodeTopic, type MetadataTopic, operationsOf, type TopicForm } from '../encoded-topics.ts';
import type { Services } from '../services.ts';
import { aliveBrokerNodes, controllerNode } from '../views.ts';

const firstFlexible = MetadataRequest.flexibleFrom;
const firstWithIds = 12;

export function metadata(services: Services): ServedApi {
  const encoded = new EncodedTopics();

  /** Every topic of the answer in wire form. */
  function topicsOf(request: MetadataRequest, image: MetadataImage, form: TopicForm): Uint8Array[] {
    const failed = (error: ErrorName, name: string | null, topicId = zeroUuid): Uint8Array =>
      encodeTopic(
        { ...unknownTopic(errorCode[error], name), topicId, topicAuthorizedOperations: operationsOf(form) },
        form.version,
      );
    if (asksForAll(request, form.version)) {
      return [...image.topicsById.values()].map(topic => encoded.of(image, topic, form));
    }
    const asked = request.topics ?? [];
    const ids = new Set(asked.map(topic => topic.topicId).filter(id => id !== zeroUuid));
    // Names beside ids are ignored, as Kafka does.
    if (ids.size > 0) {
      return [...ids].map(id => {
        const topic = image.topicsById.get(id);
        return topic === undefined ? failed('UNKNOWN_TOPIC_ID', null, id) : encoded.of(image, topic, form);
      });
    }
    const names = [...new Set(asked.map(topic => topic.name ?? ''))];
    const missing = names.filter(name => !image.topicIdsByName.has(name));
    const create = request.allowAutoTopicCreation && services.config.boolean('auto.create.topics.enable');
    if (create && missing.length > 0) void services.autoCreation.create(missing.filter(isCreatable));
    return names.map(name => {
      const topic = topicByName(image, name);
      if (topic !== undefined) return encoded.of(image, topic, form);
      return failed(isCreatable(name) ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_TOPIC_EXCEPTION', name);
    });
  }

  return serve({
    request: MetadataRequest,
    response: MetadataResponse,

    handle(request, context) {
      const { version, listener } = context;
      const refusal = malformed(request, version);
      if (isRefusal(refusal)) return refusal;
      const image = services.image();
      const form = { version, listener: listener.name, withOperations: request.includeTopicAuthorizedOperations };
      const around: Omit<MetadataResponse, 'topics' | 'throttleTimeMs' | 'errorCode'> = {
        brokers: aliveBrokerNodes(image, listener.name).map(({ id, host, port, rack }) => ({
          nodeId: id,
          host,
          port,
          rack,
        })),
        clusterId: services.clusterId,
        controllerId: controllerNode(image),
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? clusterOperations
          : operationsNotAsked,
      };
      return new Encoded(answerWith(topicsOf(request, image, form), around, version));
    },

    // What is not there may be created by asking, or by somebody who does not change the metadata first.
    lasts(request, { version }) {
      if (asksForAll(request, version)) return true;
      const { topicIdsByName, topicsById } = services.image();
      return (request.topics ?? []).every(({ name, topicId }) =>
        topicId === zeroUuid ? topicIdsByName.has(name ?? '') : topicsById.has(topicId),
      );
    },

    refused,
  });
}

const isCreatable = (name: string): boolean => invalidTopicName(name) === undefined;

const asksForAll = (request: MetadataRequest, version: number): boolean =>
  request.topics === null || (version === 0 && request.topics.length === 0);

/**
 * Versions 10 and 11 can spell ids and null names, but never gave them a meaning. Later ones need a name or an id; Kafka
 * stumbles over neither, and says so.
 */
function malformed(request: MetadataRequest, version: number): ApiRefusal | undefined {
  const topics = request.topics ?? [];
  if (version >= firstWithIds) {
    const nameless = topics.some(({ name }) => name === null) && topics.every(({ topicId }) => topicId === zeroUuid);
    return nameless ? refuse('UNKNOWN_SERVER_ERROR', 'a topic has neither name nor id') : undefined;
  }
  for (const { name, topicId } of topics) {
    if (name === null) return refuse('INVALID_REQUEST', `a topic name cannot be null in version ${version}`);
    if (topicId !== zeroUuid) return refuse('INVALID_REQUEST', `topic ids mean nothing in version ${version}`);
  }
  return undefined;
}

const unknownTopic = (code: number, name: string | null): MetadataTopic => ({
  errorCode: code,
  name,
  topicId: zeroUuid,
  isInternal: name !== null && isInternalTopic(name),
  partitions: [],
  topicAuthorizedOperations: operationsNotAsked,
});

/**
 * The answer around topics that are encoded already: encoded once without topics, then cut where they belong. Behind
 * them come the cluster's operations (8-10), the error code (13) and the tagged fields (flexible versions).
 */
export function answerWith(
  topics: readonly Uint8Array[],
  around: Omit<MetadataResponse, 'topics' | 'throttleTimeMs' | 'errorCode'>,
  version: number,
): Uint8Array {
  const writer = new Writer();
  codecOf(MetadataResponse, version).write(writer, { ...around, topics: [], errorCode: errorCode.NONE });
  const whole = writer.done();
  const flexible = version >= firstFlexible;
  const behind = (version >= 8 && version <= 10 ? 4 : 0) + (version >= 13 ? 2 : 0) + (flexible ? 1 : 0);
  const countBytes = flexible ? 1 : 4;
  const answer = new Writer(topics.reduce((sum, topic) => sum + topic.length, whole.length + 4));
  answer.raw(whole.subarray(0, whole.length - behind - countBytes));
  if (flexible) answer.uvar(topics.length + 1);
  else answer.i32(topics.length);
  for (const topic of topics) answer.raw(topic);
  answer.raw(whole.subarray(whole.length - behind));
  return answer.done();
}

function refused(refusal: ApiRefusal, request: MetadataRequest, _context: RequestContext) {
  const code = errorCode[refusal.refused];
  return {
    brokers: [],
    topics: (request.topics ?? []).map(({ name, topicId }) => ({
      ...unknownTopic(code, name ?? ''),
      topicId,
      isInternal: false,
    })),
    errorCode: code,
  };
}
