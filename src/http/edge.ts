import type { Tls } from './tls.ts';
import type { Visitors } from './visitors.ts';

/** What a server is to the world around it. */
export interface Edge {
  readonly visitors: Visitors;
  /** addresses and networks (10.0.0.0/8) of proxies that are believed what they say about a request; nobody else is */
  readonly trustedProxies: readonly string[];
  /** null for plain HTTP */
  readonly tls: Tls | null;
}

/** For this machine alone. */
export const LOCAL_EDGE: Edge = {
  visitors: { onlyLoopback: true, allowedHosts: [], allowedOrigins: [] },
  trustedProxies: [],
  tls: null,
};
