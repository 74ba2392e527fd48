import { hostname, userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_TABLE } from '../../src/http/access-table.ts';
import type { FractalResource } from '../../src/http/schemas.ts';
import { addPoisoned } from '../support/farm.ts';
import { anOrder, finished, SIEGEL_DISC, send } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

type Line = Readonly<Record<string, unknown>>;

/** One request that is done, and what the audit must say of it. */
interface Change {
  readonly token: string;
  readonly path: string;
  readonly body?: unknown;
  readonly expected: Line;
}

/** Routes that change something, but those of workers at work. */
const CHANGING = Object.keys(ACCESS_TABLE).filter((route) => !route.startsWith('GET ') && !route.includes(' /v1/work/'));

describe('the audit of a service whose log is to hold warnings alone', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  let failed: string;
  const tokens: Record<string, { token: string; id: string }> = {};
  beforeAll(async () => {
    folder = await temporaryFolder();
    failed = await addPoisoned(folder.path);
    api = await startApi({ dataDir: folder.path, flags: ['--log-level', 'warn', '--anonymous', 'viewer'] });
    await make('root', { role: 'admin' });
    await make('ann', { role: 'creator' });
    await make('farm', { role: 'worker', uses: 1 });
    await make('leaver', { role: 'viewer' });
  });
  afterAll(async () => {
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  const bearing = (name: string): Record<string, string> =>
    tokens[name] ? { authorization: `Bearer ${tokens[name].token}` } : {};
  async function make(name: string, more: object): Promise<void> {
    const response = await send(`${api.url}/v1/tokens`, 'POST', { name, ...more }, bearing('root'));
    tokens[name] = (await response.json()) as { token: string; id: string };
  }
  async function ordered(more: object = {}): Promise<FractalResource> {
    const response = await send(`${api.url}/v1/fractal`, 'POST', anOrder(more), bearing('ann'));
    return (await response.json()) as FractalResource;
  }
  const lines = (): Line[] =>
    api
      .log()
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  const byAnn = (action: string, path: string, more: Line = {}, body?: unknown): Change => ({
    ...{ token: 'ann', path, body, expected: { action, who: 'ann', role: 'creator', ...more } },
  });
  const byRoot = (action: string, path: string, more: Line = {}, body?: unknown): Change => ({
    ...{ token: 'root', path, body, expected: { action, who: 'root', role: 'admin', ...more } },
  });

  /** How each of them is done once. */
  const CHANGES: Readonly<Record<string, () => Promise<Change>>> = {
    'POST /v1/fractal': async () => {
      const uuid = crypto.randomUUID();
      return byAnn('order', '/v1/fractal', { fractal: uuid }, anOrder({ uuid }));
    },
    'DELETE /v1/fractal/:uuid': async () => {
      const { uuid } = await ordered();
      return byAnn('delete', `/v1/fractal/${uuid}`, { fractal: uuid });
    },
    'POST /v1/fractal/:uuid/cancel': async () => {
      const { uuid } = await ordered({ ...SIEGEL_DISC, width: 512, height: 300, iterations: 110_000 });
      return byAnn('cancel', `/v1/fractal/${uuid}/cancel`, { fractal: uuid });
    },
    'POST /v1/fractal/:uuid/retry': async () => byRoot('retry', `/v1/fractal/${failed}/retry`, { fractal: failed }),
    'POST /v1/fractal/:uuid/share': async () => {
      const { uuid } = await ordered();
      await finished(api.url, uuid);
      return byAnn('share', `/v1/fractal/${uuid}/share`, { fractal: uuid }, {});
    },
    'DELETE /v1/shares': async () => byRoot('withdraw-shares', '/v1/shares'),
    'PUT /v1/pause': async () => byRoot('pause', '/v1/pause', {}, {}),
    'DELETE /v1/pause': async () => byRoot('resume', '/v1/pause'),
    'POST /v1/tokens': async () => byRoot('create-token', '/v1/tokens', {}, { name: 'bob', role: 'viewer' }),
    'DELETE /v1/tokens/:id': async () =>
      byRoot('revoke-token', `/v1/tokens/${tokens.leaver!.id}`, { token_id: tokens.leaver!.id }),
    'POST /v1/enrolments': async () => {
      const body = { id: 'abcdefg1', hash: 'a'.repeat(64), host: 'gpu-1' };
      const expected = { action: 'enrol', who: 'farm', role: 'worker', token_id: 'abcdefg1' };
      return { token: 'farm', path: '/v1/enrolments', body, expected };
    },
    'POST /v1/session': async () => ({ ...byAnn('sign-in', '/v1/session', {}, { token: tokens.ann!.token }), token: 'nobody' }),
    'DELETE /v1/session': async () => byAnn('sign-out', '/v1/session'),
  };

  it('knows a request for each route that changes something', () => {
    expect(Object.keys(CHANGES).sort()).toEqual([...CHANGING].sort());
  });

  it.each(CHANGING)('has exactly one line of it, with who and as what: %s', async (route) => {
    const { token, path, body, expected } = await CHANGES[route]!();
    const response = await send(`${api.url}${path}`, route.split(' ')[0]!, body, bearing(token));
    expect([route, response.status < 300]).toEqual([route, true]);
    const id = response.headers.get('x-request-id');
    await until(() => lines().some(({ request_id }) => request_id === id));
    // What comes after it has been written, too, when the next one is.
    const next = (await send(`${api.url}/v1/session`, 'DELETE')).headers.get('x-request-id');
    await until(() => lines().some(({ request_id }) => request_id === next));
    const found = lines().filter(({ request_id }) => request_id === id);
    expect(found).toEqual([expect.objectContaining({ audit: true, level: 30, outcome: 'done', msg: 'audit', ...expected })]);
  });

  it('tells, too, what was done in the database itself, past the service', async () => {
    const there = ['--data-dir', folder.path];
    const made = await runFaafo(api.url, ['token', 'create', 'carl', '--role', 'viewer', ...there]);
    const id = made.stdout.split('_')[1]!;
    expect((await runFaafo(api.url, ['token', 'revoke', id, ...there])).status).toBe(0);
    const found = () => lines().filter(({ token_id }) => token_id === id);
    await until(() => found().length >= 2, 20_000);
    const same = { audit: true, level: 30, role: 'database', who: `${userInfo().username}@${hostname()}`, outcome: 'done' };
    expect(found()).toEqual(['create-token', 'revoke-token'].map((action) => expect.objectContaining({ ...same, action })));
    for (const { at } of found()) expect(Date.parse(String(at))).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is all that there is of that level', () => {
    expect(lines().filter(({ level, audit }) => Number(level) < 40 && audit !== true)).toEqual([]);
  });
});
