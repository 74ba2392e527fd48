import type { FastifyInstance } from 'fastify';
import { Fault } from '../domain/fault.ts';
import { callerOf } from './caller.ts';
import { TokenBuckets } from './token-buckets.ts';

/** So many seconds' worth may come at once. */
const BURST_S = 5;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** whether a request makes work for the farm, of which one client may ask only so much a second */
    isOrder?: boolean;
  }
}

/**
 * Refuses orders that come too fast, before their bodies are read. Right or wrong, new or repeated, each counts: it has to be looked at.
 * @param perSecond of one client
 */
export function limitOrders(app: FastifyInstance, perSecond: number): void {
  const buckets = new TokenBuckets({ perSecond, burst: perSecond * BURST_S });
  const refuse = async (request: Parameters<typeof callerOf>[0]): Promise<void> => {
    const seconds = buckets.take(callerOf(request));
    if (seconds === 0) return;
    throw new Fault('busy', `More than ${perSecond} orders a second come from you: order again in a moment.`, {
      retryAfterSeconds: Math.ceil(seconds),
    });
  };
  app.addHook('onRoute', (route) => {
    if (route.config?.isOrder) route.onRequest = [...[route.onRequest ?? []].flat(), refuse];
  });
}
