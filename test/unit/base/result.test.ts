import { expect, test } from 'vitest';
import { AssertionError, assert, unreachable } from '../../../src/base/assert.ts';
import { isRefusal, refuse } from '../../../src/base/result.ts';

test('a refusal is told from a value, whatever the value looks like', () => {
  const refusal = refuse('INVALID_REQUEST', 'why');
  expect(isRefusal(refusal)).toBe(true);
  expect(refusal).toMatchObject({ refused: 'INVALID_REQUEST', message: 'why' });
  expect(isRefusal({ refused: 'INVALID_REQUEST', message: 'why' })).toBe(false);
});

test('a broken invariant throws with its words', () => {
  expect(() => assert(false, 'ends meet')).toThrow(new AssertionError('ends meet'));
  expect(() => assert(true, 'ends meet')).not.toThrow();
  expect(() => unreachable('new case' as never)).toThrow(AssertionError);
});
