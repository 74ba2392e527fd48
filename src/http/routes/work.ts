import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { DeliveryAnswer, Dispatcher, Lease } from '../../domain/dispatcher.ts';
import { Fault } from '../../domain/fault.ts';
import { free } from '../../domain/free.ts';
import type { Ports } from '../../domain/ports.ts';
import type { LeaseAnswer } from '../../domain/repository.ts';
import type { RequestObserver } from '../../domain/telemetry.ts';
import { parseTraceparent } from '../../domain/trace.ts';
import { addressGroup } from '../address-group.ts';
import { openServer, refuseOtherMethods } from '../base.ts';
import type { Edge } from '../edge.ts';
import type { AccessOptions } from '../guard.ts';
import type { HttpLimits } from '../http-limits.ts';
import { leaseTokenOf, requireLeaseToken } from '../lease-header.ts';
import { LiveNames } from '../live-names.ts';
import { sendProblem } from '../problem.ts';
import { boundResults, type RoomCheck } from '../result-room.ts';
import { readResults } from '../results-body.ts';
import {
  assignmentBody,
  claimBody,
  failBody,
  finalWord,
  finalWords,
  leaseBody,
  type ResultQuery,
  reportBody,
  resultQuery,
  resultsHead,
  toAssignmentBody,
} from '../work-schemas.ts';
import { enrolmentRoutes } from './enrolments.ts';

const RETRY_AFTER_S = 2;
/** A result may come over a slow line. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Workers of one address: everything that asks who draws reads what each of them said last. */
const MOST_WORKERS_OF_ONE = 1_000;
/** As long as the service counts on who has said nothing. */
const NAME_LIVES_MS = 60_000;

/** A server for workers alone. Not listening yet. */
export async function buildWorkServer(
  dispatcher: Dispatcher,
  {
    log,
    access,
    edge,
    observer,
    limits,
    repository,
  }: {
    readonly log: FastifyBaseLogger;
    /** where workers are enrolled; without it nobody is */
    readonly repository?: Ports['repository'];
    readonly access: AccessOptions;
    readonly edge?: Edge;
    readonly observer?: RequestObserver;
    readonly limits?: HttpLimits;
  },
): Promise<FastifyInstance> {
  const { app } = openServer({
    log,
    access,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    observer,
    ...(edge && { edge }),
    ...(limits && { limits }),
  });
  const allowed = refuseOtherMethods(app);
  await workRoutes(app, dispatcher);
  if (repository) enrolmentRoutes(app, { repository }, access);
  allowed.close();
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new Fault('not_found', `There is nothing at ${request.url.split('?')[0]}.`), request, reply),
  );
  return app;
}

/** /v1/work: the Dispatcher for workers on their own. Await it, so that the routes are there when it resolves. */
export async function workRoutes(app: FastifyInstance, dispatcher: Dispatcher): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => sendProblem(inWordsForWorkers(error), request, reply));
    scope.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    leaseRoutes(scope, dispatcher);
    const room = boundResults();
    resultRoute(scope, dispatcher, room);
    resultsRoute(scope, dispatcher, room);
    reportRoute(scope, dispatcher);
  });
}

const hide = { hide: true } as const;
const onRequest = requireLeaseToken;
/** Workers ask all the time, and change nothing but what was ordered. */
const config = { audit: null } as const;

function leaseRoutes(app: FastifyInstance, dispatcher: Dispatcher): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const answers = { 200: assignmentBody, 204: z.undefined() };
  routes.post('/v1/work/claim', { config, schema: { ...hide, body: claimBody, response: answers } }, async (request, reply) => {
    const { fractal, band, host, engine_version: engineVersion, repeated: isRepeated, most } = request.body;
    const token = leaseTokenOf(request);
    const assignment = await dispatcher.claim(
      { fractal, band },
      { host, engineVersion, isRepeated, most, ...(token !== '' && { token }) },
    );
    if (!assignment) return reply.code(204).send();
    return reply.header('cache-control', 'no-store').send(toAssignmentBody(assignment));
  });
  const schema = { ...hide, body: leaseBody, response: { 200: finalWord } };
  routes.post('/v1/work/renew', { onRequest, config, schema }, async (request) => tell(await dispatcher.renew(leaseOf(request))));
  routes.post('/v1/work/release', { onRequest, config, schema: { ...hide, body: leaseBody } }, async (request, reply) => {
    await dispatcher.release(leaseOf(request));
    return reply.code(204).send();
  });
  routes.post('/v1/work/fail', { onRequest, config, schema: { ...hide, body: failBody } }, async (request, reply) => {
    await dispatcher.fail(leaseOf(request), request.body.reason);
    return reply.code(204).send();
  });

  function leaseOf(request: Parameters<typeof leaseTokenOf>[0] & { body: z.output<typeof leaseBody> }): Lease {
    const { fractal, band, attempt } = request.body;
    return { fractal, band, attempt, token: leaseTokenOf(request) };
  }
}

function resultRoute(app: FastifyInstance, dispatcher: Dispatcher, room: RoomCheck): void {
  const body = z.custom<Buffer>(Buffer.isBuffer, 'must be the bytes of the band, then those of the thumbnail');
  const schema = { ...hide, querystring: resultQuery, body, response: { 200: finalWord } };
  const options = { onRequest: [onRequest, room], config, schema };
  app.withTypeProvider<ZodTypeProvider>().put('/v1/work/result', options, async (request) => {
    const { fractal, band, attempt, thumbnail_bytes: thumbnailBytes } = request.query;
    const trace = parseTraceparent(request.headers.traceparent);
    const lease = { fractal, band, attempt, token: leaseTokenOf(request), trace };
    const end = request.body.length - thumbnailBytes;
    if (end <= 0) {
      throw new Fault('invalid', 'thumbnail_bytes leaves nothing of the body for the band.', { field: 'thumbnail_bytes' });
    }
    const thumbnail = thumbnailBytes === 0 ? null : request.body.subarray(end);
    try {
      return tell(await dispatcher.deliver(lease, renderedBand(request.query, request.body.subarray(0, end)), thumbnail));
    } finally {
      free(request.body);
    }
  });
}

/** All that one claim gave, under its token. */
function resultsRoute(app: FastifyInstance, dispatcher: Dispatcher, room: RoomCheck): void {
  const body = z.custom<Buffer>(Buffer.isBuffer, 'must be the head and the bytes of the results');
  const options = {
    onRequest: [onRequest, room],
    config,
    schema: { ...hide, body, response: { 200: finalWords } },
  };
  app.withTypeProvider<ZodTypeProvider>().put('/v1/work/results', options, async (request) => {
    const { head, bytes } = readResults(request.body);
    const parsed = resultsHead.safeParse(head);
    if (!parsed.success) throw new Fault('invalid', `The head is wrong: ${z.prettifyError(parsed.error).split('\n')[0]}.`);
    const token = leaseTokenOf(request);
    let at = 0;
    const deliveries = parsed.data.map(({ fractal, band, attempt, ...words }) => {
      const end = at + words.bytes;
      const split = end - words.thumbnail_bytes;
      if (split <= at || end > bytes.length) throw new Fault('invalid', 'The bytes are not as many as the head says.');
      const rendered = renderedBand(words, bytes.subarray(at, split));
      const thumbnail = words.thumbnail_bytes === 0 ? null : bytes.subarray(split, end);
      at = end;
      return { lease: { fractal, band, attempt, token }, band: rendered, thumbnail };
    });
    try {
      return { answers: [...(await dispatcher.deliverAll(deliveries))] };
    } finally {
      free(request.body);
    }
  });
}

function renderedBand(
  { split, sha256, adler, mirror_adler, render_ms }: Omit<ResultQuery, 'fractal' | 'band' | 'attempt'>,
  bytes: Uint8Array,
) {
  return { bytes, split, sha256, adler, mirrorAdler: mirror_adler, renderMs: render_ms };
}

function reportRoute(app: FastifyInstance, dispatcher: Dispatcher): void {
  const schema = { ...hide, body: reportBody };
  const names = new LiveNames({ ofOne: MOST_WORKERS_OF_ONE, livesMs: NAME_LIVES_MS });
  app.withTypeProvider<ZodTypeProvider>().post('/v1/work/report', { config, schema }, async (request, reply) => {
    const { body, identity, ip } = request;
    // All workers may share a token: what is one sender is one machine, or what stands before many.
    if (!names.say(`${identity.name} ${addressGroup(ip)}`, body.id)) {
      throw new Fault('busy', `More than ${MOST_WORKERS_OF_ONE} workers report from your address: this one is not listed.`, {
        retryAfterSeconds: NAME_LIVES_MS / 1000,
      });
    }
    await dispatcher.report(body);
    return reply.code(204).send();
  });
}

/** @throws {Fault} for an answer that ends the work on a band */
function tell(answer: LeaseAnswer | DeliveryAnswer): z.input<typeof finalWord> {
  const members = { answer };
  switch (answer) {
    case 'stale':
      throw new Fault('conflict', 'The band is no longer that of this attempt.', { members });
    case 'cancelled':
      throw new Fault('gone', 'The fractal was cancelled.', { members });
    case 'unknown':
      throw new Fault('not_found', 'There is no such fractal.', { members });
    default:
      return members;
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send a result as application/octet-stream, all else as application/json.',
};

/** The same refusals, but not in the words of an order; and a worker is always told when to come back. */
function inWordsForWorkers(error: unknown): unknown {
  if (error instanceof Fault) {
    if (error.code !== 'unavailable' || error.details.retryAfterSeconds !== undefined) return error;
    return new Fault(error.code, error.message, { ...error.details, retryAfterSeconds: RETRY_AFTER_S });
  }
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const sentence = code === undefined ? undefined : SENTENCES[code];
  return sentence === undefined ? error : Object.assign(new Error(sentence), { statusCode });
}
