// Reads `listeners`, `advertised.listeners` and what belongs to them, with Kafka's rules: names are upper case, the
// advertised ones default to the listeners, controller listeners are not for clients.
import type { BrokerConfig } from '../core/config/broker-config.ts';
import { StartFailure } from './start-failure.ts';

export interface ListenerPlan {
  readonly name: string;
  /** As written: a name, an address, or '' for all addresses. */
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly isController: boolean;
  /** What clients are told. */
  readonly advertised: {
    /** Undefined: the machine's canonical name. */
    readonly host: string | undefined;
    /** 0: the port that is bound. */
    readonly port: number;
  };
}

interface Address {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const addressForm = /^([^:/]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^:/[\]]*)):(-?\d+)$/;
const portMax = 65535;
const allAddresses: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/** All addresses, dual-stack, however that was written. */
export const isAllAddresses = (host: string): boolean => allAddresses.has(host);

/** Throws StartFailure CONFIG for what cannot be served. */
export function readListeners(config: BrokerConfig): ListenerPlan[] {
  const controllerNames = new Set(listOf(config, 'controller.listener.names').map(upper));
  const listeners = addresses('listeners', config.list('listeners'));
  const advertised = addresses('advertised.listeners', listOf(config, 'advertised.listeners'));
  distinctPorts(listeners);
  onlyPlaintext(listeners, controllerNames, config);
  for (const { name } of advertised) {
    if (!listeners.some(listener => listener.name === name)) {
      throw refused(`advertised.listeners names ${name}, which is not among the listeners`);
    }
  }
  const plans = listeners.map(listener => planOf(listener, advertised, controllerNames));
  const clients = plans.filter(plan => !plan.isController);
  if (clients.length === 0) throw refused('listeners holds no listener for clients beside those of the controller');
  const interBroker = config.optional('inter.broker.listener.name');
  if (typeof interBroker === 'string' && !clients.some(({ name }) => name === upper(interBroker))) {
    throw refused(`inter.broker.listener.name is ${interBroker}, which is not among the listeners for clients`);
  }
  return plans;
}

function planOf(listener: Address, advertised: readonly Address[], controllerNames: ReadonlySet<string>): ListenerPlan {
  const told = advertised.find(({ name }) => name === listener.name);
  const isController = controllerNames.has(listener.name);
  // Clients learn the advertised listeners when there are any, and then those only.
  if (told === undefined && advertised.length > 0 && !isController) {
    throw refused(`listener ${listener.name} is not among advertised.listeners; clients could never use it`);
  }
  const { host, port } = told ?? listener;
  if (host !== '' && isAllAddresses(host)) {
    throw refused(
      `clients cannot connect to ${host}, which would be advertised for ${listener.name}: ` +
        `set advertised.listeners to a name or address that they can reach, such as ${listener.name}://localhost:${port}`,
    );
  }
  return { ...listener, isController, advertised: { host: host === '' ? undefined : host, port } };
}

function addresses(property: string, texts: readonly string[]): Address[] {
  const found = texts.filter(text => text !== '').map(text => address(property, text));
  for (const [i, { name }] of found.entries()) {
    if (found.findIndex(other => other.name === name) !== i) throw refused(`${property} names ${name} twice`);
  }
  return found;
}

function address(property: string, text: string): Address {
  const match = addressForm.exec(text);
  const port = Number(match?.[4]);
  if (match === null || port < 0 || port > portMax) {
    throw refused(`${property}: '${text}' is not of the form NAME://host:port, with a port up to ${portMax}`);
  }
  return { name: upper(match[1]!), host: match[2] ?? match[3]!, port };
}

const isIpv6 = (host: string): boolean => host.includes(':');

/** One port for two listeners is only possible for an IPv4 and an IPv6 address. */
function distinctPorts(listeners: readonly Address[]): void {
  for (const [i, a] of listeners.entries()) {
    const clash = listeners.slice(i + 1).find(b => {
      if (a.port === 0 || a.port !== b.port) return false;
      return isAllAddresses(a.host) || isAllAddresses(b.host) || isIpv6(a.host) === isIpv6(b.host);
    });
    if (clash !== undefined) throw refused(`listeners ${a.name} and ${clash.name} have the same port, ${a.port}`);
  }
}

/** Answering in the clear where encryption or authentication was asked for would be worse than not answering. */
function onlyPlaintext(
  listeners: readonly Address[],
  controllerNames: ReadonlySet<string>,
  config: BrokerConfig,
): void {
  const protocols = new Map<string, string>();
  for (const pair of config.text('listener.security.protocol.map').split(',')) {
    const [name = '', protocol = ''] = pair.split(':', 2);
    protocols.set(upper(name.trim()), upper(protocol.trim()));
  }
  for (const { name } of listeners) {
    const implied =
      controllerNames.has(name) && !config.isSet('listener.security.protocol.map') ? 'PLAINTEXT' : undefined;
    const protocol = protocols.get(name) ?? implied;
    if (protocol === undefined) {
      throw refused(`listener.security.protocol.map does not say which protocol listener ${name} speaks`);
    }
    if (protocol !== 'PLAINTEXT') {
      throw refused(`listener ${name} asks for ${protocol}, which is not served yet; only PLAINTEXT is`);
    }
  }
}

/** The list a property holds, empty when it has neither value nor default. */
export function listOf(config: BrokerConfig, name: string): readonly string[] {
  const value = config.optional(name);
  return Array.isArray(value) ? value : [];
}

const upper = (text: string): string => text.toUpperCase();
const refused = (message: string): StartFailure => new StartFailure('CONFIG', message);
