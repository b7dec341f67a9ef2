/** Apache Kafka's generated message classes as a function: bytes in, what Java understood of them as bytes out. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader, Writer } from '../../../src/protocol/wire.ts';
import { must } from '../../support/child.ts';
import { REPO_ROOT, scratchDir } from '../../support/paths.ts';
import type { Artifact } from './definitions.ts';
import { javaSource } from './kafka.ts';

export interface Sample {
  readonly artifact: Artifact;
  readonly message: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

const packages: Readonly<Record<Artifact, string>> = {
  'kafka-clients': 'org.apache.kafka.common.message',
  'kafka-metadata': 'org.apache.kafka.common.metadata',
  'kafka-group-coordinator': 'org.apache.kafka.coordinator.group.generated',
  'kafka-transaction-coordinator': 'org.apache.kafka.coordinator.transaction.generated',
  'kafka-share-coordinator': 'org.apache.kafka.coordinator.share.generated',
  'kafka-raft': 'org.apache.kafka.raft.generated',
  'kafka-storage': 'org.apache.kafka.server.log.remote.metadata.storage.generated',
};

const className = ({ artifact, message }: Sample): string =>
  `${packages[artifact]}.${message}${/(Request|Response|RequestHeader|ResponseHeader)$/.test(message) ? 'Data' : ''}`;

/** One answer per sample: the bytes that Java writes after reading, or its error. */
export async function rewriteInJava(samples: readonly Sample[]): Promise<(Uint8Array | string)[]> {
  const input = new Writer(1 << 20);
  for (const sample of samples) {
    input.text(className(sample), (w, length) => w.i16(length));
    input.i16(sample.version);
    input.i32(sample.bytes.length);
    input.raw(sample.bytes);
  }
  const dir = scratchDir('java-messages');
  writeFileSync(join(dir, 'in'), input.done());
  const java = await javaSource(join(REPO_ROOT, 'test/peers/java/Rewrite.java'), [join(dir, 'in'), join(dir, 'out')]);
  await must(java.command, java.args);
  const output = new Reader(readFileSync(join(dir, 'out')));
  return samples.map(() => {
    if (output.i8() === 0) return output.slice(output.i32());
    return output.text(output.i16());
  });
}
