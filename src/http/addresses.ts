import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Whether a name or an address means this machine alone. Names under localhost do (RFC 6761); other names may be anything.
 * @param host IPv6 with or without brackets
 */
export function isLoopback(host: string): boolean {
  const bare = bareHost(host);
  const version = isIP(bare);
  // Also ::ffff:127.0.0.1, which is an IPv4 address in the clothes of IPv6.
  if (version !== 0) return LOOPBACK.check(bare, version === 4 ? 'ipv4' : 'ipv6');
  return bare === 'localhost' || bare.endsWith('.localhost');
}

/** Lower case, without the brackets of an IPv6 address and without the dot at the end of a name. */
export const bareHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

/**
 * The host of a Host header, in the form in which a browser compares it; null when it is none.
 * @param header as it came, with or without a port
 */
export function hostOf(header: string): string | null {
  if (!/^(\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(:\d{0,5})?$/i.test(header)) return null;
  const url = URL.parse(`http://${header}`);
  return url && bareHost(url.hostname);
}

/** Whether an address is one of these, or lies in one of these networks (10.0.0.0/8). IPv4 addresses also in the clothes of IPv6. */
export function addressesIn(list: readonly string[]): (address: string) => boolean {
  const known = new BlockList();
  for (const entry of list) {
    const [network = '', length] = entry.split('/');
    const family = network.includes(':') ? 'ipv6' : 'ipv4';
    if (length === undefined) known.addAddress(network, family);
    else known.addSubnet(network, Number(length), family);
  }
  return (address) => known.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
