// Turns listeners into bound addresses, and into the endpoints that clients are told.
import { lookup, lookupService } from 'node:dns/promises';
import { hostname } from 'node:os';
import type { Endpoint } from './core/metadata/image.ts';
import { AddonFailure } from './dataplane/failure.ts';
import type { DataPlane, DataPlaneFailure } from './runtime/ports.ts';
import { isAllAddresses, type ListenerPlan } from './server/listeners.ts';
import { StartFailure, type StartFailureCode } from './server/start-failure.ts';

export interface BoundListener {
  readonly plan: ListenerPlan;
  readonly port: number;
}

/** `localhost` is both loopback addresses, whatever /etc/hosts says of it. */
const loopback = ['127.0.0.1', '::1'] as const;
/** How often a free port is looked for that is free at each of a listener's addresses. */
const freePortTriesMax = 16;

/** The addresses to bind: '' for all of them. Rejects with StartFailure ADDRESS for a name that has none. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  if (isAllAddresses(host)) return [''];
  if (host === 'localhost') return loopback;
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (cause) {
    throw new StartFailure('ADDRESS', `no address is known for the listener's host ${host}`, { cause });
  }
}

export interface BoundListeners {
  readonly bound: readonly BoundListener[];
  /** Whose each of the plane's `listen` calls was, in order. */
  readonly calls: readonly ListenerPlan[];
}

/** Binds every listener; `hosts` are their addresses. */
export function bindListeners(
  plane: Pick<DataPlane, 'listen'>,
  plans: readonly ListenerPlan[],
  hosts: readonly (readonly string[])[],
): BoundListeners {
  const calls: ListenerPlan[] = [];
  const bound = plans.map((plan, i) => ({
    plan,
    port: bindAll(plane, plan, hosts[i] ?? [], () => calls.push(plan)),
  }));
  return { bound, calls };
}

/** Binds one listener at each of its addresses; returns the port, one for all of them. Calls `bound` once an address. */
export function bindAll(
  plane: Pick<DataPlane, 'listen'>,
  plan: ListenerPlan,
  hosts: readonly string[],
  bound: () => void,
): number {
  const listen = (host: string, port: number): number => {
    const actual = plane.listen({ host, port, fastPath: !plan.isController });
    bound();
    return actual;
  };
  const [first = '', ...others] = hosts;
  for (let tries = 1; ; tries++) {
    const port = explained(plan, first, () => listen(first, plan.port));
    const taken = others.find(host => !boundOrAbsent(plan, host, () => listen(host, port)));
    if (taken === undefined) return port;
    // The system chose a port that is free at the first address only; nobody was told of it.
    if (plan.port !== 0 || tries === freePortTriesMax) {
      throw new StartFailure('PORT_IN_USE', inUse(plan, taken, port));
    }
  }
}

/** False when the port is taken. A machine without IPv6 has no second loopback address; the first will do. */
function boundOrAbsent(plan: ListenerPlan, host: string, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (cause) {
    if (isFailure(cause) && cause.code === 'ADDRESS') return true;
    if (isFailure(cause) && cause.code === 'PORT_IN_USE') return false;
    throw startFailure(cause, where(plan, host, plan.port));
  }
}

const where = (plan: ListenerPlan, host: string, port: number): string =>
  `listener ${plan.name} at ${host === '' ? 'all addresses' : host}, port ${port}`;

const inUse = (plan: ListenerPlan, host: string, port: number): string =>
  `${where(plan, host, port)}: the port is in use by another program; choose another with listeners=...`;

function explained<T>(plan: ListenerPlan, host: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (isFailure(cause) && cause.code === 'PORT_IN_USE') {
      throw new StartFailure('PORT_IN_USE', inUse(plan, host, plan.port), { cause });
    }
    throw startFailure(cause, where(plan, host, plan.port));
  }
}

const isFailure = (cause: unknown): cause is DataPlaneFailure =>
  cause instanceof Error && cause.name === 'DataPlaneFailure' && 'code' in cause;

/** A failure of the data plane in words for the operator; anything else is returned as it is. */
export function startFailure(cause: unknown, what: string): unknown {
  if (!isFailure(cause)) return cause;
  const code: StartFailureCode = cause.code === 'MISUSE' ? 'CONFIG' : cause.code;
  const message = cause instanceof AddonFailure ? cause.message : `${what}: ${cause.message}`;
  return new StartFailure(code, message, { cause });
}

/** What Java calls the canonical name: the name the machine's own address leads back to. */
async function canonicalHost(): Promise<string> {
  const own = hostname();
  try {
    const { address } = await lookup(own);
    return (await lookupService(address, 0)).hostname;
  } catch {
    return own;
  }
}

export async function endpointsOf(bound: readonly BoundListener[]): Promise<Endpoint[]> {
  const endpoints: Endpoint[] = [];
  for (const { plan, port } of bound) {
    const { advertised } = plan;
    endpoints.push({
      name: plan.name,
      host: advertised.host ?? (await canonicalHost()),
      port: advertised.port === 0 ? port : advertised.port,
      securityProtocol: 0,
    });
  }
  return endpoints;
}
