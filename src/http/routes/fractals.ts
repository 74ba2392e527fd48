import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { listFractals } from '../../actions/find-fractal.ts';
import { orderFractal } from '../../actions/order-fractal.ts';
import type { Identity } from '../../domain/access.ts';
import { Fault } from '../../domain/fault.ts';
import { isFractalIdPrefix, parseFractalId } from '../../domain/ids.ts';
import type { Ports } from '../../domain/ports.ts';
import { parseTraceparent } from '../../domain/trace.ts';
import { callerOf } from '../caller.ts';
import { refusals } from '../refusals.ts';
import { toResource } from '../resource.ts';
import { fractalPage, fractalResource, listQuery, MAX_PAGE_SIZE, orderBody } from '../schemas.ts';
import { oneFractalRoutes } from './one-fractal.ts';

const tags = ['fractals'];

/** /v1/fractal: order and list; and what can be done with one. */
export function fractalRoutes(app: FastifyInstance, ports: Ports): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/v1/fractal',
    {
      config: { audit: 'order', isOrder: true },
      schema: {
        operationId: 'orderFractal',
        summary: 'Order a fractal',
        description:
          'Answered once the order is durable. A client that chooses the uuid may send the same order again: it is answered with the same fractal.',
        tags,
        body: orderBody,
        response: {
          201: fractalResource,
          200: fractalResource,
          ...refusals.malformed,
          ...refusals.conflict,
          ...refusals.tooLarge,
          ...refusals.notJson,
          ...refusals.invalid,
          ...refusals.busy,
          ...refusals.unavailable,
        },
      },
    },
    async (request, reply) => {
      const { body, identity, headers } = request;
      const id = parseFractalId(body.uuid ?? crypto.randomUUID());
      const { uuid: _, xa, xb, ya, yb, c_re: cRe, c_im: cIm, ...same } = body;
      const order = { ...same, viewport: { xa, xb, ya, yb }, cRe, cIm };
      const { added, fractal } = await orderFractal(ports, id, order, {
        client: callerOf(request),
        owner: identity.name,
        trace: parseTraceparent(headers.traceparent),
      });
      return reply
        .code(added ? 201 : 200)
        .header('location', `/v1/fractal/${id}`)
        .send(toResource(fractal));
    },
  );

  routes.get(
    '/v1/fractal',
    {
      schema: {
        operationId: 'listFractals',
        summary: 'List fractals, newest first',
        tags,
        querystring: listQuery,
        response: { 200: fractalPage, ...refusals.invalid },
      },
    },
    async ({ query, identity }) => {
      const size = query.results_per_page < 1 ? MAX_PAGE_SIZE : Math.min(query.results_per_page, MAX_PAGE_SIZE);
      if (query.cursor !== undefined && query.page !== undefined) {
        throw new Fault('invalid', 'Give either page or cursor, not both.', { field: 'cursor' });
      }
      const filter = {
        ...(query.state && { state: query.state }),
        ...parsePrefix(query.uuid_prefix),
        ...parseOwner(query.owner, identity),
      };
      const page = query.cursor === undefined ? (query.page ?? 1) : null;
      const from = page === null ? { beforeSeq: parseCursor(query.cursor ?? '') } : { offset: (page - 1) * size };
      const { total, fractals, nextBeforeSeq } = await listFractals(ports, filter, { limit: size, ...from });
      return {
        num_results: total,
        total_pages: Math.ceil(total / size),
        page,
        next_cursor: nextBeforeSeq === null ? null : formatCursor(nextBeforeSeq),
        objects: fractals.map(toResource),
      };
    },
  );

  oneFractalRoutes(app, ports);
}

function parsePrefix(text: string | undefined): { idPrefix?: string } {
  if (text === undefined) return {};
  if (!isFractalIdPrefix(text)) {
    throw new Fault('invalid', 'uuid_prefix must be the beginning of a uuid: hexadecimal digits, hyphens in their places.', {
      field: 'uuid_prefix',
    });
  }
  return { idPrefix: text.toLowerCase() };
}

function parseOwner(text: string | undefined, { name }: Identity): { owner?: string } {
  if (text === undefined) return {};
  if (text !== 'me') return { owner: text };
  if (name !== null) return { owner: name };
  throw new Fault('invalid', 'owner=me is for who shows a token: name an owner, or leave owner out.', { field: 'owner' });
}

/** A cursor is opaque to clients: base 36, behind a letter that names its kind. */
const formatCursor = (seq: number): string => `s${seq.toString(36)}`;

function parseCursor(text: string): number {
  if (!/^s[0-9a-z]{1,10}$/.test(text)) {
    throw new Fault('invalid', 'cursor must be the next_cursor of an earlier page, as it came.', { field: 'cursor' });
  }
  return Number.parseInt(text.slice(1), 36);
}
