// OffsetFetch, key 9, versions 1-10. One group until version 7, several from 8 on; null topics ask for all that a group
// has. Topics need not exist, but one asked for by an unknown id (version 10) has no name to look under.
import { groupBy } from '../../base/group-by.ts';
import { type Uuid, zeroUuid } from '../../base/uuid.ts';
import type { FetchedOffset, OffsetFetchReply } from '../../core/group/asks.ts';
import type { MetadataImage } from '../../core/metadata/image.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/09-offset-fetch.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

type GroupAsk = OffsetFetchRequest['groups'][number];
type TopicAsk = NonNullable<GroupAsk['topics']>[number];
type GroupResult = OffsetFetchResponse['groups'][number];
type TopicResult = GroupResult['topics'][number];
type PartitionResult = TopicResult['partitions'][number];

const firstWithGroupError = 2;
const firstWithGroups = 8;
const firstWithIds = 10;
const noOffset = -1n;

export function offsetFetch(services: Services): ServedApi {
  async function fetch(group: GroupAsk, requireStable: boolean, version: number): Promise<GroupResult> {
    const image = services.image();
    const byId = version >= firstWithIds;
    const asked = group.topics?.map(topic => named(image, topic, byId)) ?? null;
    const { groupId, memberId, memberEpoch } = group;
    const partitions = asked?.filter(({ name }) => name !== undefined).flatMap(partitionsOf) ?? null;
    const reply = await services.groups.fetchOffsets({ groupId, memberId, memberEpoch, partitions, requireStable });
    if (reply.error !== 'NONE') return failedGroup(group, reply.error, version);
    if (asked === null) return { groupId, topics: allTopics(image, reply, byId), errorCode: errorCode.NONE };
    const nameless = asked.filter(({ name }) => name === undefined);
    return {
      groupId,
      topics: [...askedTopics(asked, reply), ...nameless.map(topic => failedTopic(topic, 'UNKNOWN_TOPIC_ID'))],
      errorCode: errorCode.NONE,
    };
  }

  return serve({
    request: OffsetFetchRequest,
    response: OffsetFetchResponse,

    async handle(request, { version }) {
      const groups = await Promise.all(
        groupsOf(request, version).map(group => fetch(group, request.requireStable, version)),
      );
      return shaped(groups, version);
    },

    refused: (refusal, request, { version }) =>
      shaped(
        groupsOf(request, version).map(group => failedGroup(group, refusal.refused, version)),
        version,
      ),
  });
}

function groupsOf(request: OffsetFetchRequest, version: number): readonly GroupAsk[] {
  if (version >= firstWithGroups) return request.groups;
  const topics = request.topics?.map(topic => ({ ...topic, topicId: zeroUuid })) ?? null;
  return [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics }];
}

/** Versions before 8 have one group, spread over the answer's top level. */
function shaped(groups: readonly GroupResult[], version: number) {
  if (version >= firstWithGroups) return { groups };
  const [{ topics, errorCode: code }] = groups as [GroupResult];
  return { groups: [], topics, errorCode: code };
}

interface Asked {
  readonly name: string | undefined;
  readonly topicId: Uuid;
  readonly partitionIndexes: readonly number[];
}

function named(image: MetadataImage, { name, topicId, partitionIndexes }: TopicAsk, byId: boolean): Asked {
  return { name: byId ? image.topicsById.get(topicId)?.name : name, topicId, partitionIndexes };
}

const partitionsOf = ({ name = '', topicId, partitionIndexes }: Asked) =>
  partitionIndexes.map(partition => ({ topic: name, topicId, partition }));

/** The reply's partitions are those asked for, in that order. */
function askedTopics(asked: readonly Asked[], { partitions }: OffsetFetchReply): TopicResult[] {
  const fetched = partitions.values();
  return asked
    .filter(({ name }) => name !== undefined)
    .map(({ name = '', topicId, partitionIndexes }) => ({
      name,
      topicId,
      partitions: partitionIndexes.flatMap(() => {
        const { value } = fetched.next();
        return value === undefined ? [] : [partitionResult(value)];
      }),
    }));
}

/** Of topics that are gone nobody knows the id: an answer by ids leaves them out. */
function allTopics(image: MetadataImage, { partitions }: OffsetFetchReply, byId: boolean): TopicResult[] {
  const topics = [...groupBy(partitions, ({ topic }) => topic)].map(([name, offsets]) => ({
    name,
    topicId: image.topicIdsByName.get(name) ?? zeroUuid,
    partitions: offsets.map(partitionResult),
  }));
  return byId ? topics.filter(({ topicId }) => topicId !== zeroUuid) : topics;
}

const partitionResult = ({ partition, offset, leaderEpoch, metadata, error }: FetchedOffset): PartitionResult => ({
  partitionIndex: partition,
  committedOffset: offset,
  committedLeaderEpoch: leaderEpoch,
  metadata,
  errorCode: errorCode[error],
});

const failedTopic = ({ name = '', topicId, partitionIndexes }: Asked, error: ErrorName): TopicResult => ({
  name,
  topicId,
  partitions: partitionIndexes.map(partitionIndex => ({
    partitionIndex,
    committedOffset: noOffset,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: errorCode[error],
  })),
});

/** Version 1 has no place for the error of a group: each partition says it. */
function failedGroup({ groupId, topics }: GroupAsk, error: ErrorName, version: number): GroupResult {
  if (version >= firstWithGroupError) return { groupId, topics: [], errorCode: errorCode[error] };
  return { groupId, topics: (topics ?? []).map(topic => failedTopic(topic, error)), errorCode: errorCode.NONE };
}
