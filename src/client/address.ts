import { ClientFailure } from './failure.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const portMax = 65_535;

/** Reads `host:port,host:port`; IPv6 addresses stand in brackets. */
export function parseAddresses(list: string): Address[] {
  return list.split(',').map(item => {
    const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(item.trim());
    const port = Number(match?.[3]);
    if (!match || port === 0 || port > portMax) {
      throw new ClientFailure(`"${item.trim()}" is no address; write host:port, or several separated by commas`);
    }
    return { host: match[1] ?? match[2]!, port };
  });
}

export const addressText = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
