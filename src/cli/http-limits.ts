import { readFileSync } from 'node:fs';
import type { HttpLimits } from '../http/http-limits.ts';
import type { Settings } from './settings.ts';

/** Files that the process has open for itself: database, broker, threads, libraries. Measured: some 60 with PostgreSQL and RabbitMQ. */
const OWN_FILES = 200;
/** A connection, and the picture that is read for it. */
const FILES_EACH = 2;
/** Fewer would serve nobody. */
const FEWEST = 16;

/**
 * What the settings allow, and never more connections than the system gives files to.
 * @param openFiles how many files the process may have open
 */
export function httpLimitsOf(settings: Settings, openFiles = mostOpenFiles()): HttpLimits {
  const possible = Math.max(FEWEST, Math.floor((openFiles - OWN_FILES) / FILES_EACH));
  const maxConnections = Math.min(settings.max_connections, possible);
  return {
    maxConnections,
    maxConnectionsPerAddress: settings.max_connections_per_address || Math.ceil(maxConnections / 4),
    maxOrdersPerSecond: settings.max_orders_per_second,
    maxEventStreams: settings.max_event_streams,
    maxFailuresPerMinute: settings.max_failures_per_minute,
  };
}

/** As Linux tells it; Node has raised the soft limit to the hard one. Infinity where nobody tells. */
function mostOpenFiles(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
