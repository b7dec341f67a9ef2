import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './files.ts';

/** A file imports only from its own floor or a lower one (docs/architecture.md, section 8). */
const floors: Readonly<Record<string, number>> = {
  base: 0,
  protocol: 1,
  core: 2,
  runtime: 3,
  dataplane: 4,
  server: 4,
  storage: 4,
  client: 4,
  cli: 5,
  testing: 5,
};
/** Rooms of one floor that must not see each other: they meet in ports.ts and node.ts. */
const apart = new Set(['dataplane', 'server', 'storage', 'client']);
const topFloor = 5;

const nativeFloors = ['base', 'os', 'wire', 'log', 'plane', 'napi'];
/** The load generator stands beside the broker and knows no more of it than the protocol. */
const benchSees = ['bench', 'base', 'wire'];

/** Time, chance and the outside are arguments below floor 3. */
const impure = /\b(Date\b|Math\.random|set(Timeout|Interval|Immediate)|performance\.|process\.|console\.)|from 'node:/;
const asynchronous = /\b(async|await|Promise)\b/;

const roomOf = (path: string) => /^src\/(\w+)\//.exec(path)?.[1];
/** What is executed: without comments, and without strings that name no module. */
const code = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '').replace(/(?<!from )'(?:[^'\\\n]|\\.)*'/g, "''");

function brokenImports({ path, text }: SourceFile): string[] {
  const here = roomOf(path);
  if (here === undefined) return [];
  const found: string[] = [];
  for (const [, target = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
    const there = roomOf(new URL(target, `file:///${path}`).pathname.slice(1)) ?? 'top';
    const floor = there === 'top' ? topFloor : floors[there];
    if (floor === undefined || floor > floors[here]!) found.push(`${path}: ${here} must not see ${there}`);
    if (there !== here && apart.has(here) && apart.has(there)) found.push(`${path}: ${here} and ${there} stay apart`);
  }
  return found;
}

function brokenIncludes({ path, text }: SourceFile): string[] {
  const here = /^native\/(\w+)\//.exec(path)?.[1] ?? '';
  const found: string[] = [];
  for (const [, there = ''] of text.matchAll(/#include "(\w+)\//g)) {
    if (here === 'bench' && !benchSees.includes(there)) found.push(`${path}: bench must not see ${there}`);
    if (!nativeFloors.includes(here)) continue;
    if (nativeFloors.indexOf(there) > nativeFloors.indexOf(here)) found.push(`${path}: ${here} must not see ${there}`);
  }
  if (here !== 'napi' && /#include [<"](napi|node_api|js_native_api)/.test(text))
    found.push(`${path}: napi stays in napi/`);
  return found;
}

test('TypeScript files see only their own floor and those below', () => {
  const files = sourceFiles(['src'], ['.ts']);
  expect(files.filter(({ path }) => roomOf(path) !== undefined && !(roomOf(path)! in floors)).map(f => f.path)).toEqual(
    [],
  );
  expect(files.flatMap(brokenImports)).toEqual([]);
});

test('native files see only their own floor and those below', () => {
  expect(sourceFiles(['native'], ['.h', '.cc']).flatMap(brokenIncludes)).toEqual([]);
});

test('machines are pure: no clock, no chance, no process, no waiting', () => {
  const pure = sourceFiles(['src/base', 'src/protocol', 'src/core'], ['.ts']);
  expect(pure.filter(({ text }) => impure.test(code(text))).map(file => file.path)).toEqual([]);
  const core = pure.filter(({ path }) => roomOf(path) === 'core');
  expect(core.filter(({ text }) => asynchronous.test(code(text))).map(file => file.path)).toEqual([]);
});

test('the rules see violations', () => {
  const planted = [
    { path: 'src/core/a.ts', text: "import { b } from '../server/b.ts';" },
    { path: 'src/server/a.ts', text: "import { b } from '../dataplane/b.ts';" },
    { path: 'src/runtime/a.ts', text: "import { b } from '../node.ts';" },
  ];
  expect(planted.flatMap(brokenImports)).toHaveLength(3);
  expect(brokenIncludes({ path: 'native/log/a.cc', text: '#include "plane/partition.h"' })).toHaveLength(1);
  expect(impure.test(code('const t = Date.now();'))).toBe(true);
  expect(impure.test(code("// Date.now() is for drivers, 'process.roles' a name"))).toBe(false);
});
