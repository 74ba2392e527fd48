import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { isLoopback } from './addresses.ts';

/** Nothing that is no page loads or runs anything, however a browser may come to show it. */
const BARE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The web page: its own files alone, no inline script, no inline style. */
export const PAGE_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** The worker that hears events for all tabs asks us, and loads nothing. */
export const EVENTS_WORKER_POLICY = `${BARE_POLICY}; connect-src 'self'`;

/** The reference of the API sets styles from its script; nothing else needs that. */
export const REFERENCE_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** A year, in seconds: how long a browser that came once by HTTPS comes by nothing else. */
const HSTS_S = 31_536_000;

/** More on one answer would be a leak. */
const LISTENERS = 20;

/** What stands on every answer, errors included; pages replace the policy by theirs. */
export const HEADERS = {
  'content-security-policy': BARE_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  // No other site shows our pictures, or learns by a picture's size that it is there.
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const satisfies OutgoingHttpHeaders;

/** Every answer begins with them, also those that fastify or Node give without asking anybody: while stopping, to a path that is no URL. */
export class HeadedResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  constructor(request: Request) {
    super(request);
    // Every limit listens for the end of an answer.
    this.setMaxListeners(LISTENERS);
    for (const [name, value] of Object.entries(HEADERS)) this.setHeader(name, value);
  }
}

/** What depends on the request. */
export function addHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // A browser remembers it for the name on all ports: one that means this machine belongs to other programs, too.
    if (request.protocol === 'https' && !isLoopback(request.hostname)) {
      reply.header('strict-transport-security', `max-age=${HSTS_S}`);
    }
  });
}
