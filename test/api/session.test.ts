import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken, revokeToken } from '../../src/actions/manage-tokens.ts';
import { openSession, SESSION_MS, sealSession } from '../../src/actions/session.ts';
import type { AnonymousRole, Role } from '../../src/domain/access.ts';
import { buildServer } from '../../src/http/server.ts';
import type { SessionResource } from '../../src/http/session-schemas.ts';
import { openAccess } from '../support/access.ts';
import { anOrder } from '../support/orders.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const KEY = new Uint8Array(32).fill(7);

/** A server that others can reach. */
async function openClosed(folder: string, anonymous: AnonymousRole = 'none') {
  const parts = await openParts(folder);
  const lines: string[] = [];
  const app = await buildServer(parts.ports, {
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    version: '0.0.0',
    webRoot: new URL('../../build/web/', import.meta.url),
    draining: new AbortController().signal,
    access: { ...openAccess(parts.ports.repository), isPrivate: false, anonymous },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    lines,
    repository: parts.ports.repository,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await parts[Symbol.asyncDispose]();
    },
  };
}

const json = { 'content-type': 'application/json' };

describe('a session', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let service: Awaited<ReturnType<typeof openClosed>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    service = await openClosed(folder.path);
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const tokenOf = (name: string, role: Role, expiresInMs: number | null = null) =>
    createToken(service.repository, { name, role, expiresInMs });
  const signIn = (token: string, headers: Record<string, string> = {}) =>
    fetch(`${service.url}/v1/session`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify({ token }) });
  /** What a browser would send back. */
  const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]!.split(';')[0]!;
  const as = (cookie: string, path: string, init: RequestInit = {}) =>
    fetch(`${service.url}${path}`, { ...init, headers: { cookie, ...init.headers } });
  const who = async (cookie: string) => (await (await as(cookie, '/v1/session')).json()) as SessionResource;

  it('begins with a token, which the cookie does not show, and is its holder from then on', async () => {
    const { token } = await tokenOf('ann', 'creator');
    const response = await signIn(token);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ access: 'closed', name: 'ann', role: 'creator', ended: null });
    const [text] = response.headers.getSetCookie();
    expect(text).toMatch(/^faafo_session=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString('base64url').slice(0, 20));
    const cookie = cookieOf(response);
    expect((await as(cookie, '/v1/fractal')).status).toBe(200);
    const ordered = await as(cookie, '/v1/fractal', { method: 'POST', headers: json, body: JSON.stringify(anOrder()) });
    expect(ordered.status).toBe(201);
    expect(await ordered.json()).toMatchObject({ owner: 'ann' });
    expect((await as(cookie, '/v1/tokens')).status).toBe(403);
    expect(service.lines.join('')).toContain('"action":"sign-in"');
    expect(service.lines.join('')).not.toContain(token);
    expect(service.lines.join('')).not.toContain(cookie);
  });

  it('is refused for a wrong token, with a sentence and without a cookie', async () => {
    const { token } = await tokenOf('bea', 'viewer');
    for (const wrong of ['nothing', `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`, `faafo_${'a'.repeat(58)}`]) {
      const response = await signIn(wrong);
      expect(response.status).toBe(401);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(((await response.json()) as { detail: string }).detail).not.toContain(wrong);
    }
    expect((await signIn('')).status).toBe(422);
  });

  it('says who nobody is, and ignores cookies that are none of its own', async () => {
    const nobody = { access: 'closed', name: null, role: 'none', expires_at: null, ended: null };
    expect(await who('')).toEqual(nobody);
    const forged = sealSession(KEY, { token: (await tokenOf('cat', 'admin')).token, endsAt: Date.now() + 1e6 });
    const own = cookieOf(await signIn((await tokenOf('dan', 'admin')).token)).split('=')[1]!;
    const changed = `${own.slice(0, 60)}${own[60] === 'A' ? 'B' : 'A'}${own.slice(61)}`;
    const hostile = ['', 'x', '=', '%00', 'a'.repeat(8000), forged, changed, own.slice(0, -4), `${own}AAAA`, '__proto__'];
    for (const value of hostile) {
      expect([value, await who(`faafo_session=${value}`)]).toEqual([value, nobody]);
      expect((await as(`faafo_session=${value}`, '/v1/fractal')).status).toBe(401);
    }
    expect((await as(`theirs=1; faafo_session=${own}; more=2`, '/v1/fractal')).status).toBe(200);
  });

  it('ends after its time, with its token, and when it is signed out', async () => {
    const { token, id } = await tokenOf('eve', 'viewer');
    const endsAt = Date.now() - 1;
    const late = `faafo_session=${sealSession(await service.repository.secrets.signingKey(), { token, endsAt })}`;
    expect((await as(late, '/v1/fractal')).status).toBe(401);
    expect(await who(late)).toMatchObject({ name: null, ended: expect.stringContaining('sign in again') });

    const cookie = cookieOf(await signIn(token));
    expect((await who(cookie)).name).toBe('eve');
    const stream = await as(cookie, '/v1/events');
    await revokeToken(service.repository, id);
    await until(async () => (await as(cookie, '/v1/fractal')).status === 401);
    const ended = await as(cookie, '/v1/session');
    expect(await ended.json()).toMatchObject({ name: null, role: 'none', ended: `The token ${id} was revoked.` });
    expect(ended.headers.getSetCookie()[0]).toMatch(/^faafo_session=; .*Max-Age=0/);
    // The stream of a revoked session ends by itself.
    for await (const _ of stream.body!);

    const out = await as(cookieOf(await signIn((await tokenOf('fay', 'viewer')).token)), '/v1/session', { method: 'DELETE' });
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie()[0]).toMatch(/^faafo_session=; .*Max-Age=0/);
    expect(service.lines.filter((line) => line.includes('"action":"sign-out"')).at(-1)).toContain('"who":"fay"');
  });

  it('is weaker than a token that is sent with the request, and of no use to pages of other sites', async () => {
    const cookie = cookieOf(await signIn((await tokenOf('gil', 'admin')).token));
    const viewer = (await tokenOf('hal', 'viewer')).token;
    expect((await as(cookie, '/v1/tokens')).status).toBe(200);
    expect((await as(cookie, '/v1/tokens', { headers: { authorization: `Bearer ${viewer}` } })).status).toBe(403);
    const foreign: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of foreign) {
      const order = { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(anOrder()) };
      expect((await as(cookie, '/v1/fractal', order)).status).toBe(403);
      expect((await signIn(viewer, headers)).status).toBe(403);
    }
  });

  it('is void, as all of them, when the signing key is made anew', async () => {
    const cookie = cookieOf(await signIn((await tokenOf('ida', 'admin')).token));
    expect((await as(cookie, '/v1/shares', { method: 'DELETE' })).status).toBe(204);
    expect((await who(cookie)).name).toBeNull();
  });
});

describe('sealed sessions', () => {
  it('are opened by their own key alone, and hide the token', () => {
    const session = { token: `faafo_${'x'.repeat(58)}`, endsAt: Date.now() + SESSION_MS };
    const sealed = sealSession(KEY, session);
    expect(openSession(KEY, sealed)).toEqual(session);
    expect(openSession(new Uint8Array(32), sealed)).toBeNull();
    expect(sealSession(KEY, session)).not.toBe(sealed);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('faafo_');
  });
});
