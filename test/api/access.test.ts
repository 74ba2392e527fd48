import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDispatcher } from '../../src/actions/dispatcher.ts';
import { createToken } from '../../src/actions/manage-tokens.ts';
import { serviceReadiness } from '../../src/actions/readiness.ts';
import { ANONYMOUS_ROLES, type AnonymousRole, ROLES, type Role } from '../../src/domain/access.ts';
import type { Ports } from '../../src/domain/ports.ts';
import type { Repository } from '../../src/domain/repository.ts';
import { ACCESS_TABLE, rightsOf } from '../../src/http/access-table.ts';
import { LOCAL_EDGE } from '../../src/http/edge.ts';
import { guardRoutes } from '../../src/http/guard.ts';
import { buildMetricsServer } from '../../src/http/routes/metrics.ts';
import { buildWorkServer } from '../../src/http/routes/work.ts';
import { buildServer } from '../../src/http/server.ts';
import { openAccess } from '../support/access.ts';
import { anOrder } from '../support/orders.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** No route does anything for these, and none is refused for who asks. */
const NOWHERE = '154c7b41-108e-4696-a059-1bde9bf03d0a';
/** Some lease: without any, workers' routes refuse, too. */
const LEASE = { 'faafo-lease': 'x'.repeat(24) };
const FILL: Readonly<Record<string, string>> = { ':uuid': NOWHERE, ':page': '1', ':id': 'nowhere0', '*': 'nothing.js' };

/** Every role there is, and everybody without a token, by the setting. */
const CALLERS: readonly (Role | `anonymous ${AnonymousRole}`)[] = [
  ...ROLES,
  ...ANONYMOUS_ROLES.map((role) => `anonymous ${role}` as const),
];

/** What the table says about a caller. */
function expected(route: string, caller: (typeof CALLERS)[number]): 'let in' | 401 | 403 {
  const rights = ACCESS_TABLE[route]!;
  if (rights === 'public') return 'let in';
  const role = caller.replace('anonymous ', '');
  if (rights.some((each) => each === role)) return 'let in';
  return caller.startsWith('anonymous') ? 401 : 403;
}

/** The whole server, workers let in, as it is behind an address that others can reach. */
async function openClosed(folder: string) {
  const parts = await openParts(folder);
  const servers = new Map<AnonymousRole, string>();
  const apps = await Promise.all(
    ANONYMOUS_ROLES.map(async (anonymous) => {
      const app = await buildServer(parts.ports, {
        log: pino({ level: 'silent' }),
        version: '0.0.0',
        webRoot: new URL('../../build/web/', import.meta.url),
        draining: new AbortController().signal,
        access: { ...openAccess(parts.ports.repository), isPrivate: false, anonymous },
        dispatcher: localDispatcher(parts.ports),
        telemetry: { observer: { answered() {}, streams() {} }, scrape: async () => ({ contentType: 'text/plain', text: '' }) },
      });
      servers.set(anonymous, await app.listen({ host: '127.0.0.1', port: 0 }));
      return app;
    }),
  );
  return {
    repository: parts.ports.repository,
    ports: parts.ports,
    url: (anonymous: AnonymousRole = 'none') => servers.get(anonymous)!,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(apps.map((app) => app.close()));
      await parts[Symbol.asyncDispose]();
    },
  };
}

interface AddedRoute {
  readonly method: string;
  readonly url: string;
  readonly isRefusal: boolean;
}

/** Every route that is added to a server while it is built, whoever adds it. */
async function withRoutes(name: 'all' | 'work' | 'metrics', build: () => Promise<FastifyInstance>) {
  const routes: AddedRoute[] = [];
  const listen = (message: unknown) =>
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url, config }) => {
      for (const each of [method].flat()) routes.push({ method: each, url, isRefusal: config?.isRefusal === true });
    });
  // Fastify tells of each new server, before anybody else can add anything to it.
  subscribe('fastify.initialization', listen);
  try {
    return { name, app: await build(), routes };
  } finally {
    unsubscribe('fastify.initialization', listen);
  }
}

async function everyServer(ports: Ports) {
  const log = pino({ level: 'silent' });
  const [webRoot, draining] = [new URL('../../build/web/', import.meta.url), new AbortController().signal];
  const access = { ...openAccess(ports.repository), isPrivate: false };
  const dispatcher = localDispatcher(ports);
  const scrape = async () => ({ contentType: 'text/plain', text: '' });
  const telemetry = { observer: { answered() {}, streams() {} }, scrape };
  const all = { log, version: '0.0.0', webRoot, draining, access, dispatcher, telemetry };
  return [
    await withRoutes('all', () => buildServer(ports, all)),
    await withRoutes('work', () => buildWorkServer(dispatcher, { log, access, repository: ports.repository })),
    await withRoutes('metrics', () =>
      buildMetricsServer({ log, scrape, ready: serviceReadiness(ports), draining, edge: LOCAL_EDGE }),
    ),
  ];
}

const tokenFor = async (repository: Repository, role: Role, name: string = role, expiresInMs: number | null = null) =>
  await createToken(repository, { name, role, expiresInMs });

const bearing = (token: string | undefined): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});

describe('access', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let closed: Awaited<ReturnType<typeof openClosed>>;
  const tokens = new Map<string, string>();
  beforeAll(async () => {
    folder = await temporaryFolder();
    closed = await openClosed(folder.path);
    for (const role of ROLES) tokens.set(role, (await tokenFor(closed.repository, role)).token);
  });
  afterAll(async () => {
    await closed[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function ask(route: string, caller: (typeof CALLERS)[number], method = route.split(' ')[0]!): Promise<Response> {
    const [, path = ''] = route.split(' ');
    const filled = path.replace(/:\w+|\*/g, (part) => FILL[part]!);
    const anonymous = caller.startsWith('anonymous') ? (caller.split(' ')[1] as AnonymousRole) : 'none';
    const stop = new AbortController();
    const response = await fetch(closed.url(anonymous) + filled, {
      method,
      headers: { ...bearing(tokens.get(caller)), ...LEASE, ...(/^P/.test(method) && { 'content-type': 'application/json' }) },
      ...(/^P/.test(method) && { body: '{}' }),
      signal: stop.signal,
    });
    // Events go on for ever.
    if (path === '/v1/events' && response.ok) stop.abort();
    else await response.clone().arrayBuffer();
    return response;
  }

  describe.each(Object.keys(ACCESS_TABLE))('to %s', (route) => {
    it.each(CALLERS)('by %s', async (caller) => {
      const wanted = expected(route, caller);
      const response = await ask(route, caller);
      if (wanted === 'let in') {
        expect([401, 403]).not.toContain(response.status);
        return;
      }
      expect(response.status).toBe(wanted);
      expect(await response.json()).toMatchObject({ status: wanted, detail: expect.stringMatching(/token/) });
      expect(response.headers.get('www-authenticate')).toBe(wanted === 401 ? 'Bearer realm="faafo"' : null);
      if (route.startsWith('GET ')) expect((await ask(route, caller, 'HEAD')).status).toBe(wanted);
    });
  });

  it('is for workers where they work, and nowhere else; and nothing of the API is for everybody, but to sign in and out, and to enrol', () => {
    for (const [route, rights] of Object.entries(ACCESS_TABLE)) {
      const isWork = route.includes(' /v1/work/');
      expect([route, rights.includes('worker')]).toEqual([route, isWork]);
      if (isWork) expect([route, rights]).toEqual([route, ['worker']]);
      if (/ \/(v1|fractal)\/(?!(session|enrolments)$)/.test(route)) expect([route, rights]).not.toEqual([route, 'public']);
      const changes = /^(POST|PUT|PATCH|DELETE) /.test(route);
      if (changes) expect([route, rights.includes('viewer')]).toEqual([route, false]);
      if (route.includes('/v1/tokens')) expect([route, rights]).toEqual([route, ['admin']]);
    }
  });

  it('has every route of the table', async () => {
    for (const route of Object.keys(ACCESS_TABLE)) {
      const role = ACCESS_TABLE[route] === 'public' ? 'viewer' : (ACCESS_TABLE[route]![0] as Role);
      const response = await ask(route, role);
      const body = response.status === 404 && route !== 'GET /v1/events' ? await response.text() : '';
      expect([route, body]).toEqual([route, expect.not.stringMatching(/There is nothing at (?!\/assets)/)]);
    }
  });

  it('is forgotten for no route: one that is missing in the table cannot be registered', () => {
    const app = Fastify();
    guardRoutes(app, openAccess(closed.repository));
    expect(() => app.get('/v1/secret', async () => 'all')).toThrow(/GET \/v1\/secret is missing in .*access-table/);
    expect(() => app.post('/v1/status', async () => 'all')).toThrow(/POST \/v1\/status is missing/);
    expect(() => rightsOf('GET', 'constructor')).toThrow(/missing/);
  });

  it('is nothing that a route could give itself', async () => {
    const app = Fastify();
    guardRoutes(app, { ...openAccess(closed.repository), isPrivate: false });
    expect(() => app.get('/v1/secret', { config: { rights: 'public' } }, async () => 'all')).toThrow(/missing/);
    app.get('/v1/tokens', { schema: { hide: true }, config: { rights: 'public' } }, async () => 'all');
    expect((await app.inject('/v1/tokens')).statusCode).not.toBe(200);
    await app.close();
  });

  it('is in the table for every route of every server, but where a method is not possible', async () => {
    const servers = await everyServer(closed.ports);
    for (const { name, app, routes } of servers) {
      const [refusals, real] = [routes.filter(({ isRefusal }) => isRefusal), routes.filter(({ isRefusal }) => !isRefusal)];
      const named = real.map(({ method, url }) => `${method === 'HEAD' ? 'GET' : method} ${url}`);
      expect([name, named.filter((route) => !Object.hasOwn(ACCESS_TABLE, route))]).toEqual([name, []]);
      if (name === 'all') expect(new Set(named)).toEqual(new Set(Object.keys(ACCESS_TABLE)));
      if (name === 'work') expect(named.every((route) => / \/v1\/(work\/|enrolments$)/.test(route))).toBe(true);
      if (name === 'metrics') expect(new Set(named)).toEqual(new Set(['GET /metrics', 'GET /healthz', 'GET /readyz']));
      expect(refusals.length).toBeGreaterThan(0);
      // What calls itself a refusal is one.
      for (const { method, url } of refusals) {
        const path = url.replace(/:\w+|\*/g, (part) => FILL[part]!);
        const response = await app.inject({ method: method as 'GET', url: path });
        expect([name, method, url, response.statusCode]).toEqual([name, method, url, 405]);
      }
      await app.close();
    }
  });

  it('says nothing but 404 about paths that do not exist, and 405 about methods that a path has not', async () => {
    expect((await fetch(`${closed.url()}/v1/nothing`)).status).toBe(404);
    expect((await fetch(`${closed.url()}/v1/status`, { method: 'DELETE' })).status).toBe(405);
  });

  it('tells what is wrong with a token', async () => {
    const { token } = await tokenFor(closed.repository, 'viewer', 'typist');
    const { id, token: revoked } = await tokenFor(closed.repository, 'viewer', 'gone');
    const { token: expired } = await tokenFor(closed.repository, 'viewer', 'late', 1);
    await closed.repository.tokens.revoke(id);
    const swapped = token.endsWith('0') ? `${token.slice(0, -1)}1` : `${token.slice(0, -1)}0`;
    const unknown = await (async () => {
      await using other = await temporaryFolder();
      await using parts = await openParts(other.path);
      return (await tokenFor(parts.ports.repository, 'viewer')).token;
    })();
    const wrong: readonly [string, RegExp][] = [
      [swapped, /misspelt/],
      [token.slice(0, -1), /misspelt/],
      [`${token}x`, /misspelt/],
      [unknown, /unknown here/],
      [revoked, new RegExp(`The token ${id} was revoked`)],
      [expired, /has expired/],
      ['ghp_0123456789', /no token of faafo/],
      [' ', /no token of faafo/],
    ];
    for (const [text, sentence] of wrong) {
      const response = await fetch(`${closed.url('creator')}/v1/fractal`, { headers: bearing(text) });
      expect([text, response.status]).toEqual([text, 401]);
      const body = await response.text();
      expect(JSON.parse(body).detail).toMatch(sentence);
      // It says what is wrong, and not with what.
      if (text.trim()) expect(body).not.toContain(text.slice(15, 40) || 'never');
    }
  });

  it('takes a token from the header faafo-token where a proxy has Authorization for itself, and none from the URL', async () => {
    const viewer = tokens.get('viewer')!;
    const headers = { authorization: 'Basic dTpw', 'faafo-token': viewer };
    expect((await fetch(`${closed.url()}/v1/fractal`, { headers })).status).toBe(200);
    expect((await fetch(`${closed.url()}/v1/fractal`, { headers: { authorization: 'Basic dTpw' } })).status).toBe(401);
    for (const name of ['token', 'access_token', 'faafo-token']) {
      expect((await fetch(`${closed.url()}/v1/fractal?${name}=${viewer}`)).status).toBe(401);
    }
  });

  it('lets no token be given back, nor asked for twice', async () => {
    const admin = { ...bearing(tokens.get('admin')), 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'Ann.B', role: 'creator', expires_in: 60 });
    const created = await fetch(`${closed.url()}/v1/tokens`, { method: 'POST', headers: admin, body });
    expect(created.status).toBe(201);
    const { token, ...rest } = (await created.json()) as Record<string, string>;
    expect(token).toMatch(/^faafo_[0-9a-z]{8}_[0-9A-Za-z]{49}$/);
    const list = await (await fetch(`${closed.url()}/v1/tokens`, { headers: admin })).text();
    expect(JSON.parse(list).objects).toContainEqual({ ...rest, last_used_at: null });
    expect(list).not.toContain(token!.slice(15));
    expect(list).not.toMatch(/hash/);
    expect((await fetch(`${closed.url()}/v1/fractal`, { headers: bearing(token) })).status).toBe(200);
    const revoked = await fetch(`${closed.url()}/v1/tokens/${rest.id}`, { method: 'DELETE', headers: admin });
    expect([revoked.status, (await revoked.json()).revoked_at]).toEqual([200, expect.any(String)]);
    // At once, on the process that was told.
    expect((await fetch(`${closed.url()}/v1/fractal`, { headers: bearing(token) })).status).toBe(401);
    for (const name of ['', 'me', '1st', 'a b', 'a/b', 'é', 'x'.repeat(64), '@ann']) {
      const refused = await fetch(`${closed.url()}/v1/tokens`, {
        method: 'POST',
        headers: admin,
        body: JSON.stringify({ name, role: 'viewer' }),
      });
      expect([name, refused.status]).toEqual([name, 422]);
    }
  });

  it('to a fractal under a uuid is for whoever came first: nobody else is told of it, or takes it over', async () => {
    const [ann, bob] = [await tokenFor(closed.repository, 'creator', 'ann'), await tokenFor(closed.repository, 'creator', 'bob')];
    const body = JSON.stringify({ ...anOrder(), uuid: crypto.randomUUID() });
    const order = (token?: string) =>
      fetch(`${closed.url('creator')}/v1/fractal`, {
        method: 'POST',
        headers: { ...bearing(token), 'content-type': 'application/json' },
        body,
      });
    expect((await order(ann.token)).status).toBe(201);
    for (const other of [bob.token, tokens.get('admin'), undefined]) {
      const refused = await order(other);
      expect(refused.status).toBe(409);
      expect(await refused.text()).not.toMatch(/ann|created_at/);
    }
    const again = await order(ann.token);
    expect([again.status, (await again.json()).owner]).toEqual([200, 'ann']);
  });

  it('to what was ordered without a name is for admins: whoever comes without one is not its owner', async () => {
    const ordered = await fetch(`${closed.url('creator')}/v1/fractal`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(anOrder()),
    });
    const { uuid, owner } = (await ordered.json()) as { uuid: string; owner: null };
    expect([ordered.status, owner]).toEqual([201, null]);
    const url = `${closed.url('creator')}/v1/fractal/${uuid}`;
    for (const token of [undefined, tokens.get('creator')]) {
      expect((await fetch(url, { method: 'DELETE', headers: bearing(token) })).status).toBe(403);
      expect((await fetch(`${url}/cancel`, { method: 'POST', headers: bearing(token) })).status).toBe(403);
    }
    expect((await fetch(`${url}/cancel`, { method: 'POST', headers: bearing(tokens.get('admin')) })).status).toBe(200);
    expect((await fetch(url, { method: 'DELETE', headers: bearing(tokens.get('admin')) })).status).toBe(204);
  });

  it('narrows lists to an owner', async () => {
    const { token } = await tokenFor(closed.repository, 'creator', 'Carl');
    const headers = { ...bearing(token), 'content-type': 'application/json' };
    await fetch(`${closed.url()}/v1/fractal`, { method: 'POST', headers, body: JSON.stringify(anOrder()) });
    for (const [owner, count] of [
      ['me', 1],
      ['Carl', 1],
      ['carl', 0],
    ]) {
      const page = await (await fetch(`${closed.url()}/v1/fractal?owner=${owner}`, { headers })).json();
      expect([owner, page.num_results, page.objects.length]).toEqual([owner, count, count]);
    }
    const nameless = await fetch(`${closed.url('viewer')}/v1/fractal?owner=me`);
    expect([nameless.status, (await nameless.json()).field]).toEqual([422, 'owner']);
    expect((await fetch(`${closed.url()}/v1/fractal?owner=a%20b`, { headers })).status).toBe(422);
  });

  it('is open on a loopback address until the first token is made, then closed', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const app = await buildServer(parts.ports, {
      log: pino({ level: 'silent' }),
      version: '0.0.0',
      webRoot: new URL('../../build/web/', import.meta.url),
      draining: new AbortController().signal,
      access: openAccess(parts.ports.repository),
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const json = { 'content-type': 'application/json' };
    const order = (headers = {}) =>
      fetch(`${url}/v1/fractal`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(anOrder()) });
    const first = await order();
    expect([first.status, (await first.json()).owner]).toEqual([201, null]);
    // A token for another service is no obstacle.
    expect((await order(bearing(tokens.get('viewer')))).status).toBe(201);
    const made = await fetch(`${url}/v1/tokens`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ name: 'root', role: 'admin' }),
    });
    const { token, id } = (await made.json()) as { token: string; id: string };
    expect((await order()).status).toBe(401);
    const mine = await order(bearing(token));
    expect([mine.status, (await mine.json()).owner]).toEqual([201, 'root']);
    // Access never opens by itself.
    await fetch(`${url}/v1/tokens/${id}`, { method: 'DELETE', headers: bearing(token) });
    expect((await order()).status).toBe(401);
    expect((await order(bearing(token))).status).toBe(401);
    await app.close();
  });
});
