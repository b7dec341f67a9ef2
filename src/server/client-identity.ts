// Who a request comes from, as groups remember their members and Kafka's tools show them.
import type { ClientIdentity } from '../core/group/asks.ts';
import type { RequestContext } from './api.ts';

/** The address behind a slash, as Java writes one without a host name. */
export const clientOf = ({ clientId, peerAddress }: RequestContext): ClientIdentity => ({
  clientId,
  clientHost: `/${javaAddress(peerAddress)}`,
});

const ipv6Groups = 8;

/** Java writes all eight groups of an IPv6 address, where everybody else leaves out the zeros. */
export function javaAddress(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const left = groups(head);
  const right = groups(tail);
  const zeros = tail === undefined ? 0 : ipv6Groups - left.length - right.length;
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].join(':');
}
