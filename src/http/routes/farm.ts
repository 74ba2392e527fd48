import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pauseQueue, resumeQueue } from '../../actions/pause-queue.ts';
import { readStatus } from '../../actions/read-status.ts';
import type { Ports } from '../../domain/ports.ts';
import { READING_EVERY_MS } from '../../domain/repository.ts';
import { asItIs } from '../as-it-is.ts';
import { toPause, toReading, toStatus, toWorker } from '../farm-resource.ts';
import { farmStatus, pauseBody, pauseResource, readingList, readingQuery, workerList, workerQuery } from '../farm-schemas.ts';
import { refusals } from '../refusals.ts';

const tags = ['farm'];

/** /v1/workers, /v1/status and /v1/readings: who draws, how fast, and what waits; /v1/pause: whether anything is drawn at all. */
export function farmRoutes(app: FastifyInstance, ports: Pick<Ports, 'repository' | 'ringer' | 'pulse' | 'limits'>): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/v1/workers',
    {
      schema: {
        operationId: 'listWorkers',
        summary: 'The workers, and what each does',
        tags,
        querystring: workerQuery,
        response: { 200: workerList, ...refusals.invalid, ...refusals.unavailable },
      },
    },
    async ({ query }, reply) => {
      const workers = await ports.repository.workers.list(query.seen_within * 1000);
      return asItIs(reply).send({ objects: workers.map(toWorker) });
    },
  );

  routes.get(
    '/v1/readings',
    {
      schema: {
        operationId: 'listReadings',
        summary: 'What the farm did in the last hour',
        description: 'One reading every ten seconds, the same at every API.',
        tags,
        querystring: readingQuery,
        response: { 200: readingList, ...refusals.invalid, ...refusals.unavailable },
      },
    },
    async ({ query: { after } }, reply) => {
      const readings = await ports.repository.readings.list(after === undefined ? undefined : Date.parse(after));
      return asItIs(reply).send({ every: READING_EVERY_MS / 1000, objects: readings.map(toReading) });
    },
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
    async () => toStatus(await readStatus(ports), ports.limits),
  );

  routes.put(
    '/v1/pause',
    {
      config: { audit: 'pause' },
      schema: {
        operationId: 'pauseQueue',
        summary: 'Pause the queue: no worker is given a band until it goes on',
        description:
          'Orders are taken, bands in work are delivered and pictures finished. It holds for every API, and through restarts. Paused again, the first pause stays.',
        tags,
        body: pauseBody,
        response: {
          200: pauseResource,
          ...refusals.malformed,
          ...refusals.notJson,
          ...refusals.invalid,
        },
      },
    },
    async ({ body: { why = null }, identity }) => toPause(await pauseQueue(ports, identity, why)),
  );

  routes.delete(
    '/v1/pause',
    {
      config: { audit: 'resume' },
      schema: {
        operationId: 'resumeQueue',
        summary: 'Let the queue go on; also when it was not paused',
        tags,
        response: { 204: z.undefined().meta({ description: 'It goes on' }) },
      },
    },
    async (_request, reply) => {
      await resumeQueue(ports);
      return reply.code(204).send();
    },
  );
}
