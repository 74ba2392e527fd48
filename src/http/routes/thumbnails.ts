import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { findThumbnail } from '../../actions/find-fractal.ts';
import { readThumbnail } from '../../actions/read-thumbnail.ts';
import { Fault } from '../../domain/fault.ts';
import { parseFractalId } from '../../domain/ids.ts';
import type { Ports } from '../../domain/ports.ts';
import { cacheControl } from '../cache-control.ts';
import { matchesTag } from '../etag.ts';
import { refusals } from '../refusals.ts';
import { uuidText } from '../schemas.ts';
import { BY_PAGE_LINK, shareQuery } from '../share-proof.ts';

const webp = { content: { 'image/webp': { schema: z.any().meta({ type: 'string', format: 'binary' }) } } };

/** /fractal/{uuid}/thumbnail: the picture, small. */
export function thumbnailRoutes(app: FastifyInstance, ports: Pick<Ports, 'repository' | 'store'>): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/fractal/:uuid/thumbnail',
    {
      config: BY_PAGE_LINK,
      schema: {
        operationId: 'getThumbnail',
        summary: 'The picture, small, as WebP',
        description:
          'At most 320 pixels wide and high, drawn from the spec with the picture. With ?checksum=, that of the picture, the answer may be cached for a year.',
        tags: ['pictures'],
        params: z.strictObject({ uuid: uuidText }),
        querystring: z.strictObject({ checksum: z.string().optional(), ...shareQuery }),
        response: {
          200: { description: 'The thumbnail', ...webp },
          304: z.undefined().meta({ description: 'Unchanged' }),
          ...refusals.unfinished,
          ...refusals.goneLink,
          ...refusals.invalid,
          ...refusals.unavailable,
        },
      },
    },
    async (request, reply) => {
      const id = parseFractalId(request.params.uuid);
      const { checksum } = request.query;
      const thumbnail = await findThumbnail(ports, id);
      if (checksum !== undefined && checksum !== thumbnail.version) {
        throw new Fault('not_found', `The picture of ${id} has another checksum now: leave ?checksum= out.`);
      }
      const etag = `"${thumbnail.version}-thumbnail"`;
      reply.header('etag', etag).header('cache-control', cacheControl(request, checksum !== undefined));
      if (matchesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.type('image/webp').send(await readThumbnail(ports, id, thumbnail.key));
    },
  );
}
