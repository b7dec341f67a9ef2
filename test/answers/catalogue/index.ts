import type { Suite } from '../suite.ts';
import { produceChecks } from './produce-checks.ts';

/** Every suite, in the order in which goldens are captured. */
export const catalogue: readonly Suite[] = [produceChecks];
