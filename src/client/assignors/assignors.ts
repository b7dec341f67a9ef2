import type { Assignor } from './assignor.ts';
import { range } from './range.ts';
import { roundRobin } from './round-robin.ts';
import { sticky } from './sticky.ts';

/** By the names that Kafka's clients give them. */
export const assignors: Readonly<Record<string, Assignor>> = {
  [range.name]: range,
  [roundRobin.name]: roundRobin,
  [sticky.name]: sticky,
};

export const assignorNames: readonly string[] = Object.keys(assignors);
