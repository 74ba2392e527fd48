import { isIP } from 'node:net';
import { bareHost } from './addresses.ts';

/** Groups of an IPv6 address that name its network: whoever has one address there has 2^64. */
const NETWORK_GROUPS = 4;

/**
 * What is counted as one sender: an IPv4 address, or the /64 network of an IPv6 address, as `2001:db8:0:1::/64`. Anything else stays as it is.
 * @param address as a socket or a trusted proxy names it; IPv4 also in the clothes of IPv6
 */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const bare = bareHost(address).replace(/%.*$/, '');
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare) ?? [];
  if (mapped !== undefined) return mapped;
  if (isIP(bare) !== 6) return address;
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
