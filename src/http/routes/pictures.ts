import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import parseRange from 'range-parser';
import { z } from 'zod';
import { findPicture } from '../../actions/find-fractal.ts';
import { type PictureReader, pictureReader } from '../../actions/read-picture.ts';
import { Fault } from '../../domain/fault.ts';
import type { Picture } from '../../domain/fractal.ts';
import { type FractalId, parseFractalId } from '../../domain/ids.ts';
import type { Ports } from '../../domain/ports.ts';
import { cacheControl } from '../cache-control.ts';
import { matchesTag } from '../etag.ts';
import { refusals } from '../refusals.ts';
import { uuidText } from '../schemas.ts';
import { BY_ANY_LINK, shareQuery } from '../share-proof.ts';

const png = { content: { 'image/png': { schema: z.any().meta({ type: 'string', format: 'binary' }) } } };

/** /fractal/{uuid}: the picture itself, with ETag and Range. */
export function pictureRoutes(
  app: FastifyInstance,
  ports: Pick<Ports, 'repository' | 'store' | 'pulse' | 'engineVersion'>,
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const read = pictureReader(ports, (fractal, loss, next) => app.log.error({ fractal }, `a stored picture was ${loss}: ${next}`));
  const params = z.strictObject({ uuid: uuidText });
  const querystring = z.strictObject({ checksum: z.string().optional(), ...shareQuery });
  type Asked = FastifyRequest<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof querystring> }>;
  const answer = async (request: Asked, reply: FastifyReply) => {
    const id = parseFractalId(request.params.uuid);
    const picture = await findPicture(ports, id);
    const etag = `"${picture.checksum}"`;
    const { checksum } = request.query;
    if (checksum !== undefined && checksum !== picture.checksum) {
      throw new Fault('not_found', `The picture of ${id} has another checksum now: leave ?checksum= out.`);
    }
    reply
      .header('etag', etag)
      .header('accept-ranges', 'bytes')
      .header('cache-control', cacheControl(request, checksum !== undefined));
    if (matchesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return await sendPicture(read, { id, picture, etag }, request, reply);
  };
  routes.get(
    '/fractal/:uuid',
    {
      // Fastify's own HEAD would read the whole picture to throw it away.
      exposeHeadRoute: false,
      config: BY_ANY_LINK,
      schema: {
        operationId: 'getPicture',
        summary: 'The picture, as PNG',
        description:
          'The ETag is the checksum. With ?checksum= the answer may be cached for a year; without, caches ask again, since a deleted uuid may be ordered anew.',
        tags: ['pictures'],
        params,
        querystring,
        response: {
          200: { description: 'The whole picture', ...png },
          206: { description: 'The part that the Range header asks for', ...png },
          304: z.undefined().meta({ description: 'Unchanged' }),
          ...refusals.unfinished,
          ...refusals.goneLink,
          ...refusals.badRange,
          ...refusals.invalid,
          ...refusals.unavailable,
        },
      },
    },
    answer,
  );
  routes.head('/fractal/:uuid', { config: BY_ANY_LINK, schema: { hide: true, params, querystring } }, answer);
}

async function sendPicture(
  read: PictureReader,
  { id, picture, etag }: { readonly id: FractalId; readonly picture: Picture; readonly etag: string },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const range = wantedRange(request, picture.sizeBytes, etag);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${picture.sizeBytes}`);
    const refusal = new Error(`The picture has ${picture.sizeBytes} bytes: ask for a range within them.`);
    throw Object.assign(refusal, { statusCode: 416 });
  }
  const { start, end } = range ?? { start: 0, end: picture.sizeBytes };
  const bytes = request.method === 'HEAD' ? undefined : await read(id, picture, { start, end });
  reply.type('image/png').header('content-length', String(end - start));
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${picture.sizeBytes}`);
  return reply.send(bytes === undefined || bytes instanceof Uint8Array ? bytes : Readable.from(bytes));
}

/** One range, as asked for; null for the whole. Several ranges are answered with the whole, which RFC 9110 allows. */
function wantedRange(
  request: FastifyRequest,
  size: number,
  etag: string,
): { start: number; end: number } | 'unsatisfiable' | null {
  const { range, 'if-range': ifRange } = request.headers;
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return null;
  const parsed = parseRange(size, range);
  if (parsed === -1) return 'unsatisfiable';
  if (parsed === -2 || parsed.type !== 'bytes' || parsed.length !== 1) return null;
  const [only] = parsed;
  return only ? { start: only.start, end: only.end + 1 } : null;
}
