/**
 * For tests of your program against an embedded broker (docs/testing.md):
 *
 *     import { faults, resetTopic, waitUntilCaughtUp } from 'milena/testing';
 *     await waitUntilCaughtUp(broker, 'billing', { signal: AbortSignal.timeout(5_000) });
 */
export { type CaughtUpOptions, NotCaughtUp, waitUntilCaughtUp } from './testing/caught-up.ts';
export { type AnswerDelay, type AppendFault, type ErrorName, type Faults, faults } from './testing/faults.ts';
export { type ResetTopicOptions, resetTopic } from './testing/reset-topic.ts';
