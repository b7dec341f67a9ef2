// DescribeLogDirs, key 35, versions 1-5. What lies in which log directory, and how full its volume is (KIP-827).
import { type TopicImage, topicByName } from '../../core/metadata/image.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/messages/35-describe-log-dirs.ts';
import type { PartitionHandle } from '../../runtime/ports.ts';
import { type ServedApi, serve } from '../api.ts';
import type { PlaneAsks } from '../plane-asks.ts';
import type { Services } from '../services.ts';

type Result = DescribeLogDirsResponse['results'][number];
type PartitionSize = Result['topics'][number]['partitions'][number];

interface Place {
  readonly topic: string;
  readonly partitionIndex: number;
  readonly logDir: number;
  readonly handle: PartitionHandle;
}

export function describeLogDirs(services: Services, asks: PlaneAsks): ServedApi {
  /** The partitions asked for that live here. */
  function placesOf(request: DescribeLogDirsRequest): Place[] {
    const image = services.image();
    const asked: readonly (readonly [TopicImage | undefined, ReadonlySet<number> | undefined])[] =
      request.topics === null
        ? [...image.topicsById.values()].map(topic => [topic, undefined] as const)
        : request.topics.map(({ topic, partitions }) => [topicByName(image, topic), new Set(partitions)] as const);
    return asked.flatMap(([topic, indexes]) =>
      (topic?.partitions ?? []).flatMap(partition => {
        const handle = services.partitions.handleOf(topic!, partition.index);
        if (handle === undefined || (indexes !== undefined && !indexes.has(partition.index))) return [];
        const logDir = services.partitions.logDirOf(topic!, partition);
        return [{ topic: topic!.name, partitionIndex: partition.index, logDir, handle }];
      }),
    );
  }

  async function describe(path: string, topics: ReadonlyMap<string, PartitionSize[]>): Promise<Result> {
    const result = (error: ErrorName, totalBytes: bigint, usableBytes: bigint): Result => ({
      errorCode: errorCode[error],
      logDir: path,
      topics: error === 'NONE' ? [...topics].map(([name, partitions]) => ({ name, partitions })) : [],
      totalBytes,
      usableBytes,
      isCordoned: false,
    });
    try {
      const { totalBytes, usableBytes } = await services.volumes.space(path);
      return result('NONE', totalBytes, usableBytes);
    } catch {
      return result('KAFKA_STORAGE_ERROR', -1n, -1n);
    }
  }

  return serve({
    request: DescribeLogDirsRequest,
    response: DescribeLogDirsResponse,

    async handle(request) {
      const places = placesOf(request);
      const facts = await asks.query(
        'log',
        places.map(({ handle }) => handle),
      );
      const byDir = services.volumes.directories.map(() => new Map<string, PartitionSize[]>());
      for (const [i, { topic, partitionIndex, logDir }] of places.entries()) {
        const fact = facts[i];
        const topics = byDir[logDir];
        if (fact === undefined || fact.error !== 0 || topics === undefined) continue;
        const sizes = topics.get(topic) ?? [];
        sizes.push({ partitionIndex, partitionSize: fact.sizeBytes, offsetLag: 0n, isFutureKey: false });
        topics.set(topic, sizes);
      }
      const results = services.volumes.directories.map(({ path }, i) => describe(path, byDir[i]!));
      return { errorCode: errorCode.NONE, results: await Promise.all(results) };
    },

    refused: refusal => ({ errorCode: errorCode[refusal.refused], results: [] }),
  });
}
