import type { RequestObserver } from '../domain/telemetry.ts';
import type { Meters } from './meters.ts';

/** Where orders come in. */
const ORDERS = 'POST /v1/fractal';
const OUTCOMES: Readonly<Record<number, string>> = {
  200: 'known',
  201: 'taken',
  409: 'conflict',
  429: 'busy',
  503: 'unavailable',
};
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts what is answered, by route and class of status; and what became of orders. */
export function requestMeters(meters: Meters): RequestObserver {
  const durations = meters.histogram(
    'faafo_http_request_duration_seconds',
    'From the first byte of a request to the last of its answer, event streams left out',
    { method: [], route: [], status: [] },
  );
  const orders = meters.counter(
    'faafo_orders_total',
    'Orders by what became of them; known: the same order had been taken before',
    {
      outcome: [...Object.values(OUTCOMES), 'invalid', 'failed'],
    },
  );
  const streams = meters.gauge('faafo_event_streams', 'Event streams that are open');
  streams.set(0);
  return {
    answered: ({ method, route, status, seconds }) => {
      const verb = METHODS.has(method) ? method : 'other';
      durations.observe({ method: verb, route, status: `${Math.floor(status / 100)}xx` }, seconds);
      if (`${method} ${route}` !== ORDERS) return;
      orders.inc({ outcome: OUTCOMES[status] ?? (status >= 500 ? 'failed' : 'invalid') });
    },
    streams: (change) => streams.inc(change),
  };
}
