import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import { describeApi } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { closeQuietSockets } from './quiet-sockets.ts';
import { eventRoutes } from './routes/events.ts';
import { fractalRoutes } from './routes/fractals.ts';
import { healthRoutes } from './routes/health.ts';
import { pageRoutes } from './routes/pages.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { referenceRoutes } from './routes/reference.ts';
import { thumbnailRoutes } from './routes/thumbnails.ts';

const MAX_BODY_BYTES = 64 * 1024;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

export interface ServerOptions {
  readonly log: FastifyBaseLogger;
  readonly version: string;
  /** folder of the built web page */
  readonly webRoot: URL;
  /** aborts when the service begins to stop: readiness fails, everything else is still answered */
  readonly draining: AbortSignal;
}

/** The HTTP edge: routes, validation and OpenAPI from the same schemas, problems. Not listening yet. */
export async function buildServer(ports: Ports, { log, version, webRoot, draining }: ServerOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    // A path that is no valid URL is a wrong path, not a broken server.
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply as FastifyReply),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  acceptBodilessRequests(app);
  addHeaders(app);
  logRequests(app);
  await describeApi(app, version);
  closeQuietSockets(app);
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  const allowed = refuseOtherMethods(app);
  fractalRoutes(app, ports);
  pictureRoutes(app, ports);
  thumbnailRoutes(app, ports);
  eventRoutes(app, ports, closing.signal);
  healthRoutes(app, ports, draining);
  referenceRoutes(app);
  const sendPage = await pageRoutes(app, webRoot);
  allowed.close();
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && /text\/html/.test(request.headers.accept ?? '');
    const page = wantsPage ? sendPage(reply.code(404)) : null;
    return page ?? sendProblem(new Fault('not_found', `There is nothing at ${request.url.split('?')[0]}.`), request, reply);
  });
  return app;
}

/** Requests that need no body (DELETE, cancel) are fine whatever they declare or send. */
function acceptBodilessRequests(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
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

/** Changes are logged, looking is not, but for debugging. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ log, method, url }, { statusCode, elapsedTime }) => {
    const level = method === 'GET' || method === 'HEAD' ? 'debug' : 'info';
    log[level]({ method, path: url.split('?')[0], status: statusCode, ms: Math.round(elapsedTime) }, 'request');
  });
}

function addHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('x-request-id', request.id)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'same-origin')
      .header(
        'content-security-policy',
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      );
  });
}

/** Every path answers the methods it does not have with 405 and Allow; call close() after the last route. */
function refuseOtherMethods(app: FastifyInstance): { close: () => void } {
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
