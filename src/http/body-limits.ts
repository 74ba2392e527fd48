import type { FastifyInstance } from 'fastify';
import { MAX_RESULT_BYTES } from './work-schemas.ts';

const KIB = 1024;

/** Most bytes of a body, by route. Each is several times what the longest that makes sense has. */
export const BODY_BYTES: Readonly<Record<string, number>> = {
  'POST /v1/fractal': 8 * KIB,
  'POST /v1/tokens': 4 * KIB,
  'POST /v1/enrolments': 4 * KIB,
  'POST /v1/session': 4 * KIB,
  'PUT /v1/pause': 4 * KIB,
  'POST /v1/fractal/:uuid/share': 4 * KIB,
  'POST /v1/work/claim': 4 * KIB,
  'POST /v1/work/renew': 4 * KIB,
  'POST /v1/work/release': 4 * KIB,
  'POST /v1/work/fail': 4 * KIB,
  'POST /v1/work/report': 64 * KIB,
  'PUT /v1/work/result': MAX_RESULT_BYTES,
  'PUT /v1/work/results': MAX_RESULT_BYTES,
};

/** Of requests that need no body, and may have one all the same. */
export const OTHER_BODY_BYTES = 16 * KIB;

/** Call before the routes are added: one that takes a body and is not in the table cannot be. */
export function limitBodies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const names = [route.method].flat().map((method) => `${method} ${route.url}`);
    const known = names.map((name) => BODY_BYTES[name]).find((bytes) => bytes !== undefined);
    if (known === undefined && route.schema?.body !== undefined)
      throw new Error(`${names.join(', ')} is missing in src/http/body-limits.ts: say how large its body may be.`);
    route.bodyLimit = known ?? OTHER_BODY_BYTES;
  });
}
