import { isIP } from 'node:net';
import { bareHost } from './addresses.ts';

/** Groups of an IPv6 address that name its network: whoever has one address there has 2^64. */
const NETWORK_GROUPS = 4;

/** Some proxies tell the port, too, which is another for each connection. */
const WITH_PORT = /^(\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\]):\d+$/i;
/** All that is no address: whoever may choose it freely would be somebody else each time. */
const UNKNOWN = 'unknown';

/**
 * What is counted as one sender: an IPv4 address, or the /64 network of an IPv6 address, as `2001:db8:0:1::/64`.
 * @param address as a socket or a trusted proxy names it; IPv4 also in the clothes of IPv6
 */
export function addressGroup(address: string): string {
  const bare = bareHost(WITH_PORT.exec(address)?.[1] ?? address).replace(/%.*$/, '');
  const version = isIP(bare);
  if (version !== 6) return version === 4 ? bare : UNKNOWN;
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare) ?? [];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
