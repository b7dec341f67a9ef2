/** Has a broker clean a topic, and sees from its files when it is done. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '../../src/client/connection.ts';
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { activeBase, cleanEnd } from '../../test/support/cleaned.ts';
import { cpuSeconds } from '../process.ts';

const topicResource = 2;
const setOperation = 0;
const betweenLooksMsUsual = 5;

/** What a contestant needs to have for this: its files are looked at. */
export interface CleaningBroker {
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
}

export interface CleaningFigures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Bytes of the segments that were cleaned, as they were stored before. */
  readonly megabytes: number;
  readonly megabytesAfter: number;
}

/** The topic becomes due: the cleaner finds it at its next look. */
export async function makeDue({ port }: CleaningBroker, topic: string): Promise<void> {
  const connection = await Connection.open({ host: '127.0.0.1', port });
  try {
    const change = { name: 'min.cleanable.dirty.ratio', configOperation: setOperation, value: '0.01' };
    const resources = [{ resourceType: topicResource, resourceName: topic, configs: [change] }];
    const { responses } = await connection.call(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, {
      resources,
      validateOnly: false,
    });
    if (responses[0]!.errorCode !== 0) throw new Error(`${topic}: ${responses[0]!.errorMessage}`);
  } finally {
    connection.close();
  }
}

/** Resolves when nothing below the active segments is dirty. */
export async function untilClean(
  { dataDir }: CleaningBroker,
  topic: string,
  partitions = 1,
  betweenLooksMs = betweenLooksMsUsual,
): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const name = `${topic}-${partition}`;
    const end = await activeBase(dataDir, name);
    if (end === 0n) throw new Error(`${name} has one segment only, and nothing to clean: more --repeats`);
    while ((await cleanEnd(dataDir, name)) < end) await new Promise(resolve => setTimeout(resolve, betweenLooksMs));
  }
}

/** Bytes of the segments below the active one. */
async function closedMegabytes({ dataDir }: CleaningBroker, topic: string): Promise<number> {
  const folder = join(dataDir, `${topic}-0`);
  const logs = (await readdir(folder)).filter(name => /^\d{20}\.log$/.test(name)).sort();
  let bytes = 0;
  for (const name of logs.slice(0, -1)) bytes += (await stat(join(folder, name))).size;
  return bytes / 1e6;
}

export async function measureCleaning(broker: CleaningBroker, topic: string): Promise<CleaningFigures> {
  const megabytes = await closedMegabytes(broker, topic);
  const cpuBefore = cpuSeconds(broker.pid);
  const began = performance.now();
  await makeDue(broker, topic);
  await untilClean(broker, topic);
  const seconds = (performance.now() - began) / 1000;
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  return { seconds, cpuSeconds: cpu, megabytes, megabytesAfter: await closedMegabytes(broker, topic) };
}
