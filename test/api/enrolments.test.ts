import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashAccessToken, newAccessToken } from '../../src/actions/access-token.ts';
import { localDispatcher } from '../../src/actions/dispatcher.ts';
import { createToken, revokeToken } from '../../src/actions/manage-tokens.ts';
import { ROLES } from '../../src/domain/access.ts';
import { ACCESS_TABLE } from '../../src/http/access-table.ts';
import { enrol } from '../../src/http/enrol.ts';
import { failureWatch } from '../../src/http/failure-watch.ts';
import { buildWorkServer } from '../../src/http/routes/work.ts';
import { buildServer } from '../../src/http/server.ts';
import { FaultProxy } from '../faults/support/fault-proxy.ts';
import { openAccess } from '../support/access.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;

/** Both servers of a service that others can reach: the one for everybody, and the one for workers alone. */
async function openClosed(folder: string, perMinute = 1_000) {
  const parts = await openParts(folder);
  const { repository } = parts.ports;
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const access = { ...openAccess(repository), isPrivate: false, failures: failureWatch(perMinute) };
  const dispatcher = localDispatcher(parts.ports);
  const app = await buildServer(parts.ports, {
    ...{ log, version: '0.0.0', webRoot: new URL('../../build/web/', import.meta.url), draining: NEVER, access, dispatcher },
    telemetry: { observer: { answered() {}, streams() {} }, scrape: async () => ({ contentType: 'text/plain', text: '' }) },
  });
  const internal = await buildWorkServer(dispatcher, { log, access, repository });
  const listen = { host: '127.0.0.1', port: 0 };
  return {
    ...{ url: await app.listen(listen), workUrl: await internal.listen(listen), repository, lines },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([app.close(), internal.close()]);
      await parts[Symbol.asyncDispose]();
    },
  };
}

/** What a worker has made for itself, and what it tells of it. */
function ownToken(host = 'app-worker-1') {
  const { id, text } = newAccessToken();
  return { text, body: { id, hash: hashAccessToken(text), host } };
}

describe('enrolment', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let service: Awaited<ReturnType<typeof openClosed>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    service = await openClosed(folder.path);
  });
  afterAll(async () => {
    // At the level at which everything is told.
    expect(service.lines.join('')).not.toMatch(/faafo_enrol_\w{20}/);
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const enrolmentToken = (uses = 1, expiresInMs = HOUR_MS) =>
    createToken(service.repository, { name: 'farm', role: 'worker', expiresInMs, uses });
  const usesLeft = async (id: string) => (await service.repository.tokens.list()).find((each) => each.id === id)!.usesLeft;
  const claimAs = async (token: string) =>
    (await fetch(`${service.workUrl}/v1/work/claim`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })).status;

  it('gives a worker a token of its own, at both doors, that draws and does nothing else', async () => {
    for (const door of [service.url, service.workUrl]) {
      const { token, id } = await enrolmentToken();
      const own = ownToken('app-worker-1.example.org');
      expect(await claimAs(own.text)).toBe(401);
      const enrolled = await enrol(door, token, own.body, NEVER);
      const name = `app-worker-1.example.org-${own.body.id}`;
      expect(enrolled).toMatchObject({ id: own.body.id, name, role: 'worker', enrolment: id, uses: null });
      expect(Date.parse(enrolled.expires_at!) - Date.now()).toBeGreaterThan(364 * 24 * HOUR_MS);
      // Let in, and refused for what it says: nothing.
      expect(await until(async () => (await claimAs(own.text)) !== 401)).toBe(true);
      const list = await fetch(`${service.url}/v1/fractal`, { headers: { authorization: `Bearer ${own.text}` } });
      expect(list.status).toBe(403);
    }
  });

  it('is all that its token is good for, whoever shows it where', async () => {
    const { token, id } = await enrolmentToken(5);
    for (const [route, rights] of Object.entries(ACCESS_TABLE)) {
      if (rights === 'public') continue;
      const [method = '', path = ''] = route.split(' ');
      const filled = path.replace(':uuid', '154c7b41-108e-4696-a059-1bde9bf03d0a').replace(':id', id);
      const answer = await fetch(service.url + filled, { method, headers: { authorization: `Bearer ${token}` } });
      const { detail } = (await answer.json()) as { detail: string };
      expect([route, answer.status, detail]).toEqual([route, 401, expect.stringMatching(/^This is an enrolment token/)]);
    }
    const signIn = await fetch(`${service.url}/v1/session`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) },
    });
    expect(signIn.status).toBe(401);
    expect(await usesLeft(id)).toBe(5);
  });

  it('is the same one when its answer was lost, also by another door, and takes a single use', async () => {
    const { token, id } = await enrolmentToken(2);
    const own = ownToken();
    await using link = await FaultProxy.open(() => Number(new URL(service.url).port));
    link.watch((_, to) => (to === 'client' ? 'reset' : 'pass'));
    const lost = enrol(`http://127.0.0.1:${link.port}`, token, own.body, NEVER);
    await expect(lost).rejects.toMatchObject({ message: expect.stringMatching(/cannot be reached/) });
    await until(async () => (await usesLeft(id)) === 1);
    const first = await enrol(service.workUrl, token, own.body, NEVER);
    const again = await enrol(service.url, token, { ...own.body, host: 'renamed' }, NEVER);
    expect([again.name, await usesLeft(id)]).toEqual([first.name, 1]);
    const post = (body: object) =>
      fetch(`${service.url}/v1/enrolments`, {
        ...{ method: 'POST', body: JSON.stringify(body) },
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      });
    expect((await post(own.body)).status).toBe(200);
    expect((await post(ownToken().body)).status).toBe(201);
  });

  it('gives the last use to one of two, and says to the other that it is used up', async () => {
    const { token, id } = await enrolmentToken();
    const both = await Promise.allSettled([ownToken(), ownToken()].map(({ body }) => enrol(service.url, token, body, NEVER)));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { reason } = both.find((each) => each.status === 'rejected') as PromiseRejectedResult;
    expect(reason).toMatchObject({
      code: 'unauthenticated',
      message: `The enrolment token ${id} is used up: it was good for 1.`,
    });
  });

  it('refuses what is no enrolment token, or none any more, and says which', async () => {
    const [revoked, expired, ordinary] = [
      await enrolmentToken(),
      await enrolmentToken(1, 1),
      await createToken(service.repository, { name: 'gpu', role: 'worker', expiresInMs: null }),
    ];
    await revokeToken(service.repository, revoked.id);
    const { token } = await enrolmentToken();
    const wrong: readonly [string, RegExp][] = [
      [revoked.token, new RegExp(`^The enrolment token ${revoked.id} was revoked\\.$`)],
      [expired.token, new RegExp(`^The enrolment token ${expired.id} has expired\\.$`)],
      [ordinary.token, /^This is no enrolment token, but one that is to be used as it is\.$/],
      [`${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`, /misspelt/],
      [token.replace('enrol_', ''), /misspelt/],
      ['swordfish', /no enrolment token of faafo/],
    ];
    for (const [text, sentence] of wrong) {
      const refused = enrol(service.url, text, ownToken().body, NEVER);
      await expect(refused).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(sentence) });
    }
    await using other = await temporaryFolder();
    await using elsewhere = await openClosed(other.path);
    const foreign = enrol(elsewhere.url, token, ownToken().body, NEVER);
    await expect(foreign).rejects.toMatchObject({ message: expect.stringMatching(/unknown here/) });
    const bare = await fetch(`${service.url}/v1/enrolments`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(ownToken().body) },
    });
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="faafo"']);
  });

  it('tells a worker whose own token was revoked, and does not give it another', async () => {
    const { token, id } = await enrolmentToken(3);
    const own = ownToken();
    await enrol(service.url, token, own.body, NEVER);
    await revokeToken(service.repository, own.body.id);
    await expect(enrol(service.url, token, own.body, NEVER)).rejects.toMatchObject({
      ...{ code: 'unauthenticated', message: `This worker was enrolled before, and its token ${own.body.id} was revoked.` },
      details: { members: { token_id: own.body.id } },
    });
    expect(await usesLeft(id)).toBe(2);
  });

  it('is no way to the token, the id or the name of somebody else', async () => {
    const ann = await createToken(service.repository, { name: 'ann', role: 'admin', expiresInMs: null });
    const { token } = await enrolmentToken(3);
    for (const body of [
      { ...ownToken().body, id: ann.id },
      { ...ownToken().body, hash: hashAccessToken(ann.token) },
    ]) {
      await expect(enrol(service.url, token, body, NEVER)).rejects.toMatchObject({ code: 'conflict' });
    }
    for (const host of ['ann', '@me', '10.0.0.7', 'ß', 'x'.repeat(255)]) {
      const own = ownToken(host);
      const { name } = await enrol(service.url, (await enrolmentToken()).token, own.body, NEVER);
      expect(name).toMatch(new RegExp(`^[A-Za-z][\\w.@-]{0,53}-${own.body.id}$`));
    }
    for (const body of [{ id: 'ABCDEFGH' }, { hash: 'x'.repeat(64) }, { host: 'a b' }, { host: '' }, { role: 'admin' }]) {
      const refused = enrol(service.url, token, { ...ownToken().body, ...body }, NEVER);
      await expect(refused).rejects.toMatchObject({ code: 'invalid' });
    }
  });

  it('is for workers alone, short, and counted: nobody makes a token for more', async () => {
    const { token: admin } = await createToken(service.repository, { name: 'ann', role: 'admin', expiresInMs: null });
    const make = async (body: object) => {
      const response = await fetch(`${service.url}/v1/tokens`, {
        ...{ method: 'POST', body: JSON.stringify({ name: 'farm', role: 'worker', ...body }) },
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      });
      return { status: response.status, ...((await response.json()) as { field?: string; token?: string; expires_at?: string }) };
    };
    for (const role of ROLES.filter((each) => each !== 'worker'))
      expect(await make({ role, uses: 1 })).toMatchObject({ status: 422, field: 'role' });
    for (const uses of [0, -1, 1.5, 10_001, '1']) expect(await make({ uses })).toMatchObject({ status: 422, field: 'uses' });
    for (const expires_in of [null, 30 * 86_400 + 1])
      expect(await make({ uses: 1, expires_in })).toMatchObject({ status: 422, field: 'expires_in' });
    const made = await make({ uses: 10_000 });
    expect(made).toMatchObject({ status: 201, token: expect.stringMatching(/^faafo_enrol_[0-9a-z]{8}_[0-9A-Za-z]{49}$/) });
    expect(Date.parse(made.expires_at!) - Date.now()).toBeLessThanOrEqual(HOUR_MS);
    const ordinary = await make({});
    expect(ordinary.token).toMatch(/^faafo_[0-9a-z]{8}_/);
    expect(Date.parse(ordinary.expires_at!) - Date.now()).toBeGreaterThan(364 * 24 * HOUR_MS);
  });

  it('is withdrawn with those it let in, where that is asked for', async () => {
    const { token: admin } = await createToken(service.repository, { name: 'ann', role: 'admin', expiresInMs: null });
    const revoke = async (id: string, query = '') => {
      const headers = { authorization: `Bearer ${admin}` };
      return await (await fetch(`${service.url}/v1/tokens/${id}${query}`, { method: 'DELETE', headers })).json();
    };
    const { token, id } = await enrolmentToken(3);
    const own = [ownToken(), ownToken()];
    for (const { body } of own) await enrol(service.url, token, body, NEVER);
    expect(await revoke(id)).toMatchObject({ id, also_revoked: 0, uses: 3, uses_left: 1 });
    await expect(enrol(service.url, token, ownToken().body, NEVER)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await claimAs(own[0]!.text)).not.toBe(401);
    expect(await revoke(id, '?with_workers=true')).toMatchObject({ id, also_revoked: 2 });
    // At once, on the process that was told.
    for (const { text } of own) expect(await claimAs(text)).toBe(401);
    expect(await revoke(own[0]!.body.id, '?with_workers=true')).toMatchObject({ also_revoked: 0 });
    expect(await revoke(id, '?with_workers=1')).toMatchObject({ status: 422 });
  });

  it('is not guessed: who fails too often is not listened to, and who was let in is not counted', async () => {
    await using home = await temporaryFolder();
    await using strict = await openClosed(home.path, 3);
    const wish = { name: 'farm', role: 'worker', expiresInMs: HOUR_MS, uses: 20 } as const;
    const { token } = await createToken(strict.repository, wish);
    for (let i = 0; i < 10; i++) await enrol(strict.url, token, ownToken().body, NEVER);
    const spent = await createToken(strict.repository, { ...wish, uses: 1 });
    await enrol(strict.url, spent.token, ownToken().body, NEVER);
    for (let i = 0; i < 3; i++) {
      await expect(enrol(strict.workUrl, spent.token, ownToken().body, NEVER)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    const tried = enrol(strict.url, token, ownToken().body, NEVER);
    await expect(tried).rejects.toMatchObject({ code: 'busy', details: { retryAfterSeconds: expect.any(Number) } });
  });

  it('leaves an audit line, also when it was refused', async () => {
    const { token } = await enrolmentToken();
    const own = ownToken();
    await enrol(service.url, token, own.body, NEVER);
    await enrol(service.url, token, ownToken().body, NEVER).catch(() => undefined);
    await enrol(service.url, newAccessToken().text, ownToken().body, NEVER).catch(() => undefined);
    const lines = service.lines.map((line) => JSON.parse(line)).filter(({ action }) => action === 'enrol');
    expect(lines.slice(-3)).toMatchObject([
      { audit: true, who: 'farm', role: 'worker', outcome: 'done', status: 201, token_id: own.body.id, address: '127.0.0.1' },
      { audit: true, who: 'farm', role: 'worker', outcome: 'refused', status: 401 },
      { audit: true, who: null, role: 'anonymous', outcome: 'refused', status: 401 },
    ]);
  });
});
