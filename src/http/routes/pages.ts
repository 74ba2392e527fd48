import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { EVENTS_WORKER_POLICY, PAGE_POLICY } from '../headers.ts';

const PAGES = ['/', '/index', '/index/:page', '/view/:uuid', '/new', '/farm', '/signin'];

/** The one script that asks for anything by itself: a worker goes by the policy of its own file. */
const EVENTS_WORKER = /^events-worker-[\w-]+\.js$/;

const withPolicy = (reply: FastifyReply, name: string): FastifyReply =>
  EVENTS_WORKER.test(name) ? reply.header('content-security-policy', EVENTS_WORKER_POLICY) : reply;

/**
 * The web interface: one page for all of its paths, and its hashed files.
 * @param root folder of the built page
 */
export async function pageRoutes(app: FastifyInstance, root: URL): Promise<(reply: FastifyReply) => FastifyReply | null> {
  const built = existsSync(new URL('index.html', root));
  if (built) {
    await app.register(fastifyStatic, { root, serve: false, cacheControl: false });
    const sendPage = (reply: FastifyReply, file = 'index.html') =>
      reply.header('cache-control', 'no-cache').header('content-security-policy', PAGE_POLICY).sendFile(file);
    for (const url of PAGES) app.get(url, { schema: { hide: true } }, (_request, reply) => sendPage(reply));
    // The same page, but for what is loaded first.
    app.get('/explore', { schema: { hide: true } }, (_request, reply) => sendPage(reply, 'explore.html'));
    app.get<{ Params: { '*': string } }>('/assets/*', { schema: { hide: true } }, (request, reply) =>
      // Their names change with their content.
      withPolicy(reply, request.params['*'])
        .header('cache-control', 'public, max-age=31536000, immutable')
        .sendFile(`assets/${request.params['*']}`),
    );
    return sendPage;
  }
  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply
      .type('text/plain')
      .send('faafo: the web page is not built (npm run build); the API is at /v1/fractal, its reference at /docs.\n'),
  );
  return () => null;
}
