import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type ReadinessReader, serviceReadiness } from '../actions/readiness.ts';
import type { Dispatcher } from '../domain/dispatcher.ts';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import type { RequestObserver, Scrape } from '../domain/telemetry.ts';
import { openServer, refuseOtherMethods } from './base.ts';
import type { Edge } from './edge.ts';
import type { AccessOptions } from './guard.ts';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { describeApi } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { enrolmentRoutes } from './routes/enrolments.ts';
import { eventRoutes } from './routes/events.ts';
import { farmRoutes } from './routes/farm.ts';
import { fractalRoutes } from './routes/fractals.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import { pageRoutes } from './routes/pages.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { referenceRoutes } from './routes/reference.ts';
import { sessionRoutes } from './routes/session.ts';
import { shareRoutes } from './routes/shares.ts';
import { thumbnailRoutes } from './routes/thumbnails.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { workRoutes } from './routes/work.ts';
import { sessionProof } from './session-cookie.ts';
import { shareProof } from './share-proof.ts';

export interface ServerOptions {
  readonly log: FastifyBaseLogger;
  readonly version: string;
  /** folder of the built web page */
  readonly webRoot: URL;
  /** aborts when the service begins to stop: readiness fails, everything else is still answered */
  readonly draining: AbortSignal;
  /** this machine alone by default */
  readonly edge?: Edge;
  readonly access: AccessOptions;
  readonly limits?: HttpLimits;
  /** given where workers on their own use this very address */
  readonly dispatcher?: Dispatcher;
  readonly ready?: ReadinessReader;
  readonly telemetry?: ServerTelemetry;
}

/** How this server is watched. */
export interface ServerTelemetry {
  readonly observer: RequestObserver;
  /** what /metrics answers */
  readonly scrape: () => Promise<Scrape>;
}

/** The HTTP edge: routes, validation and OpenAPI from the same schemas, problems. Not listening yet. */
export async function buildServer(
  ports: Ports,
  {
    log,
    version,
    webRoot,
    draining,
    access,
    edge,
    limits = DEFAULT_HTTP_LIMITS,
    dispatcher,
    ready = serviceReadiness(ports),
    telemetry,
  }: ServerOptions,
): Promise<FastifyInstance> {
  const proofs = [sessionProof(access.teller, ports.repository), shareProof(ports.repository)];
  const { app, guard } = openServer({
    log,
    access: { ...access, proofs },
    limits,
    requestTimeoutMs: 30_000,
    observer: telemetry?.observer,
    ...(edge && { edge }),
  });
  await describeApi(app, version);
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  const allowed = refuseOtherMethods(app);
  fractalRoutes(app, ports);
  pictureRoutes(app, ports);
  thumbnailRoutes(app, ports);
  eventRoutes(app, ports, guard, limits, closing.signal);
  farmRoutes(app, ports);
  tokenRoutes(app, ports, access.teller);
  enrolmentRoutes(app, ports, access);
  sessionRoutes(app, ports, guard, access);
  shareRoutes(app, ports);
  if (dispatcher) await workRoutes(app, dispatcher);
  healthRoutes(app, ready, draining);
  if (telemetry) metricsRoute(app, telemetry.scrape);
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
