import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readNodeConfig } from '../../src/node-config.ts';
import { withSingleNodeDefaults } from '../../src/single-node.ts';
import { LogLines } from './server/support.ts';

function read(properties: Readonly<Record<string, string>>, embedded = false) {
  const log = new LogLines();
  const node = readNodeConfig(withSingleNodeDefaults(new Map(Object.entries(properties))), log, embedded);
  return { ...node, log };
}

test('a node that nobody configured keeps to this machine', () => {
  const { nodeId, listeners, plane, log } = read({});
  expect(nodeId).toBe(1);
  expect(listeners.map(({ host, port, advertised }) => [host, port, advertised.host])).toEqual([
    ['localhost', 9092, 'localhost'],
  ]);
  expect(plane.logDirs).toEqual([resolve('data')]);
  expect(log.lines).toEqual([]);
});

test('a broker of its own has a reactor for each core, an embedded one has one', () => {
  expect(read({}).plane.reactors).toBe(availableParallelism());
  expect(read({}, true).plane.reactors).toBe(1);
  expect(read({ 'milena.reactors': '3' }, true).plane.reactors).toBe(3);
});

test('with several directories appends go through their lanes', () => {
  expect(read({}).plane.appendMode).toBe('inline');
  expect(read({ 'log.dirs': '/a,/b' }).plane).toMatchObject({ appendMode: 'lane', logDirs: ['/a', '/b'] });
  expect(read({ 'log.dirs': '/a,/b', 'milena.append.mode': 'inline' }).plane.appendMode).toBe('inline');
  expect(read({ 'log.dirs': '/a,/a' }).plane.logDirs).toEqual(['/a']);
});

test('the ways to the disk: pwritev and io_uring unless somebody says otherwise', () => {
  expect(read({}).plane).toMatchObject({ appendBackend: 'pwritev', syncBackend: 'io_uring' });
  expect(read({ 'milena.append.backend': 'io_uring' }).plane.appendBackend).toBe('io_uring');
  for (const backend of ['io_uring', 'threads', 'syncfs']) {
    expect(read({ 'milena.sync.backend': backend }).plane.syncBackend).toBe(backend);
  }
  expect(() => read({ 'milena.append.backend': 'uring' })).toThrow(/milena\.append\.backend/);
});

test('log.dir and broker.id are other names, and defaults do not stand against them', () => {
  expect(read({ 'log.dir': '/one' }).plane.logDirs).toEqual(['/one']);
  expect(read({ 'broker.id': '7' }).nodeId).toBe(7);
  expect(() => read({ 'broker.id': '7', 'node.id': '8' })).toThrow(/one property/);
});

test('what is set without effect is named in one line, the defaults of a single node are not', () => {
  const { log } = read({ 'num.io.threads': '4', 'num.network.threads': '2' });
  expect(log.lines).toEqual(['warn set, but not acting yet: num.io.threads, num.network.threads']);
});

test.each([
  [{ 'process.roles': 'broker' }, /process\.roles/],
  [{ 'process.roles': 'controller' }, /process\.roles/],
  [{ 'authorizer.class.name': 'a.B' }, /authorizer/],
  [{ 'remote.log.storage.system.enable': 'true' }, /tiered/],
  [{ 'controller.quorum.voters': '1@a:1,2@b:2,3@c:3' }, /3 nodes/],
  [{ 'no.such.property': '1' }, /Unknown property no\.such\.property/],
])('%j is refused', (properties, words) => {
  expect(() => read(properties as Record<string, string>)).toThrow(words);
});

test('every mistake is named, not only the first', () => {
  expect(() => read({ 'num.partitions': 'x', 'num.partitons': '3' })).toThrow(/num\.partitions.*\n.*num\.partitons/s);
});
