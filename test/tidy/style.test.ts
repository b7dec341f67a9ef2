import { expect, test } from 'vitest';
import { sourceFiles } from './files.ts';

const linesMax = 500;
/** Data, not code: one row a line. */
const tables = [
  /^src\/core\/config\/\w+-keys\.ts$/,
  /^src\/protocol\/errors\.ts$/,
  /\.gen\.h$/,
  /kafka_error\.(h|cc)$/,
];

/** What must not be in the tree, and what to write instead. */
const bans: readonly { pattern: RegExp; instead: string; in: readonly string[] }[] = [
  {
    pattern: /\b(TODO|FIXME|XXX)\b/,
    instead: 'finish it, or open an issue',
    in: ['src', 'native', 'test', 'bench', 'scripts'],
  },
  { pattern: /@ts-(ignore|expect-error|nocheck)/, instead: 'a type that fits', in: ['src', 'test', 'bench'] },
  { pattern: /(?<!-)\b(test|it|describe)\.(skip|only|todo)\b|\bretry:/, instead: 'a test that runs', in: ['test'] },
  { pattern: /console\.log/, instead: 'the logger, or the output of the CLI', in: ['src'] },
  { pattern: /\bsleep_for\b|\busleep\(/, instead: 'wait for the event itself', in: ['native'] },
];

const here = 'test/tidy/style.test.ts';
const everything = sourceFiles(
  ['src', 'native', 'test', 'bench', 'scripts'],
  ['.ts', '.mjs', '.h', '.cc', '.py', '.go', '.java'],
);

test(`no file is longer than ${linesMax} lines`, () => {
  const long = everything
    .filter(({ path }) => !tables.some(table => table.test(path)))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > linesMax);
  expect(long).toEqual([]);
});

test.each(bans)('$pattern is not used ($instead)', ban => {
  const found = everything
    .filter(({ path }) => path !== here && ban.in.some(folder => path.startsWith(`${folder}/`)))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, at) => (ban.pattern.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});

test('every TypeScript file is read by another one, or is an entrance', () => {
  const entrances = [/^src\/index\.ts$/, /^src\/testing\.ts$/, /^src\/cli\/bin\.ts$/];
  const sources = sourceFiles(['src', 'test', 'bench', 'scripts'], ['.ts', '.mjs']);
  const imported = new Set<string>();
  for (const { path, text } of sources) {
    for (const [, target = ''] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      imported.add(new URL(target, `file:///${path}`).pathname.slice(1));
    }
  }
  const unread = sources
    .map(file => file.path)
    .filter(path => path.startsWith('src/') && !imported.has(path) && !entrances.some(entrance => entrance.test(path)));
  expect(unread).toEqual([]);
});
