import { expect, test } from 'vitest';
import { Metrics } from '../../../src/base/metrics.ts';

test('values are read when they are asked for, in the order they were registered', () => {
  const metrics = new Metrics();
  let [depth, total] = [3, 10];
  metrics.gauge('queue:name=depth', { disk: 'a' }, () => depth);
  metrics.counter('queue:name=total', {}, () => total);
  [depth, total] = [1, 11];
  expect(metrics.read()).toEqual([
    { name: 'queue:name=depth', type: 'gauge', tags: { disk: 'a' }, value: 1 },
    { name: 'queue:name=total', type: 'counter', tags: {}, value: 11 },
  ]);
});

test('one name may be there with other tags, but not twice with the same', () => {
  const metrics = new Metrics();
  metrics.gauge('m', { a: '1', b: '2' }, () => 0);
  metrics.gauge('m', { a: '1', b: '3' }, () => 0);
  expect(() => metrics.gauge('m', { b: '2', a: '1' }, () => 0)).toThrow('the metric m,a=1,b=2 is registered already');
});
