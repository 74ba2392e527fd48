/** What one API process takes from the world around it; counted in memory, by each process for itself. */
export interface HttpLimits {
  /** connections at the same time */
  readonly maxConnections: number;
  /** of those, from one address or IPv6 network; trusted proxies are not held to it */
  readonly maxConnectionsPerAddress: number;
  /** of one client */
  readonly maxOrdersPerSecond: number;
  /** of one client, at the same time */
  readonly maxEventStreams: number;
  /** wrong tokens of one address or IPv6 network, a minute */
  readonly maxFailuresPerMinute: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  maxConnections: 10_000,
  // Four addresses are needed to take all.
  maxConnectionsPerAddress: 2_500,
  maxOrdersPerSecond: 1_000,
  maxEventStreams: 200,
  maxFailuresPerMinute: 60,
};
