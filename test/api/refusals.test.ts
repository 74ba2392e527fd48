import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anOrder, everyFractal, order, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('what cannot be ordered', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  beforeAll(async () => {
    folder = await temporaryFolder();
    api = await startApi({
      dataDir: folder.path,
      flags: ['--max-side', '2000', '--max-iterations', '100000', '--max-cost', '1000000000'],
    });
  });
  afterAll(async () => {
    expect(await everyFractal(api.url)).toHaveLength(1);
    expect(await api.stop()).toBe(0);
    expect(api.log()).not.toMatch(/"level":50/);
    await folder[Symbol.asyncDispose]();
  });

  const refused: readonly [string, Record<string, unknown>, string, RegExp][] = [
    ['an unknown field', { heigth: 5 }, 'heigth', /no field named "heigth"/],
    ['a missing field', { width: undefined }, 'width', /width is missing/],
    ['a wrong type', { width: '64' }, 'width', /width must be a finite number/],
    ['a fraction of a pixel', { height: 64.5 }, 'height', /height must be a whole number/],
    ['null', { xa: null }, 'xa', /xa must be a finite number/],
    ['no pixels', { width: 0 }, 'width', /at least 1/],
    ['too many pixels for anyone', { width: 65_536 }, 'width', /at most 65535/],
    ['too many pixels for this service', { height: 2001 }, 'height', /2001; here a side may be at most 2000/],
    ['no iterations', { iterations: 0 }, 'iterations', /at least 1/],
    ['too many iterations for anyone', { iterations: 16_777_217 }, 'iterations', /at most 16777216/],
    ['too many iterations for this service', { iterations: 100_001 }, 'iterations', /at most 100000/],
    [
      'too much work',
      { width: 2000, height: 2000, iterations: 251 },
      'iterations',
      /1004000000; one order may cost at most 1000000000/,
    ],
    ['an empty window', { xb: -2 }, 'xb', /xa and xb are both -2/],
    ['an empty window downwards', { yb: -1.5 }, 'yb', /ya and yb are both -1.5/],
    ['a window beyond reason', { xb: 1e101 }, 'xb', /at most/],
    ['an unknown formula', { formula: 'newton' }, 'formula', /one of julia, mandelbrot/],
    ['an unknown palette', { palette: 'plaid' }, 'palette', /one of classic/],
    ['half a c', { c_re: 1 }, 'c_im', /c needs both parts/],
    ['c and a seed', { c_re: 1, c_im: 0, seed: 3 }, 'seed', /not both/],
    ['a seed for the Mandelbrot set', { formula: 'mandelbrot', seed: 3 }, 'seed', /belongs to formula julia/],
    ['a power for a formula that has one', { formula: 'tricorn', power: 3 }, 'power', /order formula multibrot/],
    ['a power beyond 8', { formula: 'multibrot', power: 9 }, 'power', /at most 8/],
    ['colours for classic', { density: 2 }, 'density', /another palette than classic/],
    ['shade for classic', { shade: 0.5 }, 'shade', /another palette than classic/],
    ['more shade than there is light', { palette: 'ember', shade: 1.5 }, 'shade', /at most 1/],
    ['no density at all', { palette: 'ember', density: 0 }, 'density', /must be above 0/],
    ['a colour that is none', { palette: 'ember', interior: 'black' }, 'interior', /a colour like #1a2b3c/],
    ['too many samples', { samples: 17 }, 'samples', /at most 16/],
    [
      'too much work in samples',
      { width: 1000, height: 1000, iterations: 100, samples: 4 },
      'iterations',
      /samples² is 1600000000/,
    ],
    ['a window too deep for doubles', { xa: 1, xb: 1 + 2 ** -48 }, 'xb', /doubles cannot tell the pixels between them apart/],
    [
      'a window too flat for doubles',
      { ya: 0.7, yb: 0.7 + 2 ** -49, samples: 2 },
      'yb',
      /choose a larger window or a smaller picture/,
    ],
    ['a seed of more than 32 bits', { seed: 2 ** 32 }, 'seed', /at most 4294967295/],
    ['a uuid that is none', { uuid: '../../etc/passwd' }, 'uuid', /A uuid has the form/],
  ];

  it.each(refused)('%s', async (_title, change, field, sentence) => {
    const response = await send(`${api.url}/v1/fractal`, 'POST', { ...anOrder(), ...change });
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = await response.json();
    expect(problem).toMatchObject({
      status: 422,
      code: 422,
      field,
      detail: expect.stringMatching(sentence),
      request_id: expect.any(String),
    });
    expect(problem.message).toBe(problem.detail);
  });

  it.each([
    ['broken JSON', '{"width":', 400],
    ['NaN', '{"width":NaN}', 400],
    ['nothing', '', 400],
    ['a prototype', '{"__proto__":{"width":1},"width":5}', 400],
    ['an infinite number', JSON.stringify(anOrder()).replace('"xa":-2', '"xa":-1e999'), 422],
    ['a list', '[]', 422],
    ['a word', '"draw!"', 422],
    ['a body of 100 kB', JSON.stringify({ uuid: 'x'.repeat(100_000) }), 413],
  ])('%s as the body', async (_title, body, status) => {
    const response = await fetch(`${api.url}/v1/fractal`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, detail: expect.stringMatching(/\.$/) });
  });

  it('a form instead of JSON', async () => {
    const response = await fetch(`${api.url}/v1/fractal`, { method: 'POST', body: new URLSearchParams({ width: '5' }) });
    expect(response.status).toBe(415);
  });

  it.each(['..', '%2e%2e', 'a%00b', '154c7b41', '154c7b41-108e-4696-a059-1bde9bf03d0a%20', '%ff', 'x'.repeat(5000)])(
    'the name %s',
    async (name) => {
      for (const path of [`/fractal/${name}`, `/v1/fractal/${name}`]) {
        const status = await new Promise<number>((resolve, reject) => {
          const { hostname, port } = new URL(api.url);
          const asking = request({ hostname, port, path }, (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
          });
          asking.on('error', reject).end();
        });
        expect([400, 404, 414, 422]).toContain(status);
      }
    },
  );

  it('leaves the service well', async () => {
    expect((await order(api.url)).state).toBe('queued');
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
  });
});
