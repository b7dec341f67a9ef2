// Who a request comes from, as groups remember their members and Kafka's tools show them.
import type { ClientIdentity } from '../core/group/asks.ts';
import type { RequestContext } from './api.ts';

/** The address behind a slash, as Java writes one without a host name. */
export const clientOf = ({ clientId, peerAddress }: RequestContext): ClientIdentity => ({
  clientId,
  clientHost: `/${peerAddress}`,
});
