import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cancelFractal, deleteFractal } from '../../actions/end-fractal.ts';
import { findFractal } from '../../actions/find-fractal.ts';
import { retryFractal } from '../../actions/retry-fractal.ts';
import { parseFractalId } from '../../domain/ids.ts';
import type { Ports } from '../../domain/ports.ts';
import { asItIs } from '../as-it-is.ts';
import { toBands } from '../farm-resource.ts';
import { bandsResource } from '../farm-schemas.ts';
import { refusals } from '../refusals.ts';
import { toOneResource, toResource } from '../resource.ts';
import { fractalResource, oneFractalResource, uuidText } from '../schemas.ts';
import { BY_PAGE_LINK, shareQuery } from '../share-proof.ts';

const params = z.strictObject({ uuid: uuidText });
const tags = ['fractals'];

/** /v1/fractal/{uuid}: look up, with its bands, cancel, retry, delete. */
export function oneFractalRoutes(app: FastifyInstance, ports: Pick<Ports, 'repository' | 'pulse' | 'engineVersion'>): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/v1/fractal/:uuid',
    {
      config: BY_PAGE_LINK,
      schema: {
        operationId: 'getFractal',
        summary: 'Look a fractal up',
        tags,
        params,
        querystring: z.object(shareQuery),
        response: { 200: oneFractalResource, ...refusals.unknown, ...refusals.goneLink, ...refusals.invalid },
      },
    },
    async ({ params: { uuid } }) => toOneResource(await findFractal(ports, parseFractalId(uuid))),
  );

  routes.get(
    '/v1/fractal/:uuid/bands',
    {
      schema: {
        operationId: 'getBands',
        summary: 'Who draws which band of an unfinished fractal; none when it came to its end',
        tags,
        params,
        response: { 200: bandsResource, ...refusals.unknown, ...refusals.invalid },
      },
    },
    async ({ params: { uuid } }, reply) => {
      const { id } = await findFractal(ports, parseFractalId(uuid));
      return asItIs(reply).send(toBands(id, await ports.repository.bands.places(id)));
    },
  );

  routes.post(
    '/v1/fractal/:uuid/cancel',
    {
      config: { audit: 'cancel' },
      schema: {
        operationId: 'cancelFractal',
        summary: 'Stop drawing a fractal, and keep its row',
        tags,
        params,
        response: { 200: fractalResource, ...refusals.unknown, ...refusals.conflict, ...refusals.invalid },
      },
    },
    async ({ params: { uuid }, identity }) => toResource(await cancelFractal(ports, parseFractalId(uuid), identity)),
  );

  routes.post(
    '/v1/fractal/:uuid/retry',
    {
      config: { audit: 'retry', isOrder: true },
      schema: {
        operationId: 'retryFractal',
        summary: 'Draw a failed fractal again, from its first band',
        tags,
        params,
        response: {
          200: fractalResource,
          ...refusals.unknown,
          ...refusals.conflict,
          ...refusals.invalid,
          ...refusals.busy,
        },
      },
    },
    async ({ params: { uuid }, identity }) => toResource(await retryFractal(ports, parseFractalId(uuid), identity)),
  );

  routes.delete(
    '/v1/fractal/:uuid',
    {
      config: { audit: 'delete' },
      schema: {
        operationId: 'deleteFractal',
        summary: 'Delete a fractal in any state, with its picture',
        tags,
        params,
        response: {
          204: z.undefined().meta({ description: 'Deleted' }),
          ...refusals.unknown,
          ...refusals.tooLarge,
          ...refusals.invalid,
        },
      },
    },
    async ({ params: { uuid }, identity }, reply) => {
      await deleteFractal(ports, parseFractalId(uuid), identity);
      return reply.code(204).send();
    },
  );
}
