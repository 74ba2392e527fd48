import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { findFractal, listFractals } from '../../actions/find-fractal.ts';
import { orderFractal } from '../../actions/order-fractal.ts';
import type { Identity } from '../../domain/access.ts';
import { Fault } from '../../domain/fault.ts';
import { isFractalIdPrefix, parseFractalId } from '../../domain/ids.ts';
import type { Ports } from '../../domain/ports.ts';
import type { ListPage } from '../../domain/repository.ts';
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
        response: { 200: fractalPage, ...refusals.unknown, ...refusals.invalid },
      },
    },
    async ({ query, identity }) => {
      const size = query.results_per_page < 1 ? MAX_PAGE_SIZE : Math.min(query.results_per_page, MAX_PAGE_SIZE);
      const filter = {
        ...(query.state && { state: query.state }),
        ...(query.formula && { formula: query.formula }),
        ...(query.palette && { palette: query.palette }),
        ...parsePrefix(query.uuid_prefix),
        ...parseOwner(query.owner, identity),
      };
      const from = await parsePlace(ports, query, size);
      const { total, fractals, nextBeforeSeq } = await listFractals(ports, filter, { limit: size, ...from });
      return {
        num_results: total,
        total_pages: Math.ceil(total / size),
        page: from.offset === undefined ? null : from.offset / size + 1,
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

type ListQuery = z.output<typeof listQuery>;

/** Where the page begins. @throws {Fault} `invalid`; `not_found` when there is no such fractal to begin at */
async function parsePlace(ports: Ports, query: ListQuery, size: number): Promise<Omit<ListPage, 'limit'>> {
  const { page, cursor, older_than, newer_than } = query;
  const given = Object.entries({ page, cursor, older_than, newer_than }).filter(([, value]) => value !== undefined);
  const [, second] = given;
  if (second) throw new Fault('invalid', `Give either ${given[0]![0]} or ${second[0]}, not both.`, { field: second[0] });
  const seqOf = async (uuid: string) => (await findFractal(ports, parseFractalId(uuid))).seq;
  if (cursor !== undefined) return { beforeSeq: parseCursor(cursor) };
  if (older_than !== undefined) return { beforeSeq: await seqOf(older_than) };
  if (newer_than !== undefined) return { afterSeq: await seqOf(newer_than) };
  return { offset: ((page ?? 1) - 1) * size };
}

/** A cursor is opaque to clients: base 36, behind a letter that names its kind. */
const formatCursor = (seq: number): string => `s${seq.toString(36)}`;

function parseCursor(text: string): number {
  if (!/^s[0-9a-z]{1,10}$/.test(text)) {
    throw new Fault('invalid', 'cursor must be the next_cursor of an earlier page, as it came.', { field: 'cursor' });
  }
  return Number.parseInt(text.slice(1), 36);
}
