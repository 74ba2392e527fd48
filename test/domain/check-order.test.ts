import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkOrder, type LooseOrder } from '../../src/domain/check-order.ts';
import { parseFractalId } from '../../src/domain/ids.ts';
import { anOrder, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let api: RunningApi;
const opened = new AsyncDisposableStack();
beforeAll(async () => {
  const { path } = opened.use(await temporaryFolder());
  api = opened.use(await startApi({ dataDir: path }));
});
afterAll(() => opened.disposeAsync());

const ID = '154c7b41-108e-4696-a059-1bde9bf03d0a';
const WRONG: readonly Record<string, unknown>[] = [
  { width: 0 },
  { width: 'many', height: 65_536, iterations: 1.5 },
  { xa: undefined, yb: 1e101 },
  { xb: -2 },
  { ya: 3, yb: 3 },
  { samples: 17 },
  { palette: 'ember', interior: 'red', density: 0, offset: 2, shade: -1 },
  { palette: 'classic', density: 2 },
  { formula: 'multibrot', power: 9 },
  { formula: 'tricorn', power: 3 },
  { formula: 'tricorn', seed: 1 },
  { c_re: 0.5 },
  { c_re: 0.5, c_im: 0.5, seed: 4 },
  { seed: -1 },
  { width: 60_000, height: 60_000, iterations: 16_777_216 },
  { xa: 1, xb: 1 + 1e-15, width: 900 },
];

it('finds wrong what the API finds wrong, in the same words, and nothing else', async () => {
  for (const wrong of WRONG) {
    const order = { formula: 'julia', palette: 'classic', ...anOrder(), ...wrong };
    const answer = await send(`${api.url}/v1/fractal`, 'POST', { ...order, uuid: ID });
    const problem = (await answer.json()) as { detail: string; field: string; errors?: { field: string; detail: string }[] };
    expect([wrong, answer.status]).toEqual([wrong, 422]);
    const said = Object.fromEntries((problem.errors ?? [problem]).map(({ field, detail }) => [field, detail]));
    const { spec, errors } = checkOrder(parseFractalId(ID), order as LooseOrder);
    expect(errors).toEqual(said);
    expect(spec).toBeNull();
  }
});

it('knows the picture that will be drawn, a c that is drawn from the uuid included', async () => {
  const order = { formula: 'julia', palette: 'ember', ...anOrder() };
  const answer = await send(`${api.url}/v1/fractal`, 'POST', { ...order, uuid: ID });
  const fractal = (await answer.json()) as Record<string, unknown>;
  const { spec, errors } = checkOrder(parseFractalId(ID), order as LooseOrder);
  expect(errors).toEqual({});
  expect(fractal).toMatchObject({ c_re: spec!.c!.re, c_im: spec!.c!.im, c_source: 'window', density: 1, interior: '#000000' });
});
