import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { findLiveWorkers, readStatus } from '../../actions/read-status.ts';
import type { Ports } from '../../domain/ports.ts';
import { toStatus, toWorker } from '../farm-resource.ts';
import { farmStatus, workerList } from '../farm-schemas.ts';
import { refusals } from '../refusals.ts';

const tags = ['farm'];

/** /v1/workers and /v1/status: who draws, how fast, and what waits. */
export function farmRoutes(app: FastifyInstance, ports: Pick<Ports, 'repository' | 'ringer'>): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/v1/workers',
    {
      schema: {
        operationId: 'listWorkers',
        summary: 'The workers, and what each does',
        tags,
        response: { 200: workerList, ...refusals.unavailable },
      },
    },
    async () => ({ objects: (await findLiveWorkers(ports)).map(toWorker) }),
  );

  routes.get(
    '/v1/status',
    {
      schema: {
        operationId: 'getStatus',
        summary: 'The whole farm at a glance',
        tags,
        response: { 200: farmStatus, ...refusals.unavailable },
      },
    },
    async () => toStatus(await readStatus(ports)),
  );
}
