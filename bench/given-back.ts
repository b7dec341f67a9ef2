import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Less than this of what a topic's files held may be left: names, checkpoints, a truncated file. */
const leftBytesMax = 1 << 20;
const lookEveryMs = 50;
const patienceMs = 20_000;
const blockBytes = 512;

/** What is deleted goes in the background, and takes the disk and its journal away from what is measured next: resolves when it is gone. False: it stays. */
export async function untilGivenBack(folder: string, topic: string): Promise<boolean> {
  const until = performance.now() + patienceMs;
  while (held(folder, topic) > leftBytesMax) {
    if (performance.now() > until) return false;
    await sleep(lookEveryMs);
  }
  return true;
}

/** Bytes on the disk under names that contain `topic`; what vanishes meanwhile holds nothing. */
function held(folder: string, topic: string, isTopic = false): number {
  let bytes = 0;
  for (const entry of entries(folder)) {
    const path = join(folder, entry.name);
    const named = isTopic || entry.name.includes(topic);
    if (entry.isDirectory()) bytes += held(path, topic, named);
    else if (named) bytes += (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * blockBytes;
  }
  return bytes;
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
