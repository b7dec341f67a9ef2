/** Records, batches and files around messages, read and written again by Apache Kafka's own code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader, Writer } from '../../../src/protocol/wire.ts';
import { must } from '../../support/child.ts';
import { REPO_ROOT, scratchDir } from '../../support/paths.ts';
import { javaSource } from './kafka.ts';

export interface Frame {
  readonly kind: 'metadata' | 'group' | 'transaction' | 'share' | 'batch' | 'producer-snapshot' | 'quorum-state';
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

export type Rewritten = Pick<Frame, 'key' | 'value'>;

/** One answer per frame: what Java writes after reading, or its error. */
export async function rewriteFramesInJava(frames: readonly Frame[]): Promise<(Rewritten | string)[]> {
  const input = new Writer(1 << 16);
  for (const { kind, key, value } of frames) {
    input.text(kind, (w, length) => w.i16(length));
    for (const part of [key, value]) {
      input.i32(part === null ? -1 : part.length);
      if (part !== null) input.raw(part);
    }
  }
  const dir = scratchDir('java-frames');
  writeFileSync(join(dir, 'in'), input.done());
  const java = await javaSource(join(REPO_ROOT, 'test/peers/java/Frames.java'), [join(dir, 'in'), join(dir, 'out')]);
  await must(java.command, java.args);
  const output = new Reader(readFileSync(join(dir, 'out')));
  const part = (): Uint8Array | null => {
    const length = output.i32();
    return length < 0 ? null : output.slice(length);
  };
  return frames.map(() => (output.i8() === 0 ? { key: part(), value: part() } : output.text(output.i16())));
}
