/** Sees, from the files of a data directory, how far its compacted partitions are clean: the same files for Milena and Apache Kafka. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCleanEnds } from '../../src/storage/cleaning/checkpoint.ts';

const BETWEEN_LOOKS_MS = 20;

/** Where the clean part of `partition` (`topic-index`) ends; -1 as long as nothing of it was cleaned. */
export async function cleanEnd(dataDir: string, partition: string): Promise<bigint> {
  const text = await readFile(join(dataDir, 'cleaner-offset-checkpoint'), 'utf8').catch(() => '');
  return parseCleanEnds(text)?.get(partition) ?? -1n;
}

/** Resolves with the end of the clean part once that is at least `from`. */
export async function untilCleanedTo(dataDir: string, partition: string, from: bigint): Promise<bigint> {
  for (;;) {
    const end = await cleanEnd(dataDir, partition);
    if (end >= from) return end;
    await new Promise(resolve => setTimeout(resolve, BETWEEN_LOOKS_MS));
  }
}

/** Where the active segment begins, which no cleaner touches. */
export async function activeBase(dataDir: string, partition: string): Promise<bigint> {
  const names = await readdir(join(dataDir, partition));
  const bases = names.filter(name => /^\d{20}\.log$/.test(name)).map(name => BigInt(name.slice(0, 20)));
  return bases.reduce((latest, base) => (base > latest ? base : latest), 0n);
}

/** Resolves when nothing below the active segments of these partitions is dirty. Nobody may be writing to them. */
export async function untilCleaned(dataDir: string, partitions: readonly string[]): Promise<void> {
  for (const partition of partitions) {
    const base = await activeBase(dataDir, partition);
    if (base > 0n) await untilCleanedTo(dataDir, partition, base);
  }
}
