/** What happens to a group in one run, drawn from a seed before it begins. */
import type { Random } from '../../support/random.ts';

/**
 * join: one more member · leave: a clean goodbye · kill: SIGKILL of a member · freeze: a member stops until the group has gone on without it, and then goes on itself ·
 * crash: kill -9 of the broker in the middle of a rebalance, and a restart on the same directory
 */
export type Action = 'join' | 'leave' | 'kill' | 'freeze' | 'crash';

export type Step = {
  readonly action: Action;
  /** What part of a first half of the step's events is consumed before the action. */
  readonly after: number;
};

export const MEMBERS_MAX = 8;
/** Fewer members make poor rebalances. */
const MEMBERS_MIN = 3;

const CHANGE: Readonly<Record<Action, number>> = { join: 1, leave: -1, kill: -1, freeze: 0, crash: 0 };
/** Every run has these, at these parts of its length. */
const FIXED: readonly [number, Action][] = [
  [0.25, 'kill'],
  [0.5, 'crash'],
  [0.75, 'freeze'],
];

/** Up to this length a run waits for a session to expire only where FIXED says so. */
const SHORT_STEPS = 12;
const SHORT: readonly Action[] = ['join', 'leave'];
const LONG: readonly Action[] = ['join', 'join', 'join', 'leave', 'kill', 'freeze'];

export function drawPlan(random: Random, steps: number): Step[] {
  const fixed = new Map(FIXED.map(([part, action]) => [Math.floor(part * steps), action]));
  const plan: Step[] = [];
  let members = MEMBERS_MAX;
  for (let step = 0; step < steps; step++) {
    const able = (steps > SHORT_STEPS ? LONG : SHORT).filter(action => {
      const after = members + CHANGE[action];
      return after <= MEMBERS_MAX && after >= MEMBERS_MIN;
    });
    const action = fixed.get(step) ?? random.pick(able);
    members += CHANGE[action];
    plan.push({ action, after: random.below(100) / 100 });
  }
  return plan;
}

export const planText = (plan: readonly Step[]): string => plan.map(step => step.action).join(' ');
