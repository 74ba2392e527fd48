import { isLoopback } from '../http/addresses.ts';
import type { Edge } from '../http/edge.ts';
import type { Tls } from '../http/tls.ts';
import type { Settings } from './settings.ts';

/**
 * Whether nobody but this machine can come in. Behind a proxy everybody comes from this machine, or from the proxy's.
 */
export function isForThisMachine({
  listen_address,
  trusted_proxies,
}: Pick<Settings, 'listen_address' | 'trusted_proxies'>): boolean {
  return isLoopback(listen_address) && trusted_proxies.length === 0;
}

/** What the service is to the world around it, as the settings have it. */
export function edgeOf(settings: Settings, tls: Tls | null): Edge {
  const visitors = {
    onlyLoopback: isForThisMachine(settings),
    allowedHosts: settings.allowed_hosts,
    allowedOrigins: settings.allowed_origins,
  };
  return { visitors, trustedProxies: settings.trusted_proxies, tls };
}

/** Of an address where those who watch look. Plain HTTP: it is internal. */
export function metricsEdgeOf(address: string): Edge {
  return { visitors: { onlyLoopback: isLoopback(address), allowedHosts: [], allowedOrigins: [] }, trustedProxies: [], tls: null };
}

/** The same for the address of workers: they are no browsers, and know the service by any name. */
export function workEdgeOf(settings: Settings, tls: Tls | null): Edge {
  const edge = edgeOf({ ...settings, listen_address: settings.worker_listen_address }, tls);
  const { onlyLoopback, allowedHosts } = edge.visitors;
  return { ...edge, visitors: { onlyLoopback, allowedHosts: onlyLoopback ? allowedHosts : [], allowedOrigins: [] } };
}
