import type { Server as TlsServer } from 'node:https';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { RequestObserver } from '../domain/telemetry.ts';
import { addressesIn } from './addresses.ts';
import { limitBodies } from './body-limits.ts';
import { refuseBrokenRequest } from './broken-requests.ts';
import { limitConnections } from './connection-limits.ts';
import { type Edge, LOCAL_EDGE } from './edge.ts';
import { type AccessOptions, type Guard, guardRoutes } from './guard.ts';
import { addHeaders, HeadedResponse } from './headers.ts';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { observeRequests } from './observe-requests.ts';
import { limitOrders } from './order-rate.ts';
import { paceAnswers } from './paced-answers.ts';
import { limitPipelines } from './pipelines.ts';
import { sendProblem } from './problem.ts';
import { closeQuietSockets } from './quiet-sockets.ts';
import { refusals } from './refusals.ts';
import { logRequests, requestIdOf } from './request-log.ts';
import { tellOfHiddenProxy, watchVisitors } from './visitors.ts';

/** How often it is looked for requests that take too long to arrive. */
const CHECKING_MS = 5_000;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

export interface BaseOptions {
  readonly log: FastifyBaseLogger;
  readonly access: AccessOptions;
  /** how long a request may take to arrive */
  readonly requestTimeoutMs: number;
  readonly edge?: Edge;
  readonly observer?: RequestObserver | undefined;
  readonly limits?: HttpLimits;
}

/** What every server of ours has in common, without routes: validation by schemas, problems, headers, who may come in, a log of changes, a quick end. */
export function openServer({
  log,
  access,
  requestTimeoutMs,
  edge = LOCAL_EDGE,
  limits = DEFAULT_HTTP_LIMITS,
  observer,
}: BaseOptions): {
  app: FastifyInstance;
  guard: Guard;
} {
  // Node's own 60 s for the head would be taken for the body's, and it looks every 30 s only: a slow one kept its connection three times as long.
  const serverOptions = {
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: CHECKING_MS,
    ServerResponse: HeadedResponse,
  };
  const { visitors, trustedProxies, tls } = edge;
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    requestTimeout: requestTimeoutMs,
    ...(tls ? { https: { ...serverOptions, ...tls.options } } : { http: serverOptions }),
    ...(trustedProxies.length > 0 && { trustProxy: [...trustedProxies] }),
    forceCloseConnections: 'idle',
    genReqId: requestIdOf,
    clientErrorHandler: refuseBrokenRequest,
    // A path that is no valid URL is a wrong path, not a broken server.
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply as FastifyReply),
  }) as unknown as FastifyInstance;
  tls?.serve(app.server as unknown as TlsServer);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  limitPipelines(app);
  acceptBodilessRequests(app);
  limitBodies(app);
  addHeaders(app);
  watchVisitors(app, visitors);
  if (trustedProxies.length === 0) tellOfHiddenProxy(app);
  logRequests(app);
  describeRefusals(app);
  if (observer) observeRequests(app, observer);
  closeQuietSockets(app);
  limitConnections(app, { ...limits, log, isProxy: addressesIn(trustedProxies) });
  paceAnswers(app);
  const guard = guardRoutes(app, access);
  limitOrders(app, limits.maxOrdersPerSecond);
  return { app, guard };
}

/** Requests that need no body (DELETE, cancel) are fine whatever they declare or send. */
function acceptBodilessRequests(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  // Fastify refuses a media type that is none before it asks which parser there is.
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.schema?.body === undefined) delete request.raw.headers['content-type'];
  });
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (request.routeOptions.schema?.body === undefined) done(null, undefined);
    else parseJson(request, body as string, done);
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, _body, done) => {
    if (request.routeOptions.schema?.body === undefined) done(null, undefined);
    else done(Object.assign(new Error('unsupported'), { statusCode: 415, code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }), undefined);
  });
}

/** What every change may be refused with: it comes from a page of another site, or its body, read or not, is too large. */
function describeRefusals(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const { method, schema } = route;
    if (!schema || schema.hide || [method].flat().every((each) => each === 'GET' || each === 'HEAD')) return;
    route.schema = { ...schema, response: { ...refusals.denied, ...refusals.tooLarge, ...(schema.response as object) } };
  });
}

/** Every path answers the methods it does not have with 405 and Allow; call close() after the last route. */
export function refuseOtherMethods(app: FastifyInstance): { close: () => void } {
  const methodsOf = new Map<string, Set<string>>();
  let open = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!open) return;
    const methods = methodsOf.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    methodsOf.set(url, methods);
  });
  return {
    close: () => {
      open = false;
      for (const [url, methods] of methodsOf) {
        const others = METHODS.filter((method) => !methods.has(method));
        const allow = [...methods].join(', ');
        app.route({
          method: others,
          url,
          schema: { hide: true },
          config: { isRefusal: true },
          handler: (request, reply) => {
            const refusal = Object.assign(new Error(`${request.method} is not possible here; possible: ${allow}`), {
              statusCode: 405,
            });
            return sendProblem(refusal, request, reply.header('allow', allow));
          },
        });
      }
    },
  };
}
