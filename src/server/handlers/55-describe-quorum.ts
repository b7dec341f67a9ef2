// DescribeQuorum, key 55, versions 0-2 (KIP-595). The metadata quorum as its leader sees it.
import { zeroUuid } from '../../base/uuid.ts';
import { clusterMetadataTopic } from '../../core/metadata/topic-names.ts';
import { errorCode, errorOf } from '../../protocol/errors.ts';
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../protocol/messages/55-describe-quorum.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

const firstWithDirectories = 2;
const metadataPartition = 0;
/** Kafka says nothing with an empty string here. */
const noMessage = '';

export function describeQuorum(services: Services): ServedApi {
  return serve({
    request: DescribeQuorumRequest,
    response: DescribeQuorumResponse,

    handle(request, { version }) {
      if (!asksForMetadata(request)) return wrongPartitions(request);
      const quorum = services.quorum();
      const now = services.clock.wallMs();
      const voter = {
        replicaId: quorum.leaderId,
        replicaDirectoryId: version >= firstWithDirectories ? quorum.directoryId : zeroUuid,
        logEndOffset: quorum.logEndOffset,
        lastFetchTimestamp: now,
        lastCaughtUpTimestamp: now,
      };
      const partition = {
        partitionIndex: metadataPartition,
        errorCode: errorCode.NONE,
        errorMessage: noMessage,
        leaderId: quorum.leaderId,
        leaderEpoch: quorum.leaderEpoch,
        highWatermark: quorum.highWatermark,
        currentVoters: [voter],
        observers: [],
      };
      return {
        errorCode: errorCode.NONE,
        errorMessage: noMessage,
        topics: [{ topicName: clusterMetadataTopic, partitions: [partition] }],
        nodes: version >= firstWithDirectories ? voterNodes(services) : [],
      };
    },

    refused: refusal => ({
      errorCode: errorCode[refusal.refused],
      errorMessage: refusal.message,
      topics: [],
      nodes: [],
    }),
  });
}

function asksForMetadata({ topics }: DescribeQuorumRequest): boolean {
  const [topic] = topics;
  if (topics.length !== 1 || topic?.topicName !== clusterMetadataTopic) return false;
  return topic.partitions.length === 1 && topic.partitions[0]?.partitionIndex === metadataPartition;
}

function wrongPartitions({ topics }: DescribeQuorumRequest) {
  const code = errorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return {
    errorCode: errorCode.NONE,
    errorMessage: noMessage,
    topics: topics.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: code,
        errorMessage: errorOf(code).message,
        leaderId: 0,
        leaderEpoch: 0,
        highWatermark: 0n,
        currentVoters: [],
        observers: [],
      })),
    })),
    nodes: [],
  };
}

function voterNodes(services: Services) {
  return services.quorum().voters.map(({ voterId, endpoints }) => ({
    nodeId: voterId,
    listeners: endpoints.map(({ name, host, port }) => ({ name, host, port })),
  }));
}
