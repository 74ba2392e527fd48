import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken } from '../../src/actions/manage-tokens.ts';
import type { Role } from '../../src/domain/access.ts';
import type { FractalResource } from '../../src/http/schemas.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { anOrder } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { until } from '../support/until.ts';

let folder: string;
let api: RunningApi;
const tokens = new Map<string, string>();

const ask = (path: string, who: string | null, init: RequestInit = {}) =>
  fetch(`${api.url}${path}`, {
    ...init,
    headers: { ...(who !== null && { authorization: `Bearer ${tokens.get(who)}` }), 'content-type': 'application/json' },
  });
const share = async (uuid: string, who: string, body: object) =>
  await ask(`/v1/fractal/${uuid}/share`, who, { method: 'POST', body: JSON.stringify(body) });
const linkOf = async (uuid: string, body: object, who = 'ann'): Promise<string> => {
  const response = await share(uuid, who, body);
  expect(response.status).toBe(200);
  return ((await response.json()) as { url: string }).url;
};
/** What strangers are answered: status and type. */
const look = async (path: string) => {
  const response = await ask(path, null);
  await response.arrayBuffer();
  return response.status;
};
/** The same signature for another address. */
const queryOf = (link: string): string => link.slice(link.indexOf('?'));

async function drawn(who: string, more: object = {}): Promise<FractalResource> {
  const body = JSON.stringify({ ...anOrder({ width: 60, height: 40 }), ...more });
  const ordered = await ask('/v1/fractal', who, { method: 'POST', body });
  const { uuid } = (await ordered.json()) as FractalResource;
  let fractal: FractalResource;
  await until(async () => {
    fractal = (await (await ask(`/v1/fractal/${uuid}`, who)).json()) as FractalResource;
    return fractal.state === 'done';
  });
  return fractal!;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faafo-share-'));
  const repository = await openSqliteRepository(join(folder, 'faafo.db'));
  const people: readonly [string, Role][] = [
    ['ann', 'creator'],
    ['bob', 'creator'],
    ['vic', 'viewer'],
    ['amy', 'admin'],
  ];
  for (const [name, role] of people) {
    tokens.set(name, (await createToken(repository, { name, role, expiresInMs: null })).token);
  }
  await repository[Symbol.asyncDispose]();
  api = await startApi({ dataDir: folder });
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a signed link', () => {
  it('of a page shows one fractal to whoever has it: its facts, its picture, its thumbnail, and nothing else', async () => {
    const [mine, other] = [await drawn('ann'), await drawn('ann')];
    const query = queryOf(await linkOf(mine.uuid, { what: 'page' }));
    for (const path of [`/v1/fractal/${mine.uuid}`, `/fractal/${mine.uuid}`, `/fractal/${mine.uuid}/thumbnail`]) {
      expect([path, await look(path + query)]).toEqual([path, 200]);
      expect([path, await look(path)]).toEqual([path, 401]);
      expect([path, await look(path.replace(mine.uuid, other.uuid) + query)]).toEqual([path, 403]);
    }
    for (const path of ['/v1/fractal', '/v1/events', '/v1/workers', '/v1/status', '/v1/tokens']) {
      expect([path, [401, 422].includes(await look(path + query))]).toEqual([path, true]);
    }
    for (const [method, path] of [
      ['DELETE', `/v1/fractal/${mine.uuid}`],
      ['POST', `/v1/fractal/${mine.uuid}/cancel`],
      ['POST', `/v1/fractal/${mine.uuid}/share`],
    ] as const) {
      expect((await ask(path + query, null, { method })).status).toBe(401);
    }
    const picture = await ask(`/fractal/${mine.uuid}${query}&checksum=${mine.checksum}`, null, {});
    expect(picture.headers.get('cache-control')).toBe('no-cache');
    expect(picture.headers.get('content-type')).toBe('image/png');
  });

  it('of an image shows the picture alone', async () => {
    const { uuid } = await drawn('ann');
    const link = await linkOf(uuid, { what: 'image', expires_in: 3600 });
    expect(link).toMatch(new RegExp(`^/fractal/${uuid}\\?expires=\\d+&signature=[\\w-]{43}$`));
    expect(await look(link)).toBe(200);
    expect(await look(`/v1/fractal/${uuid}${queryOf(link)}`)).toBe(403);
    expect(await look(`/fractal/${uuid}/thumbnail${queryOf(link)}`)).toBe(403);
  });

  it('is refused when anything of it was changed', async () => {
    const { uuid } = await drawn('ann');
    const link = await linkOf(uuid, { what: 'image', expires_in: 60 });
    const [, expires = ''] = /expires=(\d+)/.exec(link)!;
    const later = link.replace(expires, String(Number(expires) + 1));
    const other = link.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
    for (const wrong of [later, other, link.slice(0, -1), `${link}A`, link.replace(/expires=\d+&/, '')]) {
      expect([wrong, await look(wrong)]).toEqual([wrong, 403]);
    }
    for (const wrong of [link.replace(expires, '1e9'), link.replace(/signature=.*/, 'signature=%00'), `${link}&signature=x`]) {
      expect([wrong, [401, 403, 422].includes(await look(wrong))]).toEqual([wrong, true]);
    }
  });

  it('ends when its time is over, and says so', async () => {
    const { uuid } = await drawn('ann');
    const link = await linkOf(uuid, { what: 'image', expires_in: 1 });
    await until(async () => (await look(link)) === 410);
    expect(((await (await ask(link, null)).json()) as { detail: string }).detail).toBe(
      'This link has expired: ask for a new one.',
    );
    // It does not hinder whoever has a token.
    expect((await ask(link, 'vic')).status).toBe(200);
  });

  it('is good for a week when nobody says for how long, on the command line, too', async () => {
    const { uuid } = await drawn('ann');
    const { url, expires_at } = (await (await share(uuid, 'ann', {})).json()) as { url: string; expires_at: string };
    const days = (text: string) => (Date.parse(text) - Date.now()) / 86_400_000;
    expect(days(expires_at)).toBeCloseTo(7, 2);
    expect(Number(/expires=(\d+)/.exec(url)?.[1]) * 1000).toBe(Date.parse(expires_at));
    const { stdout } = await runFaafo(api.url, ['share', uuid], { env: { FAAFO_TOKEN: tokens.get('ann')! } });
    expect((Number(/expires=(\d+)/.exec(stdout)?.[1]) - Date.now() / 1000) / 86_400).toBeCloseTo(7, 2);
  });

  it('is made by the owner and by admins, for a year at most, and dies with its fractal', async () => {
    const { uuid } = await drawn('ann');
    expect((await share(uuid, 'bob', {})).status).toBe(403);
    expect((await share(uuid, 'vic', {})).status).toBe(403);
    expect((await share('154c7b41-108e-4696-a059-1bde9bf03d0a', 'ann', {})).status).toBe(404);
    for (const wrong of [{ expires_in: 0 }, { expires_in: 367 * 86_400 }, { what: 'all' }, { expires_in: 'week' }]) {
      expect((await share(uuid, 'ann', wrong)).status).toBe(422);
    }
    const link = await linkOf(uuid, { what: 'image' }, 'amy');
    expect(await look(link)).toBe(200);
    await ask(`/v1/fractal/${uuid}`, 'ann', { method: 'DELETE' });
    // Whoever has it learns no more than from one that was never right.
    expect([await look(link), await look(link.replace(uuid, crypto.randomUUID()))]).toEqual([403, 403]);
  });

  it('shows nothing that somebody ordered later under the same uuid', async () => {
    const mine = await drawn('ann');
    const links = [await linkOf(mine.uuid, { what: 'image' }), await linkOf(mine.uuid, { what: 'page' })];
    await ask(`/v1/fractal/${mine.uuid}`, 'ann', { method: 'DELETE' });
    const theirs = await drawn('bob', { uuid: mine.uuid });
    expect([theirs.uuid, theirs.owner]).toEqual([mine.uuid, 'bob']);
    for (const link of links) expect(await look(`/fractal/${mine.uuid}${queryOf(link)}`)).toBe(403);
    expect(await look(await linkOf(mine.uuid, { what: 'image' }, 'bob'))).toBe(200);
  });

  it('is made and withdrawn by the command line', async () => {
    const { uuid } = await drawn('ann');
    const faafo = (who: string, ...words: string[]) => runFaafo(api.url, words, { env: { FAAFO_TOKEN: tokens.get(who)! } });
    const made = await faafo('ann', 'share', uuid.slice(0, 12), '--image', '--expires', '2h');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout.startsWith(`${api.url}/fractal/${uuid}?expires=`)).toBe(true);
    expect((await fetch(made.stdout.trim())).status).toBe(200);
    const page = await faafo('ann', 'share', uuid);
    expect(page.stdout).toContain(`/view/${uuid}?expires=`);
    expect(await faafo('ann', 'share', uuid, '--expires', 'never')).toMatchObject({ status: 2 });
    expect(await faafo('ann', 'share')).toMatchObject({ status: 2 });
    expect(await faafo('ann', 'share', '--withdraw-all')).toMatchObject({ status: 1 });
    expect(await faafo('amy', 'share', '--withdraw-all')).toMatchObject({ status: 0 });
    await until(async () => (await fetch(made.stdout.trim())).status === 403);
  });
});
