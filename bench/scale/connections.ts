import { join } from 'node:path';
import { type Figures, measure, removeTopics } from '../load.ts';
import { besideIdle } from '../shapes.ts';
import { median } from '../statistics.ts';
import type { Goal, ScaleBroker } from './brokers.ts';

export interface ConnectionFigures {
  readonly broker: string;
  readonly idle: number;
  readonly residentMb: number;
  readonly alone: readonly Figures[];
  readonly beside: readonly Figures[];
}

interface Plan {
  readonly idle: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly folder: string;
  readonly say: (text: string) => void;
}

/** tiny-1 alone and beside connections that do nothing, in turns. */
export async function measureConnections(broker: ScaleBroker, plan: Plan): Promise<ConnectionFigures> {
  const peer = await broker.start(join(plan.folder, `${broker.name}-connections`));
  const runs = new Map<number, Figures[]>([0, plan.idle].map(count => [count, []]));
  try {
    for (let round = 0; round < plan.rounds; round++) {
      for (const count of round % 2 === 0 ? [0, plan.idle] : [plan.idle, 0]) {
        const tag = String(round);
        const figures = await measure(peer, besideIdle(count), { tag, seconds: plan.seconds });
        await removeTopics(peer, besideIdle(count), tag);
        plan.say(`${broker.name} beside ${count}: ${figures.requestsPerSecond.toFixed(0)} requests/s`);
        runs.get(count)!.push(figures);
      }
    }
  } finally {
    await peer.kill();
  }
  const beside = runs.get(plan.idle)!;
  const residentMb = Math.max(...beside.map(figures => figures.residentMb));
  return { broker: broker.name, idle: plan.idle, residentMb, alone: runs.get(0)!, beside };
}

const speed = (runs: readonly Figures[]): number => median(runs.map(figures => figures.requestsPerSecond));

export const connectionColumns = [
  'broker',
  'idle connections',
  'MB in all',
  'tiny-1 alone, requests/s',
  'beside',
  'share',
];

export const connectionRow = (f: ConnectionFigures): (string | number)[] => [
  f.broker,
  f.idle,
  f.residentMb.toFixed(0),
  speed(f.alone).toFixed(0),
  speed(f.beside).toFixed(0),
  (speed(f.beside) / speed(f.alone)).toFixed(2),
];

const megabytesMax = 100;
const slowerMax = 0.1;

export const connectionGoals = (f: ConnectionFigures): Goal[] => [
  { what: `${f.idle} idle connections: MB in all`, reached: f.residentMb, most: megabytesMax },
  {
    what: `${f.idle} idle connections: tiny-1 slower by`,
    reached: 1 - speed(f.beside) / speed(f.alone),
    most: slowerMax,
  },
];
