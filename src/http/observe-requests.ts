import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RequestObserver } from '../domain/telemetry.ts';
import { whenOver } from './when-over.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** whether it answers for as long as somebody listens */
    isStream?: boolean;
  }
}

/** Tells the observer of every answer, and of event streams while they are open. */
export function observeRequests(app: FastifyInstance, observer: RequestObserver): void {
  const streaming = new WeakSet<FastifyRequest>();
  // Not before: a stream that is refused never began.
  app.addHook('preHandler', async (request, reply) => {
    if (!request.routeOptions.config.isStream) return;
    streaming.add(request);
    observer.streams(1);
    // Of an answer that a client has hung up on onResponse hears nothing.
    whenOver(reply.raw, () => observer.streams(-1));
  });
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    if (streaming.has(request)) return;
    const route = request.routeOptions.url ?? '(none)';
    observer.answered({ method: request.method, route, status: statusCode, seconds: elapsedTime / 1000 });
  });
}
