import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Readiness, ReadinessReader } from '../../actions/readiness.ts';
import { Fault } from '../../domain/fault.ts';
import { refusals } from '../refusals.ts';

const RETRY_AFTER_S = 2;
const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
const dependency = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    ms: z.number().meta({ description: 'how long it took to answer, or was waited for' }),
    detail: z.string().optional(),
  })
  .meta({ id: 'Dependency' });
const readiness = z
  .object({
    status: z
      .enum(['ok', 'impaired'])
      .meta({ description: 'impaired: it does what it is for (orders are taken and kept), but not all of it works' }),
    dependencies: z.record(z.string(), dependency).meta({ description: 'by name: database, store, queue, workers' }),
  })
  .meta({ id: 'Readiness' });
const tags = ['health'];

/**
 * /healthz: the process lives. /readyz: it can do what it is for; fails first when it stops. It tells of each dependency. Without queue or workers an API
 * takes and keeps orders, so the status is 200 then: no load balancer is to turn them away.
 */
export function healthRoutes(app: FastifyInstance, ready: ReadinessReader, draining: AbortSignal): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    '/healthz',
    { schema: { operationId: 'isAlive', summary: 'The process lives', tags, response: { 200: health } } },
    async () => ({ status: 'ok' as const }),
  );
  const answers = { 200: readiness, ...refusals.notReady };
  routes.get(
    '/readyz',
    { schema: { operationId: 'isReady', summary: 'Orders can be taken', tags, response: answers } },
    async (_request, reply) => {
      if (draining.aborted) throw new Fault('unavailable', 'The service is stopping.', { retryAfterSeconds: RETRY_AFTER_S });
      const { status, dependencies } = await ready();
      if (status === 'unavailable') throw unready(dependencies);
      return reply.header('cache-control', 'no-store').send({ status, dependencies });
    },
  );
}

function unready(dependencies: Readiness['dependencies']): Fault {
  const away = Object.entries(dependencies).filter(([, { status }]) => status !== 'ok');
  const why = away.map(([name, { detail }]) => `${name}: ${detail}`).join(' ');
  return new Fault('unavailable', `Not ready. ${why}`, {
    retryAfterSeconds: RETRY_AFTER_S,
    members: { dependencies },
  });
}
