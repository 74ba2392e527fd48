import { MAY_ADMINISTER, MAY_LOOK, MAY_ORDER, type Role } from '../domain/access.ts';

/** `public`: for everybody in any mode. Else the roles that may; whoever has shown no token has the role of the setting `anonymous`. */
export type Rights = 'public' | readonly Role[];

const LOOK: Rights = MAY_LOOK;
const ORDER: Rights = MAY_ORDER;
const ADMINISTER: Rights = MAY_ADMINISTER;
/** Not even an admin draws: a token that is stolen from a worker, or from a person, is good for one of the two only. */
const WORK: Rights = ['worker'];

/**
 * Who may use which route. A route that is not here cannot be registered, and test/api/access.test.ts tries every pair. HEAD is looking, as GET is.
 * That only its owner, or an admin, may cancel, retry and delete a fractal is not here but in the actions: it depends on the fractal.
 */
export const ACCESS_TABLE: Readonly<Record<string, Rights>> = {
  'GET /v1/fractal': LOOK,
  'POST /v1/fractal': ORDER,
  'GET /v1/fractal/:uuid': LOOK,
  'GET /v1/fractal/:uuid/bands': LOOK,
  'DELETE /v1/fractal/:uuid': ORDER,
  'POST /v1/fractal/:uuid/cancel': ORDER,
  'POST /v1/fractal/:uuid/retry': ORDER,
  'GET /fractal/:uuid': LOOK,
  'GET /fractal/:uuid/thumbnail': LOOK,
  'POST /v1/fractal/:uuid/share': ORDER,
  'DELETE /v1/shares': ADMINISTER,
  'GET /v1/events': LOOK,
  'GET /v1/workers': LOOK,
  'GET /v1/status': LOOK,
  'GET /v1/readings': LOOK,
  'PUT /v1/pause': ADMINISTER,
  'DELETE /v1/pause': ADMINISTER,
  'GET /metrics': LOOK,

  'GET /v1/tokens': ADMINISTER,
  'POST /v1/tokens': ADMINISTER,
  'DELETE /v1/tokens/:id': ADMINISTER,

  // Who shows an enrolment token has no role yet.
  'POST /v1/enrolments': 'public',

  'POST /v1/work/claim': WORK,
  'POST /v1/work/renew': WORK,
  'PUT /v1/work/result': WORK,
  'PUT /v1/work/results': WORK,
  'POST /v1/work/release': WORK,
  'POST /v1/work/fail': WORK,
  'POST /v1/work/report': WORK,

  'GET /v1/session': 'public',
  'POST /v1/session': 'public',
  'DELETE /v1/session': 'public',

  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /openapi.json': 'public',
  'GET /docs': 'public',
  'GET /docs/start.js': 'public',
  'GET /docs/icon.svg': 'public',
  'GET /docs/scalar.js': 'public',
  'GET /': 'public',
  'GET /index': 'public',
  'GET /index/:page': 'public',
  'GET /view/:uuid': 'public',
  'GET /new': 'public',
  'GET /explore': 'public',
  'GET /farm': 'public',
  'GET /signin': 'public',
  'GET /assets/*': 'public',
};

/** @throws when nobody has said who may use it */
export function rightsOf(method: string, url: string): Rights {
  const route = `${method === 'HEAD' ? 'GET' : method} ${url}`;
  const rights = Object.hasOwn(ACCESS_TABLE, route) ? ACCESS_TABLE[route] : undefined;
  if (rights === undefined) throw new Error(`${route} is missing in src/http/access-table.ts: say who may use it.`);
  return rights;
}
