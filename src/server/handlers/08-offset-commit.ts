// OffsetCommit, key 8, versions 2-10. Topics must exist: those that do not are answered here, by name or (from version 10
// on) by id; what is left goes to the group's shard. Without anything left nothing about the group is said.
import { isRefusal } from '../../base/result.ts';
import { type Uuid, zeroUuid } from '../../base/uuid.ts';
import type { OffsetCommitAsk } from '../../core/group/asks.ts';
import { type MetadataImage, type TopicImage, topicByName } from '../../core/metadata/image.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

type TopicAsk = OffsetCommitRequest['topics'][number];
type TopicResult = OffsetCommitResponse['topics'][number];
type PartitionResult = TopicResult['partitions'][number];

const firstWithGroupNotFound = 9;
const firstWithIds = 10;

interface Known {
  readonly topicId: Uuid;
  readonly name: string;
  readonly partitions: TopicAsk['partitions'];
}

export function offsetCommit({ image, groups }: Services): ServedApi {
  return serve({
    request: OffsetCommitRequest,
    response: OffsetCommitResponse,

    async handle(request, { version }) {
      const { known, failed } = sort(image(), request.topics, version >= firstWithIds);
      if (known.length === 0) return { topics: failed };
      const reply = await groups.commitOffsets(askOf(request, known));
      const committed = isRefusal(reply)
        ? results(known, [], reply.refused)
        : results(
            known,
            reply.errors.map(error => asToldIn(version, error)),
          );
      return { topics: merged(failed, committed, version >= firstWithIds) };
    },

    refused: (refusal, request) => ({
      topics: request.topics.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: failedPartitions(partitions, errorCode[refusal.refused]),
      })),
    }),
  });
}

/** A member of a group that is not there any more; before the error had a name of its own. */
const asToldIn = (version: number, error: ErrorName): ErrorName =>
  version < firstWithGroupNotFound && error === 'GROUP_ID_NOT_FOUND' ? 'ILLEGAL_GENERATION' : error;

/** What exists, and the errors of what does not; topics named twice have one error entry. */
function sort(image: MetadataImage, topics: readonly TopicAsk[], byId: boolean) {
  const known: Known[] = [];
  const failed = new FailedTopics(byId);
  for (const topic of topics) {
    const found = byId ? image.topicsById.get(topic.topicId) : topicByName(image, topic.name);
    if (found === undefined) {
      const code = byId ? errorCode.UNKNOWN_TOPIC_ID : errorCode.UNKNOWN_TOPIC_OR_PARTITION;
      failed.add(topic.name, byId ? topic.topicId : zeroUuid, failedPartitions(topic.partitions, code));
      continue;
    }
    const exists = ({ partitionIndex }: { partitionIndex: number }) => hasPartition(found, partitionIndex);
    const missing = topic.partitions.filter(partition => !exists(partition));
    if (missing.length > 0) {
      failed.add(found.name, found.id, failedPartitions(missing, errorCode.UNKNOWN_TOPIC_OR_PARTITION));
    }
    const partitions = topic.partitions.filter(exists);
    if (partitions.length > 0) known.push({ topicId: found.id, name: found.name, partitions });
  }
  return { known, failed: failed.topics };
}

class FailedTopics {
  readonly topics: TopicResult[] = [];
  private readonly byId: boolean;

  constructor(byId: boolean) {
    this.byId = byId;
  }

  add(name: string, topicId: Uuid, partitions: readonly PartitionResult[]): void {
    const at = this.topics.findIndex(topic => sameTopic(topic, { name, topicId }, this.byId));
    const before = this.topics[at];
    if (before === undefined) this.topics.push({ name, topicId, partitions });
    else this.topics[at] = { ...before, partitions: [...before.partitions, ...partitions] };
  }
}

/** `errors` are in the order of the partitions; where there is none, it is `otherwise`. */
function results(
  known: readonly Known[],
  errors: readonly ErrorName[],
  otherwise: ErrorName = 'UNKNOWN_SERVER_ERROR',
): TopicResult[] {
  let next = 0;
  return known.map(({ topicId, name, partitions }) => ({
    topicId,
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: errorCode[errors[next++] ?? otherwise],
    })),
  }));
}

/** One entry per topic, unless all went well: then the entries are those of the request. */
function merged(failed: readonly TopicResult[], committed: readonly TopicResult[], byId: boolean): TopicResult[] {
  if (failed.length === 0) return [...committed];
  const topics = [...failed];
  for (const topic of committed) {
    const at = topics.findIndex(other => sameTopic(other, topic, byId));
    const before = topics[at];
    if (before === undefined) topics.push(topic);
    else topics[at] = { ...before, partitions: [...before.partitions, ...topic.partitions] };
  }
  return topics;
}

type Named = Pick<TopicResult, 'name' | 'topicId'>;
const sameTopic = (a: Named, b: Named, byId: boolean): boolean => (byId ? a.topicId === b.topicId : a.name === b.name);

const hasPartition = (topic: TopicImage, index: number): boolean => topic.partitions[index] !== undefined;

const failedPartitions = (partitions: TopicAsk['partitions'], code: number): PartitionResult[] =>
  partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code }));

const askOf = (request: OffsetCommitRequest, known: readonly Known[]): OffsetCommitAsk => ({
  groupId: request.groupId,
  memberId: request.memberId,
  groupInstanceId: request.groupInstanceId,
  generationId: request.generationIdOrMemberEpoch,
  retentionTimeMs: request.retentionTimeMs,
  partitions: known.flatMap(({ topicId, name, partitions }) =>
    partitions.map(partition => ({
      topic: name,
      topicId,
      partition: partition.partitionIndex,
      offset: partition.committedOffset,
      leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata,
    })),
  ),
});
