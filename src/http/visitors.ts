import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Fault } from '../domain/fault.ts';
import { bareHost, hostOf, isLoopback } from './addresses.ts';

/** From where browsers may come. */
export interface Visitors {
  /** whether only names and addresses of this machine lead here, beside allowedHosts */
  readonly onlyLoopback: boolean;
  /** host names under which the service is known, lower case; none: any, unless onlyLoopback */
  readonly allowedHosts: readonly string[];
  /** origins of other sites whose pages may use the API, as browsers write them */
  readonly allowedOrigins: readonly string[];
}

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
const PREFLIGHT_S = '600';
const MAY_SEND = 'authorization, content-type, if-none-match, if-range, last-event-id, range, x-request-id';
const MAY_READ = 'accept-ranges, content-range, etag, location, retry-after, www-authenticate, x-request-id';

/**
 * Keeps hostile pages out of the browser of somebody who may use the service. A browser tells whose page asks (Origin, Sec-Fetch-Site), and the name by
 * which it found us (Host), which is a foreign one when that name was pointed at our address (DNS rebinding). Programs are no browsers: they say
 * nothing of the kind, and pass. Add it before whatever asks who somebody is: a preflight carries no token.
 */
export function watchVisitors(app: FastifyInstance, visitors: Visitors): void {
  const { allowedOrigins } = visitors;
  app.addHook('onRequest', async (request, reply) => {
    refuseForeignHost(request, visitors);
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && allowedOrigins.includes(origin);
    if (allowedOrigins.length > 0) reply.header('vary', 'origin');
    if (isAllowed) {
      // Without credentials: a page of another site has its own token, or none. Its pictures are fetched with CORS, too.
      reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', MAY_READ);
    }
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      return answerPreflight(request, reply, isAllowed);
    }
    if (!isAllowed) refuseForeignPage(request);
  });
}

/** @throws {Fault} `denied` */
function refuseForeignHost({ host, socket }: FastifyRequest, { onlyLoopback, allowedHosts }: Visitors): void {
  if (!onlyLoopback && allowedHosts.length === 0) return;
  // HTTP/1.0 knows no hosts, and no browser speaks it.
  if (host === '') return;
  const asked = hostOf(host);
  if (asked !== null) {
    if (allowedHosts.includes(asked) || (onlyLoopback && isLoopback(asked))) return;
    // An address is never a name that somebody points elsewhere; health checks come by it.
    if (socket.localAddress !== undefined && asked === bareHost(socket.localAddress).replace(/^::ffff:(?=\d+\.)/, '')) return;
  }
  throw new Fault(
    'denied',
    onlyLoopback
      ? `The host ${JSON.stringify(host)} is none of this machine's: ask http://127.0.0.1 or http://localhost, or name it in allowed_hosts.`
      : `The host ${JSON.stringify(host)} is none of this service's: name it in allowed_hosts, if it is.`,
  );
}

/** @throws {Fault} `denied` for a change that another site's page asks for */
function refuseForeignPage({ method, headers, protocol, host }: FastifyRequest): void {
  if (SAFE.includes(method)) return;
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined) {
    if (site === undefined || site === 'same-origin' || site === 'none') return;
  } else {
    if (site !== 'cross-site' && origin === `${protocol}://${host}`) return;
    // The browser vouches that it is our own page; only the scheme is lost where a proxy is not declared.
    if (site === 'same-origin' && URL.parse(origin)?.host === host) return;
  }
  throw new Fault(
    'denied',
    `A page of ${origin ?? 'another site'} may change nothing here: name its origin in allowed_origins, or, if it is this service's own behind a proxy, that proxy in trusted_proxies.`,
  );
}

/** What a proxy says is not believed, which is as it should be; but where one is there, everybody seems to come from it. */
export function tellOfHiddenProxy(app: FastifyInstance): void {
  let told = false;
  app.addHook('onRequest', async ({ headers, log, ip }) => {
    if (told || (headers['x-forwarded-for'] === undefined && headers.forwarded === undefined)) return;
    told = true;
    log.warn(
      { address: ip },
      'a request came through a proxy that is not in trusted_proxies, or pretends to: what it says of the client is not believed',
    );
  });
}

function answerPreflight(request: FastifyRequest, reply: FastifyReply, isAllowed: boolean): FastifyReply {
  const { origin } = request.headers;
  if (!isAllowed)
    throw new Fault('denied', `Pages of ${origin ?? 'nowhere'} may not use this API: name their origin in allowed_origins.`);
  return reply
    .code(204)
    .header('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE')
    .header('access-control-allow-headers', MAY_SEND)
    .header('access-control-max-age', PREFLIGHT_S)
    .send();
}
