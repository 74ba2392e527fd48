import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { shareFractal } from '../../actions/share.ts';
import { parseFractalId } from '../../domain/ids.ts';
import type { Ports } from '../../domain/ports.ts';
import { refusals } from '../refusals.ts';
import { uuidText } from '../schemas.ts';
import { shareBody, shareResource } from '../session-schemas.ts';

const tags = ['access'];

/** Links that show one fractal to whoever has them: /v1/fractal/{uuid}/share makes one, /v1/shares withdraws all. */
export function shareRoutes(app: FastifyInstance, ports: Pick<Ports, 'repository'>): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/v1/fractal/:uuid/share',
    {
      config: { audit: 'share' },
      schema: {
        operationId: 'shareFractal',
        summary: 'Make a link that shows a fractal without a token',
        tags,
        params: z.strictObject({ uuid: uuidText }),
        body: shareBody,
        response: {
          200: shareResource,
          ...refusals.malformed,
          ...refusals.unknown,
          ...refusals.tooLarge,
          ...refusals.notJson,
          ...refusals.invalid,
        },
      },
    },
    async ({ params: { uuid }, body: { what, expires_in }, identity }, reply) => {
      const id = parseFractalId(uuid);
      const expires = Math.floor(Date.now() / 1000) + expires_in;
      const signature = await shareFractal(ports, { what, id, expires }, identity);
      const path = what === 'page' ? '/view/' : '/fractal/';
      reply.header('cache-control', 'no-store');
      return {
        url: `${path}${id}?expires=${expires}&signature=${signature}`,
        expires_at: new Date(expires * 1000).toISOString(),
      };
    },
  );

  routes.delete(
    '/v1/shares',
    {
      config: { audit: 'withdraw-shares' },
      schema: {
        operationId: 'withdrawShares',
        summary: 'Withdraw all signed links, and end all sessions: within 5 s they are good for nothing',
        tags,
        response: { 204: z.undefined().meta({ description: 'Withdrawn' }) },
      },
    },
    async (_request, reply) => {
      await ports.repository.secrets.renewSigningKey();
      return reply.code(204).send();
    },
  );
}
