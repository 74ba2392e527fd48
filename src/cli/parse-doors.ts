import { isIP } from 'node:net';
import { hostOf } from '../http/addresses.ts';
import { UsageError } from './usage-error.ts';

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** @returns host names, lower case, without ports. @throws {UsageError} */
export function parseHosts(text: string): readonly string[] {
  return words(text).map((word) => {
    const host = /[*:]/.test(word) && !word.startsWith('[') ? null : hostOf(word);
    return host ?? refuse(word, 'host names such as faafo.example.org, without ports');
  });
}

/** @returns origins exactly as browsers write them. @throws {UsageError} */
export function parseOrigins(text: string): readonly string[] {
  return words(text).map((word) => {
    const url = URL.parse(word);
    const isOrigin = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` && /^[^*]+[^/]$/.test(word);
    return isOrigin ? url.origin : refuse(word, 'origins such as https://gallery.example.org, without paths');
  });
}

/** @returns addresses and networks. @throws {UsageError} also for the network of everybody */
export function parseProxies(text: string): readonly string[] {
  return words(text).map((word) => {
    const [address = '', length, ...more] = word.split('/');
    const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const isNetwork = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) >= 1 && Number(length) <= bits);
    const isFine = bits > 0 && isNetwork && more.length === 0;
    return isFine ? word : refuse(word, 'addresses or networks of proxies, such as 10.0.0.7 or 10.0.0.0/24');
  });
}

function refuse(word: string, what: string): never {
  throw new UsageError(`must be ${what}, separated by commas, not '${word}'.`);
}
