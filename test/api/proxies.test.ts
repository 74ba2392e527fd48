import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anOrder } from '../support/orders.ts';
import { type RawAnswer, rawAnswer } from '../support/raw-answer.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** The proxy that is trusted, and a machine that is not. */
const [PROXY, STRANGER] = ['127.0.0.2', '127.0.0.3'];
const stack = new AsyncDisposableStack();
let api: RunningApi;
let direct: RunningApi;
beforeAll(async () => {
  const start = async (flags: string[]) => stack.use(await startApi({ dataDir: stack.use(await temporaryFolder()).path, flags }));
  const trusting = ['--trusted-proxies', `${PROXY}, 10.0.0.0/8`, '--allowed-hosts', 'faafo.example', '--insecure'];
  [api, direct] = await Promise.all([start(trusting), start([])]);
});
afterAll(() => stack.disposeAsync());

/** Orders, coming from an address. @returns the answer, and from where the service saw it come, as its audit has it */
async function orderFrom(
  to: RunningApi,
  from: string,
  headers: Record<string, string>,
): Promise<RawAnswer & { address: string }> {
  const id = crypto.randomUUID();
  const body = JSON.stringify(anOrder());
  const lines = Object.entries({
    host: 'faafo.example',
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(body.length),
    'x-request-id': id,
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = await rawAnswer(to.url, `POST /v1/fractal HTTP/1.1\r\n${lines.join('')}\r\n${body}`, from);
  const line = await until(() =>
    to
      .log()
      .split('\n')
      .find((each) => each.includes(id) && each.includes('"audit":true')),
  );
  return { ...answer, address: JSON.parse(line!).address };
}

describe('a proxy that is trusted', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8::7', '2001:db8::7'],
    // The proxy appends; whatever stands before may be forged.
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['127.0.0.1, 203.0.113.9', '203.0.113.9'],
    // Another proxy of the trusted network stands before it.
    ['198.51.100.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
  ])('tells from where a request comes: X-Forwarded-For: %s', async (forwarded, address) => {
    const answer = await orderFrom(api, PROXY, { 'x-forwarded-for': forwarded });
    expect([answer.status, answer.address]).toEqual([201, address]);
  });

  it('tells by which name and scheme it came: our own page may order, and stays with HTTPS', async () => {
    const headers = {
      host: '127.0.0.1:1',
      'x-forwarded-host': 'faafo.example',
      'x-forwarded-proto': 'https',
      origin: 'https://faafo.example',
    };
    const answer = await orderFrom(api, PROXY, { ...headers, 'x-forwarded-for': '203.0.113.9' });
    expect(answer.status).toBe(201);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    const foreign = await orderFrom(api, PROXY, { ...headers, 'x-forwarded-host': 'evil.example' });
    expect(foreign.status).toBe(403);
  });
});

describe('anybody else', () => {
  it('is seen as who it is, whatever it says', async () => {
    for (const from of [STRANGER, '127.0.0.1']) {
      const answer = await orderFrom(api, from, {
        'x-forwarded-for': '203.0.113.9',
        forwarded: 'for=203.0.113.9',
        'x-real-ip': '203.0.113.9',
      });
      expect([answer.status, answer.address]).toEqual([201, from]);
    }
  });

  it('pretends neither another name nor HTTPS', async () => {
    const named = await orderFrom(api, STRANGER, { host: 'evil.example', 'x-forwarded-host': 'faafo.example' });
    expect(named.status).toBe(403);
    const secure = await orderFrom(api, STRANGER, { 'x-forwarded-proto': 'https' });
    expect([secure.status, secure.headers['strict-transport-security']]).toEqual([201, undefined]);
    const page = await orderFrom(api, STRANGER, { 'x-forwarded-proto': 'https', origin: 'https://faafo.example' });
    expect(page.status).toBe(403);
  });
});

describe('a service without trusted proxies', () => {
  it('believes nobody, and says once that a proxy seems to be there', async () => {
    for (const from of [PROXY, STRANGER]) {
      const answer = await orderFrom(direct, from, {
        host: 'localhost',
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-host': 'faafo.example',
      });
      expect([answer.status, answer.address]).toEqual([201, from]);
    }
    expect(direct.log().match(/through a proxy that is not in trusted_proxies/g)).toHaveLength(1);
  });
});
