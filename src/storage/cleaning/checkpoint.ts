// `cleaner-offset-checkpoint`, one per log directory: up to which offset each compacted partition is clean. Kafka's file: a version
// line (0), the number of entries, then `topic partition offset` a line. Lost or damaged it costs one pass over everything.
import type { Files } from '../../runtime/ports.ts';

export const cleanerCheckpointName = 'cleaner-offset-checkpoint';

/** By `topic-partition`, as partition directories are named. */
export type CleanEnds = ReadonlyMap<string, bigint>;

export function formatCleanEnds(ends: CleanEnds): string {
  const lines = [...ends].map(([name, offset]) => {
    const dash = name.lastIndexOf('-');
    return `${name.slice(0, dash)} ${name.slice(dash + 1)} ${offset}\n`;
  });
  return `0\n${lines.length}\n${lines.join('')}`;
}

/** Undefined for what is not such a file. */
export function parseCleanEnds(text: string): Map<string, bigint> | undefined {
  const [version, count, ...lines] = text.trimEnd().split('\n');
  if (version !== '0' || String(lines.length) !== count) return undefined;
  const ends = new Map<string, bigint>();
  for (const line of lines) {
    const [, topic, partition, offset] = /^(\S+) (\d+) (\d+)$/.exec(line) ?? [];
    if (offset === undefined) return undefined;
    ends.set(`${topic}-${partition}`, BigInt(offset));
  }
  return ends;
}

/** The file of one log directory, written whole after every pass. */
export class CleanerCheckpoint {
  private readonly files: Files;
  private readonly path: string;
  private ends = new Map<string, bigint>();
  private writing: Promise<void> = Promise.resolve();

  constructor(files: Files, directory: string) {
    this.files = files;
    this.path = `${directory}/${cleanerCheckpointName}`;
  }

  /** Resolves with false when there is a file that cannot be read: everything counts as dirty then. */
  async load(): Promise<boolean> {
    const bytes = await this.files.read(this.path);
    if (bytes === undefined) return true;
    const ends = parseCleanEnds(new TextDecoder().decode(bytes));
    if (ends !== undefined) this.ends = ends;
    return ends !== undefined;
  }

  get(name: string): bigint | undefined {
    return this.ends.get(name);
  }

  /** Where a pass has ended; in effect at once, durable when it resolves. Rejects when it cannot be written. */
  store(name: string, cleanEnd: bigint): Promise<void> {
    this.ends.set(name, cleanEnd);
    return this.write();
  }

  /** A partition is deleted: one of the same name that comes later is dirty from its start. Rejects as `store` does. */
  async forget(name: string): Promise<void> {
    if (this.ends.delete(name)) await this.write();
  }

  /** One after the other: the file has one temporary name. */
  private write(): Promise<void> {
    const write = () => this.files.writeAtomically(this.path, new TextEncoder().encode(formatCleanEnds(this.ends)));
    const written = this.writing.then(write);
    this.writing = written.catch(() => {});
    return written;
  }
}
