import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ReadinessReader } from '../../actions/readiness.ts';
import { Fault } from '../../domain/fault.ts';
import type { Scrape } from '../../domain/telemetry.ts';
import { openServer, refuseOtherMethods } from '../base.ts';
import type { Edge } from '../edge.ts';
import type { AccessOptions } from '../guard.ts';
import { sendProblem } from '../problem.ts';
import { healthRoutes } from './health.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** Where those who watch look there are no identities: only the address decides. */
const NOBODY: AccessOptions = {
  teller: {
    tell: () => Promise.reject(new Fault('unauthenticated', 'Nobody shows a token here.')),
    isKnown: () => false,
    exist: async () => false,
    forget: () => undefined,
  },
  isPrivate: true,
  anonymous: 'none',
};

export interface MetricsServerOptions {
  readonly log: FastifyBaseLogger;
  readonly scrape: () => Promise<Scrape>;
  readonly ready: ReadinessReader;
  readonly draining: AbortSignal;
  readonly edge: Edge;
}

/** A server for those who watch: /metrics, /healthz, /readyz. Not listening yet. */
export async function buildMetricsServer({ log, scrape, ready, draining, edge }: MetricsServerOptions): Promise<FastifyInstance> {
  const { app } = openServer({ log, access: NOBODY, requestTimeoutMs: REQUEST_TIMEOUT_MS, edge });
  const allowed = refuseOtherMethods(app);
  metricsRoute(app, scrape);
  healthRoutes(app, ready, draining);
  allowed.close();
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new Fault('not_found', `There is nothing at ${request.url.split('?')[0]}.`), request, reply),
  );
  return app;
}

/** /metrics: what a Prometheus reads. Those who ask together share one reading. */
export function metricsRoute(app: FastifyInstance, scrape: () => Promise<Scrape>): void {
  const schema = {
    operationId: 'readMetrics',
    summary: 'Metrics for Prometheus',
    description:
      'In the text format of Prometheus. docs/operations.md says what the names mean, and which to add up over several processes.',
    tags: ['health'],
    response: { 200: { description: 'The metrics', content: { 'text/plain': { schema: z.string() } } } },
  };
  let scraping: Promise<Scrape> | null = null;
  app.withTypeProvider<ZodTypeProvider>().get('/metrics', { schema }, async (_request, reply) => {
    scraping ??= scrape().finally(() => {
      scraping = null;
    });
    const { contentType, text } = await scraping;
    return reply.header('cache-control', 'no-store').type(contentType).serializer(String).send(text);
  });
}
