import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashAccessToken } from '../../src/actions/access-token.ts';
import { createToken } from '../../src/actions/manage-tokens.ts';
import type { Role } from '../../src/domain/access.ts';
import { Client } from '../../src/http/client.ts';
import type { OpenedDatabase } from '../../src/repository/build.ts';
import { openSharedRepository } from '../../src/repository/open.ts';
import { runSql } from '../faults/support/sql.ts';
import { anOrder } from '../support/orders.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { type RunningWorker, startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** What users are promised: a revoked token is good for nothing after it. */
const PROMISED_MS = 5_000;

describe('access to two API processes over one database, and a worker', () => {
  const stack = new AsyncDisposableStack();
  let broker: PrivateBroker;
  let database: PrivateDatabase;
  let repository: OpenedDatabase;
  let apis: readonly RunningApi[];
  const tokens: string[] = [];
  beforeAll(async () => {
    [broker, database] = await Promise.all([startRabbitmq(), startPostgres()]);
    stack.use(broker);
    stack.use(database);
    const folder = stack.use(await temporaryFolder());
    const flags = [
      '--transport-url',
      broker.url,
      '--database-url',
      database.url,
      '--storage-url',
      'database:',
      '--log-level',
      'trace',
    ];
    apis = [await startApi({ dataDir: folder.path, flags }), await startApi({ dataDir: folder.path, flags })];
    for (const api of apis) stack.use(api);
    repository = stack.use(await openSharedRepository(database.url, { name: 'of the test', onWait: () => undefined }));
  }, 60_000);
  afterAll(() => stack.disposeAsync());

  async function tokenOf(role: Role, name: string = role, expiresInMs: number | null = null) {
    const { id, token } = await createToken(repository, { name, role, expiresInMs });
    tokens.push(token);
    return { id, token };
  }
  const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const statuses = async (token: string) =>
    await Promise.all(apis.map(async ({ url }) => (await fetch(`${url}/v1/fractal`, bearing(token))).status));
  const worker = (token: string, api = apis[0]!): RunningWorker =>
    startWorker(['--endpoint-url', api.url, '--transport-url', broker.url, '--threads', '1', '--log-level', 'trace'], {
      FAAFO_TOKEN: token,
    });

  it('closes on both within 5 s of the first token, for a stream that is open, too', async () => {
    const stream = await fetch(`${apis[1]!.url}/v1/events`);
    expect([stream.status, await statuses('none')]).toEqual([200, [200, 200]]);
    await tokenOf('admin');
    const closedAt = performance.now();
    await stream.text();
    await until(async () => (await statuses('none')).every((status) => status === 401));
    expect(performance.now() - closedAt).toBeLessThan(PROMISED_MS);
  });

  it('ends within 5 s of a revocation, on both, for a stream that is open, too', async () => {
    const { id, token } = await tokenOf('viewer');
    expect(await statuses(token)).toEqual([200, 200]);
    const stream = await fetch(`${apis[1]!.url}/v1/events`, bearing(token));
    expect(stream.status).toBe(200);
    const admin = await tokenOf('admin');
    const client = new Client(apis[0]!.url, { token: admin.token });
    const revokedAt = performance.now();
    await client.revokeToken(id);
    const ended = stream.text().then(() => performance.now() - revokedAt);
    expect((await statuses(token))[0]).toBe(401);
    await until(async () => (await statuses(token)).every((status) => status === 401));
    expect(performance.now() - revokedAt).toBeLessThan(PROMISED_MS);
    expect(await ended).toBeLessThan(PROMISED_MS);
  });

  it('ends when a token expires, at once where it was believed a moment ago', async () => {
    const { token } = await tokenOf('viewer', 'brief', 1_500);
    const stream = await fetch(`${apis[0]!.url}/v1/events`, bearing(token));
    expect(await statuses(token)).toEqual([200, 200]);
    await sleep(1_600);
    expect(await statuses(token)).toEqual([401, 401]);
    await stream.text();
  });

  it('lets streams go on that may', async () => {
    const { token } = await tokenOf('creator', 'patient');
    const stop = new AbortController();
    const stream = await fetch(`${apis[0]!.url}/v1/events`, { ...bearing(token), signal: stop.signal });
    const reading = stream.text().then(
      () => 'ended',
      () => 'left',
    );
    await sleep(PROMISED_MS);
    stop.abort();
    expect(await reading).toBe('left');
  });

  it('lets a worker with its token draw, and do nothing else; and ends it when that is revoked', async () => {
    const [mine, ann] = [await tokenOf('worker', 'gpu-1'), await tokenOf('creator', 'ann')];
    await using drawing = worker(mine.token);
    await until(() => drawing.said().includes('ready'));
    const client = new Client(apis[1]!.url, { token: ann.token });
    const { uuid, owner } = await client.order({ ...anOrder(), uuid: crypto.randomUUID() });
    expect(owner).toBe('ann');
    await until(async () => (await client.find(uuid)).state === 'done', 30_000);
    expect((await client.workers()).objects).toHaveLength(1);
    const own = new Client(apis[0]!.url, { token: mine.token });
    const attempts = [
      () => own.list(),
      () => own.find(uuid),
      () => own.picture(uuid),
      () => own.remove(uuid),
      () => own.workers(),
      () => own.tokens(),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'denied',
        message: expect.stringMatching(/gpu-1 has the role worker/),
      });
    }
    const revokedAt = performance.now();
    await repository.tokens.revoke(mine.id);
    expect(await drawing.ended).toBe(1);
    // A report comes every few seconds.
    expect(performance.now() - revokedAt).toBeLessThan(2 * PROMISED_MS);
    expect(drawing.log().trim().split('\n').at(-1)).toMatch(
      new RegExp(`^faafo: The token ${mine.id} was revoked\\. .*FAAFO_TOKEN`),
    );
  }, 60_000);

  it('refuses what a worker asks for within 5 s of the revocation of its token, on both', async () => {
    const { id, token } = await tokenOf('worker', 'gpu-2');
    const body = JSON.stringify({ fractal: crypto.randomUUID(), band: 0, host: 'gpu-2', engine_version: 'x' });
    const headers = { ...bearing(token).headers, 'content-type': 'application/json' };
    const claims = () =>
      Promise.all(apis.map(async ({ url }) => (await fetch(`${url}/v1/work/claim`, { method: 'POST', headers, body })).status));
    for (const status of await claims()) expect([204, 404]).toContain(status);
    const revokedAt = performance.now();
    await repository.tokens.revoke(id);
    await until(async () => (await claims()).every((status) => status === 401));
    expect(performance.now() - revokedAt).toBeLessThan(PROMISED_MS);
  });

  it('lets no worker in without a token of its own, in one line', async () => {
    const { token } = await tokenOf('creator', 'bob');
    await using wrong = worker(token);
    expect(await wrong.ended).toBe(1);
    expect(wrong.log()).toMatch(/\nfaafo: This is for the role worker; the token of bob has the role creator\.\n$/);
    await using none = worker('');
    expect(await none.ended).toBe(1);
    expect(none.log()).toMatch(/\nfaafo: Access is closed: this needs the token of a worker\. An admin makes tokens/);
    for (const each of [wrong, none]) for (const told of tokens) expect(each.log()).not.toContain(told.slice(15));
  });

  it('gives nobody a result to deliver with the lease of another, token or not', async () => {
    const { token } = await tokenOf('worker', 'thief');
    for (const lease of ['', 'x'.repeat(24)]) {
      const response = await fetch(`${apis[0]!.url}/v1/work/renew`, {
        method: 'POST',
        headers: { ...bearing(token).headers, 'faafo-lease': lease, 'content-type': 'application/json' },
        body: JSON.stringify({ fractal: (await repository.fractals.list({}, { limit: 1 }))[0]!.id, band: 0, attempt: 1 }),
      });
      expect([401, 409]).toContain(response.status);
    }
  });

  it('leaves no token in a log or the database', async () => {
    const logs = apis.map((api) => api.log()).join('') + (await database.log()) + (await broker.log());
    expect(logs).toContain('"path":"/v1/events"');
    const rows: object[] = [];
    for (const table of ['tokens', 'secrets', 'fractals', 'events', 'workers']) {
      rows.push(...(await runSql<object>(database.url, `select * from ${table}`)));
    }
    const kept = JSON.stringify(rows);
    expect(tokens.length).toBeGreaterThan(8);
    for (const token of tokens) {
      expect(kept).toContain(hashAccessToken(token));
      for (const text of [logs, kept]) expect(text).not.toContain(token.slice(15));
    }
  });
});
