import { expect, test } from 'vitest';
import { BrokerConfig } from '../../../src/core/config/broker-config.ts';
import { readListeners } from '../../../src/server/listeners.ts';

const read = (properties: Readonly<Record<string, string>>) =>
  readListeners(BrokerConfig.read(new Map(Object.entries(properties))).config);

/** What the server.properties of Apache Kafka 4.3.1 says. */
const shipped = {
  listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
  'inter.broker.listener.name': 'PLAINTEXT',
  'advertised.listeners': 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map':
    'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
};

test("Kafka's own listeners are one for clients and one for controllers", () => {
  expect(read(shipped)).toEqual([
    { name: 'PLAINTEXT', host: '', port: 9092, isController: false, advertised: { host: 'localhost', port: 9092 } },
    { name: 'CONTROLLER', host: '', port: 9093, isController: true, advertised: { host: 'localhost', port: 9093 } },
  ]);
});

test('without advertised.listeners the host of the listener is told, and for all addresses the canonical name', () => {
  const [named, all] = read({
    listeners: 'PLAINTEXT://10.0.0.7:9092,other://:9094',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,OTHER:PLAINTEXT',
  });
  expect(named?.advertised).toEqual({ host: '10.0.0.7', port: 9092 });
  expect(all).toMatchObject({ name: 'OTHER', advertised: { host: undefined, port: 9094 } });
});

test('IPv6 addresses are written in brackets', () => {
  expect(read({ listeners: 'PLAINTEXT://[::1]:9092' })[0]).toMatchObject({ host: '::1', port: 9092 });
});

test('the controller listener needs no entry in the map of protocols when there is none', () => {
  const plans = read({ listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093', 'controller.listener.names': 'CONTROLLER' });
  expect(plans.map(({ isController }) => isController)).toEqual([false, true]);
});

test.each([
  [{ listeners: 'PLAINTEXT://0.0.0.0:9092' }, /advertised\.listeners/],
  [
    { listeners: 'PLAINTEXT://:9092', 'advertised.listeners': 'PLAINTEXT://0.0.0.0:9092' },
    /cannot connect to 0\.0\.0\.0/,
  ],
  [{ listeners: 'SSL://:9092' }, /SSL.*not served/],
  [{ listeners: 'SASL_PLAINTEXT://:9092' }, /SASL_PLAINTEXT.*not served/],
  [{ listeners: 'A://:9092' }, /does not say which protocol/],
  [{ listeners: 'PLAINTEXT://:9092', 'advertised.listeners': 'OTHER://x:1' }, /OTHER, which is not among/],
  [{ listeners: 'PLAINTEXT:9092' }, /form NAME:\/\/host:port/],
  [{ listeners: 'PLAINTEXT://:70000' }, /port up to 65535/],
  [{ listeners: 'PLAINTEXT://:9092,PLAINTEXT://:9093' }, /PLAINTEXT twice/],
  [{ ...shipped, listeners: 'PLAINTEXT://:9092,CONTROLLER://:9092' }, /same port, 9092/],
  [{ listeners: 'CONTROLLER://:9093', 'controller.listener.names': 'CONTROLLER' }, /no listener for clients/],
  [{ listeners: 'PLAINTEXT://:9092', 'inter.broker.listener.name': 'INSIDE' }, /INSIDE, which is not among/],
])('%j is refused in words', (properties, words) => {
  expect(() => read(properties as Record<string, string>)).toThrow(words);
});

test('one port serves an IPv4 and an IPv6 address', () => {
  const plans = read({
    listeners: 'PLAINTEXT://127.0.0.1:9092,OTHER://[::1]:9092',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,OTHER:PLAINTEXT',
  });
  expect(plans).toHaveLength(2);
});
