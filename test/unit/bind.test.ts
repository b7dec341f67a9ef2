import { expect, test } from 'vitest';
import { addressesOf, bindAll, endpointsOf } from '../../src/bind.ts';
import type { ListenerPlan } from '../../src/server/listeners.ts';
import { StartFailure } from '../../src/server/start-failure.ts';

const plan = (port: number): ListenerPlan => ({
  name: 'PLAINTEXT',
  host: 'localhost',
  port,
  isController: false,
  advertised: { host: 'localhost', port },
});

type Attempt = { readonly host: string; readonly port: number };

/** A plane whose listeners fail as `refuse` says; ports that the system chooses count up from 1000. */
function planeThat(refuse: (attempt: Attempt) => 'PORT_IN_USE' | 'ADDRESS' | undefined) {
  const bound: Attempt[] = [];
  let next = 1000;
  return {
    bound,
    listen({ host, port }: Attempt): number {
      const code = refuse({ host, port });
      if (code !== undefined)
        throw Object.assign(new Error(`no ${host}`), { name: 'DataPlaneFailure', code, errno: 1 });
      const actual = port === 0 ? next++ : port;
      bound.push({ host, port: actual });
      return actual;
    },
  };
}

test('one port is bound at each address', () => {
  const plane = planeThat(() => undefined);
  let count = 0;
  expect(bindAll(plane, plan(0), ['127.0.0.1', '::1'], () => count++)).toBe(1000);
  expect(plane.bound).toEqual([
    { host: '127.0.0.1', port: 1000 },
    { host: '::1', port: 1000 },
  ]);
  expect(count).toBe(2);
});

test('a machine without IPv6 binds what it has', () => {
  const plane = planeThat(({ host }) => (host === '::1' ? 'ADDRESS' : undefined));
  expect(bindAll(plane, plan(0), ['127.0.0.1', '::1'], () => undefined)).toBe(1000);
});

test('a port that is free at one address only is not the one', () => {
  const plane = planeThat(({ host, port }) => (host === '::1' && port < 1003 ? 'PORT_IN_USE' : undefined));
  let count = 0;
  expect(bindAll(plane, plan(0), ['127.0.0.1', '::1'], () => count++)).toBe(1003);
  // Listeners are known by their number, so each one that was bound counts.
  expect(count).toBe(plane.bound.length);
});

test.each([
  ['127.0.0.1', 'PORT_IN_USE'],
  ['::1', 'PORT_IN_USE'],
  ['127.0.0.1', 'ADDRESS'],
] as const)('a listener at %s that fails with %s is named in one line', (taken, code) => {
  const plane = planeThat(({ host }) => (host === taken ? code : undefined));
  const bind = () => bindAll(plane, plan(9092), ['127.0.0.1', '::1'], () => undefined);
  expect(bind).toThrow(StartFailure);
  expect(bind).toThrow(new RegExp(`^listener PLAINTEXT at ${taken}, port 9092.*$`));
});

test('localhost is both loopback addresses, everything is one', async () => {
  expect(await addressesOf('localhost')).toEqual(['127.0.0.1', '::1']);
  for (const all of ['', '0.0.0.0', '::']) expect(await addressesOf(all)).toEqual(['']);
  expect(await addressesOf('127.0.0.7')).toEqual(['127.0.0.7']);
  await expect(addressesOf('no such host')).rejects.toThrow(/no such host/);
});

test('clients are told the port that was bound, and a name', async () => {
  const [chosen] = await endpointsOf([{ plan: plan(0), port: 1234 }]);
  expect(chosen).toMatchObject({ host: 'localhost', port: 1234 });
  const canonical = { ...plan(9092), advertised: { host: undefined, port: 9092 } };
  const [named] = await endpointsOf([{ plan: canonical, port: 9092 }]);
  expect(named!.host).not.toBe('');
});
