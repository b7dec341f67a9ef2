/** Goldens: a suite and Kafka's answers as one JSON file each, complete enough to be replayed without the code that made it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { REPO_ROOT } from '../support/paths.ts';
import type { Json } from './normalise.ts';
import type { Played } from './play.ts';
import type { Step, Suite, TopicSpec } from './suite.ts';

export const GOLDEN_DIR = join(REPO_ROOT, 'test', 'golden');
/** Frames above this size are kept compressed. */
const HEX_BYTES_MAX = 1024;

type StoredStep = Omit<Step, 'frames'> & { frames: string[]; answers: Json[]; connection: string; after?: Json };
type GoldenFile = {
  provenance: Readonly<Record<string, string>>;
  suite: string;
  topics: readonly TopicSpec[];
  prepare: string[];
  steps: StoredStep[];
};

export type Golden = { readonly suite: Suite; readonly played: readonly Played[] };

const encodeFrame = (frame: Uint8Array): string =>
  frame.length <= HEX_BYTES_MAX
    ? `hex:${Buffer.from(frame).toString('hex')}`
    : `gzip:${gzipSync(frame, { level: 9 }).toString('base64')}`;

function decodeFrame(text: string): Uint8Array {
  if (text.startsWith('hex:')) return Buffer.from(text.slice(4), 'hex');
  if (text.startsWith('gzip:')) return gunzipSync(Buffer.from(text.slice(5), 'base64'));
  throw new Error(`not a frame: ${text.slice(0, 20)}`);
}

export function writeGolden(
  file: string,
  suite: Suite,
  played: readonly Played[],
  provenance: GoldenFile['provenance'],
): void {
  const steps = suite.steps.map((step, i): StoredStep => {
    const one = played[i]!;
    return {
      ...step,
      frames: step.frames.map(encodeFrame),
      answers: [...one.answers],
      connection: one.connection,
      ...(one.stored === undefined ? {} : { after: one.stored }),
    };
  });
  const content = {
    provenance,
    suite: suite.name,
    topics: suite.topics,
    prepare: suite.prepare.map(encodeFrame),
    steps,
  };
  // One line a step: a diff shows which answers changed.
  const lines = JSON.stringify({ ...content, steps: ['STEPS'] }, null, 1).replace(
    '"STEPS"',
    () => `\n${steps.map(step => JSON.stringify(step)).join(',\n')}\n`,
  );
  writeFileSync(file, `${lines}\n`);
}

export function readGolden(file: string): Golden {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as GoldenFile;
  const steps = golden.steps.map((step): Step => {
    const { answers: _answers, connection: _connection, after: _after, ...rest } = step;
    return { ...rest, frames: step.frames.map(decodeFrame) };
  });
  const played = golden.steps.map(
    (step): Played => ({
      name: step.name,
      answers: step.answers,
      connection: step.connection === 'open' ? 'open' : 'closed',
      ...(step.after === undefined ? {} : { stored: step.after }),
    }),
  );
  return {
    suite: { name: golden.suite, topics: golden.topics, prepare: golden.prepare.map(decodeFrame), steps },
    played,
  };
}

/** Every golden with answers, by file. */
export function goldenFiles(): string[] {
  const answers = join(GOLDEN_DIR, 'answers');
  const files = readdirSync(answers).filter(name => name.endsWith('.json'));
  return [join(GOLDEN_DIR, 'produce-checks.json'), ...files.sort().map(name => join(answers, name))];
}
