/**
 * Consumer groups of every client under churn. A smoke run (MILENA_CLIENTS_EVENTS below 20,000) takes a few steps with the main assignors; the full one many with all.
 * MILENA_CHURN_STEPS says how many, MILENA_CHURN names kinds (a part of the name) and MILENA_SEED another schedule.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { Random, runSeed } from '../support/random.ts';
import { Churn } from './support/churn.ts';
import { stream } from './support/exchange.ts';
import { MEMBER_KINDS } from './support/member-kinds.ts';

const SMOKE_EVENTS = 20_000;
const SMOKE_STEPS = 6;
const FULL_STEPS = 40;

const smoke = stream.events.length < SMOKE_EVENTS;
const steps = Number(process.env.MILENA_CHURN_STEPS ?? (smoke ? SMOKE_STEPS : FULL_STEPS));
const wanted = process.env.MILENA_CHURN;
const kinds = MEMBER_KINDS.filter(({ name, fullOnly }) =>
  wanted === undefined ? !(smoke && fullOnly) : name.includes(wanted),
);
const seed = runSeed('group churn');

let ran = 0;
afterAll(() => expect(ran).toBeGreaterThan(0));

describe.concurrent(`8 members over 24 partitions, ${stream.events.length} events of ${stream.source}`, () => {
  for (const kind of kinds) {
    test(`${kind.name}: nothing is lost, nothing goes back, nothing has two owners`, async () => {
      ran++;
      expect(await Churn.run({ kind, events: stream.events, random: new Random(seed), steps })).toEqual([]);
    });
  }
});
