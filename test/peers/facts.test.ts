// The tables of errors and APIs against Apache Kafka's own.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { apiOf, apis, requestHeaderVersion, responseHeaderVersion } from '../../src/protocol/api.ts';
import { errors } from '../../src/protocol/errors.ts';
import { must } from '../support/child.ts';
import { REPO_ROOT } from '../support/paths.ts';
import { javaSource } from './support/kafka.ts';

let rows: string[][];
beforeAll(async () => {
  const java = await javaSource(join(REPO_ROOT, 'test/peers/java/Facts.java'), []);
  const { stdout } = await must(java.command, java.args);
  rows = stdout.split('\n').map(line => line.split(' '));
});

test('errors: codes, names and what is retriable', () => {
  const theirs = rows
    .filter(row => row[0] === 'error')
    .map(([, code, name, retriable]) => `${code} ${name} ${retriable}`);
  expect(theirs.length).toBeGreaterThan(130);
  expect(errors.map(e => `${e.code} ${e.name} ${e.retriable}`)).toEqual(theirs);
});

test('APIs: versions, advertised versions and header versions', () => {
  const theirs = rows.filter(row => row[0] === 'api' && apiOf(Number(row[1])) !== undefined);
  const ours = apis.map(a =>
    [
      'api',
      a.key,
      a.name,
      a.min,
      a.max,
      a.advertisedMin,
      requestHeaderVersion(a, a.max),
      responseHeaderVersion(a, a.max),
    ].map(String),
  );
  expect(ours).toEqual(theirs);
});
