import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RequestObserver } from '../domain/telemetry.ts';

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
  app.addHook('preHandler', async (request) => {
    if (!request.routeOptions.config.isStream) return;
    streaming.add(request);
    observer.streams(1);
  });
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    if (streaming.has(request)) return observer.streams(-1);
    const route = request.routeOptions.url ?? '(none)';
    observer.answered({ method: request.method, route, status: statusCode, seconds: elapsedTime / 1000 });
  });
}
