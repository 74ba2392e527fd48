import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { anOrder, order, SIEGEL_DISC, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/* Settings that only a process puts together: what each does is tested elsewhere, here that it is wired. */

async function started(...flags: string[]): Promise<RunningApi> {
  const folder = await temporaryFolder();
  const api = await startApi({ dataDir: folder.path, flags });
  const end = async () => {
    await api.kill();
    await folder[Symbol.asyncDispose]();
  };
  return { ...api, [Symbol.asyncDispose]: end };
}

async function tokenOf({ url }: RunningApi, name: string, role: string, by?: string): Promise<string> {
  const headers: Record<string, string> = by === undefined ? {} : { authorization: `Bearer ${by}` };
  const response = await send(`${url}/v1/tokens`, 'POST', { name, role }, headers);
  expect(response.status).toBe(201);
  return ((await response.json()) as { token: string }).token;
}

describe('a process', () => {
  it.each([
    ['none', 401, 401],
    ['viewer', 200, 401],
    ['creator', 200, 201],
  ])('lets those without a token be what --anonymous says, once there is one: %s', async (role, looking, ordering) => {
    await using api = await started('--anonymous', role);
    expect((await send(`${api.url}/v1/fractal`, 'POST', anOrder())).status).toBe(201);
    await tokenOf(api, 'root', 'admin');
    const statuses = await Promise.all([
      fetch(`${api.url}/v1/fractal`),
      send(`${api.url}/v1/fractal`, 'POST', anOrder()),
      fetch(`${api.url}/v1/tokens`),
      send(`${api.url}/v1/pause`, 'PUT', {}),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([looking, ordering, 401, 401]);
  });

  it.each([
    ['--keep-days', '0.00001'],
    ['--keep-bytes', '1'],
  ])(
    'deletes what retention says, and tells the audit in one line: %s %s',
    async (...flags) => {
      await using api = await started(...flags);
      const { uuid } = await order(api.url);
      await until(async () => (await fetch(`${api.url}/v1/fractal/${uuid}`)).status === 404, 60_000);
      const expired = () =>
        api
          .log()
          .split('\n')
          .filter((line) => line.includes('"action":"expire"'));
      await until(() => expired().length > 0);
      expect(expired().map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ audit: true, who: 'faafo', role: 'service', outcome: 'done', fractals: 1 }),
      ]);
      expect((await fetch(`${api.url}/fractal/${uuid}`)).status).toBe(404);
    },
    90_000,
  );

  it('counts wrong tokens with which somebody signs in as those that are sent with requests, by address', async () => {
    await using api = await started('--max-failures-per-minute', '5');
    const root = await tokenOf(api, 'root', 'admin');
    const asRoot = { headers: { authorization: `Bearer ${root}` } };
    expect((await fetch(`${api.url}/v1/tokens`, asRoot)).status).toBe(200);
    const signIn = (token: string) => send(`${api.url}/v1/session`, 'POST', { token });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await signIn(`faafo_${'a'.repeat(58)}`)).status);
    for (let i = 0; i < 2; i++)
      statuses.push((await fetch(`${api.url}/v1/fractal`, { headers: { authorization: 'Bearer nothing' } })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    const late = await signIn(`faafo_${'b'.repeat(58)}`);
    expect([late.status, Number(late.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    // One that was right a moment ago is no guess.
    expect((await fetch(`${api.url}/v1/tokens`, asRoot)).status).toBe(200);
  });

  it('counts what is outstanding by identity: two tokens at one address are two, one token from two addresses is one', async () => {
    const picture = { ...SIEGEL_DISC, width: 400, height: 300, iterations: 1_000_000 };
    const cost = picture.width * picture.height * picture.iterations;
    await using api = await started(
      '--max-client-cost',
      String(cost),
      '--max-outstanding-cost',
      String(10 * cost),
      '--max-iterations',
      '1000000',
    );
    const root = await tokenOf(api, 'root', 'admin');
    const [ann, bob] = [await tokenOf(api, 'ann', 'creator', root), await tokenOf(api, 'bob', 'creator', root)];
    const orderFrom = async (token: string, localAddress: string): Promise<number> => {
      const { hostname, port } = new URL(api.url);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const asking = request(
        { hostname, port, path: '/v1/fractal', method: 'POST', localAddress, headers, agent: false },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      asking.on('error', reject).end(JSON.stringify(anOrder(picture)));
      return await promise;
    };
    expect(await orderFrom(ann, '127.0.0.1')).toBe(201);
    expect(await orderFrom(ann, '127.0.0.1')).toBe(429);
    expect(await orderFrom(ann, '127.0.0.2')).toBe(429);
    expect(await orderFrom(bob, '127.0.0.1')).toBe(201);
    expect(await orderFrom(bob, '127.0.0.2')).toBe(429);
  });
});
