import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, makeAuthority } from '../support/certificates.ts';
import { anOrder, finished } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import type { PrivateServer } from '../support/servers/private-server.ts';
import { startHaproxy, startNginx } from '../support/servers/proxies.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const NAME = 'faafo.example.org';
/** From where the client comes to the proxy. */
const CLIENT = '127.0.0.5';
const stack = new AsyncDisposableStack();
let api: RunningApi;
let authority: Authority;
let token: string;
const proxies = new Map<string, PrivateServer>();
beforeAll(async () => {
  const { path } = stack.use(await temporaryFolder());
  authority = await makeAuthority(path);
  const tls = await authority.issue('proxy', `DNS:${NAME}`);
  const flags = ['--trusted-proxies', '127.0.0.1', '--allowed-hosts', NAME, '--anonymous', 'creator', '--insecure'];
  const { path: dataDir } = stack.use(await temporaryFolder());
  api = stack.use(await startApi({ dataDir, flags }));
  token = (await runFaafo(api.url, ['token', 'create', 'ann', '--role', 'viewer', '--data-dir', dataDir])).stdout.trim();
  const plan = { apiPort: Number(new URL(api.url).port), tls };
  proxies.set('nginx', stack.use(await startNginx(plan)));
  proxies.set('HAProxy', stack.use(await startHaproxy(plan)));
});
afterAll(() => stack.disposeAsync());

/** The head of the answer has come; its body is the caller's to read. */
async function ask(
  proxy: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<IncomingMessage> {
  const { port } = new URL(proxies.get(proxy)!.url);
  const options = {
    host: '127.0.0.1',
    port,
    localAddress: CLIENT,
    servername: NAME,
    ca: readFileSync(authority.ca),
    agent: false,
  };
  const asking = request({ ...options, method, path, headers: { host: NAME, ...headers } });
  asking.end(body);
  const [answer] = await once(asking, 'response');
  return answer;
}

/** As the page does it, while somebody forges what only the proxy may say. */
async function order(proxy: string): Promise<{ answer: IncomingMessage; uuid: string; address: string }> {
  const id = crypto.randomUUID();
  const forged = { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
  const headers = { 'content-type': 'application/json', origin: `https://${NAME}`, 'x-request-id': id, ...forged };
  const answer = await ask(proxy, 'POST', '/v1/fractal', headers, JSON.stringify(anOrder()));
  const { uuid } = JSON.parse((await buffer(answer)).toString());
  const line = await until(() =>
    api
      .log()
      .split('\n')
      .find((each) => each.includes(id) && each.includes('"audit":true')),
  );
  return { answer, uuid, address: JSON.parse(line!).address };
}

describe.each(['nginx', 'HAProxy'])('behind %s, as deploy/proxy has it,', (proxy) => {
  it('the client is known by its own address, and what it forges is not believed', async () => {
    const { answer, address } = await order(proxy);
    expect([answer.statusCode, address]).toEqual([201, CLIENT]);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    const foreign = await ask(proxy, 'GET', '/v1/fractal', { host: 'evil.example' });
    expect(foreign.resume().statusCode).toBe(403);
  });

  it('a session is in a cookie for TLS alone, though the service itself speaks none', async () => {
    const headers = { 'content-type': 'application/json', origin: `https://${NAME}` };
    const signedIn = await ask(proxy, 'POST', '/v1/session', headers, JSON.stringify({ token }));
    const [cookie = ''] = signedIn.resume().headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Host-faafo_session=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
    const sealed = cookie.split(/[=;]/)[1]!;
    const who = async (name: string, toProxy = true) => {
      const sent = { cookie: `${name}=${sealed}` };
      if (!toProxy) return (await (await fetch(`${api.url}/v1/session`, { headers: sent })).json()).name;
      return JSON.parse((await buffer(await ask(proxy, 'GET', '/v1/session', sent))).toString()).name;
    };
    expect(await who('__Host-faafo_session')).toBe('ann');
    expect(await who('faafo_session')).toBeNull();
    // Past the proxy it is plain HTTP, whoever says what.
    expect(await who('__Host-faafo_session', false)).toBeNull();
  });

  it('events come at once', async () => {
    const stream = await ask(proxy, 'GET', '/v1/events', { accept: 'text/event-stream' });
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream/);
    let text = '';
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    await until(() => text.includes('retry:'));
    const { uuid } = await order(proxy);
    // The heartbeat would come after 15 s, and with it whatever had been held back.
    await until(() => text.includes('event: ordered') && text.includes(uuid), 10_000);
    stream.destroy();
  });

  it('a part of a picture is that part, and an unchanged one is not sent', async () => {
    const { uuid } = await order(proxy);
    await finished(api.url, uuid, 'done');
    const whole = await ask(proxy, 'GET', `/fractal/${uuid}`);
    const bytes = await buffer(whole);
    const part = await ask(proxy, 'GET', `/fractal/${uuid}`, { range: 'bytes=100-199' });
    expect([part.statusCode, part.headers['content-range']]).toEqual([206, `bytes 100-199/${bytes.length}`]);
    expect((await buffer(part)).equals(bytes.subarray(100, 200))).toBe(true);
    const unchanged = await ask(proxy, 'GET', `/fractal/${uuid}`, { 'if-none-match': whole.headers.etag! });
    expect(unchanged.resume().statusCode).toBe(304);
  });
});
