import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../domain/ports.ts';
import { refusals } from '../refusals.ts';

const ok = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
const tags = ['health'];

/** /healthz: the process lives. /readyz: it can take orders now; fails first when the service stops. */
export function healthRoutes(app: FastifyInstance, ports: Pick<Ports, 'repository' | 'store'>, draining: AbortSignal): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    '/healthz',
    { schema: { operationId: 'isAlive', summary: 'The process lives', tags, response: { 200: ok } } },
    async () => ({
      status: 'ok' as const,
    }),
  );
  routes.get(
    '/readyz',
    { schema: { operationId: 'isReady', summary: 'Orders can be taken', tags, response: { 200: ok, ...refusals.unavailable } } },
    async () => {
      if (draining.aborted) throw new Fault('unavailable', 'The service is stopping.', { retryAfterSeconds: 2 });
      await ports.repository.ping();
      await ports.store.ping();
      return { status: 'ok' as const };
    },
  );
}
