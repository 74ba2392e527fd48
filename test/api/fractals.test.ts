import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FractalPage, FractalResource } from '../../src/http/schemas.ts';
import { anOrder, everyFractal, finished, look, order, SIEGEL_DISC, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** As long to draw as one likes. */
const LONG = { ...SIEGEL_DISC, width: 512, height: 512, iterations: 16_777_216 };

describe('/v1/fractal', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  let fractals: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    api = await startApi({ dataDir: folder.path });
    fractals = `${api.url}/v1/fractal`;
  });
  afterAll(async () => {
    expect(await api.stop()).toBe(0);
    await folder[Symbol.asyncDispose]();
  });

  it('takes the order of an existing client, and gives every documented column', async () => {
    const uuid = '154c7b41-108e-4696-a059-1bde9bf03d0a';
    const window = { xa: -1.77488588389, xb: 3.08249829401, ya: -1.31213919301, yb: 1.95281690897 };
    const response = await send(fractals, 'POST', { uuid, width: 649, height: 869, iterations: 362, ...window });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/v1/fractal/${uuid}`);
    const ordered = (await response.json()) as FractalResource;
    expect(ordered).toMatchObject({
      uuid,
      width: 649,
      height: 869,
      iterations: 362,
      ...window,
      checksum: null,
      size: null,
      duration: null,
    });
    expect(ordered).toMatchObject({
      formula: 'julia',
      palette: 'classic',
      seed: 0x154c7b41,
      c_source: 'window',
      bands: 3,
      error: null,
    });
    const done = await finished(api.url, uuid);
    expect(done).toMatchObject({ progress: 1, url: `/fractal/${uuid}`, c_re: ordered.c_re, c_im: ordered.c_im });
    expect(done.checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(done.size).toBeGreaterThan(1000);
    expect(done.duration).toBeGreaterThan(0);
    expect(done.generated_by).toMatch(/\S/);
    expect(Date.parse(done.finished_at ?? '')).toBeGreaterThanOrEqual(Date.parse(done.created_at));
  });

  it('answers the same order again with the same object, another one with 409, and a deleted one with 404', async () => {
    const body = anOrder({ uuid: crypto.randomUUID(), seed: 7 });
    const first = await send(fractals, 'POST', body);
    const again = await send(fractals, 'POST', { ...body, uuid: body.uuid?.toUpperCase() });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(((await again.json()) as FractalResource).created_at).toBe(((await first.json()) as FractalResource).created_at);
    const different = await send(fractals, 'POST', { ...body, seed: 8 });
    expect(different.status).toBe(409);
    expect(await different.json()).toMatchObject({ field: 'uuid', code: 409 });
    expect((await send(`${fractals}/${body.uuid}`, 'DELETE')).status).toBe(204);
    expect((await send(`${fractals}/${body.uuid}`, 'DELETE')).status).toBe(404);
    expect((await fetch(`${fractals}/${body.uuid}`)).status).toBe(404);
    expect((await send(fractals, 'POST', { ...body, seed: 9 })).status).toBe(201);
    expect(await finished(api.url, body.uuid ?? '')).toMatchObject({ seed: 9 });
  });

  it('takes c as given, or draws it from a given seed', async () => {
    const given = await order(api.url, { c_re: -0, c_im: 0.156 });
    expect(given).toMatchObject({ c_re: 0, c_im: 0.156, c_source: 'given', seed: null });
    const [one, two] = [await order(api.url, { seed: 5 }), await order(api.url, { seed: 5 })];
    expect(one).toMatchObject({ c_source: 'window', seed: 5, c_re: two.c_re, c_im: two.c_im });
    expect(await order(api.url, { seed: 5, xa: 3, xb: 4, ya: 3, yb: 4 })).toMatchObject({ c_source: 'fallback' });
    expect(await order(api.url, { formula: 'mandelbrot' })).toMatchObject({ c_re: null, c_im: null, c_source: null, seed: null });
    expect((await finished(api.url, one.uuid)).checksum).toBe((await finished(api.url, two.uuid)).checksum);
  });

  it('draws mirrored windows and sides of one pixel', async () => {
    const mirrored = await order(api.url, { xa: 2, xb: -2, c_re: 0.1, c_im: 0.7 });
    const dot = await order(api.url, { width: 1, height: 1 });
    const line = await order(api.url, { width: 65_535, height: 1 });
    for (const { uuid } of [mirrored, dot, line]) expect((await finished(api.url, uuid)).size).toBeGreaterThan(0);
  });

  it('refuses PUT, with which anybody could have overwritten a picture', async () => {
    const response = await send(`${fractals}/154c7b41-108e-4696-a059-1bde9bf03d0a`, 'PUT', { checksum: 'x' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toMatch(/GET/);
  });

  it('does not care what a DELETE without a body says it is', async () => {
    const { uuid } = await order(api.url);
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${fractals}/${uuid}`, { method: 'DELETE', headers })).status).toBe(204);
    const other = await order(api.url);
    expect(
      (await fetch(`${fractals}/${other.uuid}`, { method: 'DELETE', headers: { 'content-type': 'text/strange' } })).status,
    ).toBe(204);
  });

  it('cancels: rendering stops within 5 s, the row stays', async () => {
    const { uuid } = await order(api.url, LONG);
    await finished(api.url, uuid, 'rendering');
    const response = await send(`${fractals}/${uuid}/cancel`, 'POST');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ state: 'cancelled' });
    const cancelledAt = performance.now();
    // With its threads taken, nothing else could be drawn.
    const others = await Promise.all(Array.from({ length: 4 }, () => order(api.url)));
    for (const other of others) await finished(api.url, other.uuid);
    expect(performance.now() - cancelledAt).toBeLessThan(5000);
    expect(await look(api.url, uuid)).toMatchObject({ state: 'cancelled', checksum: null });
    expect((await send(`${fractals}/${uuid}/cancel`, 'POST')).status).toBe(200);
    expect((await send(`${fractals}/${others[0]?.uuid}/cancel`, 'POST')).status).toBe(409);
    expect((await send(`${fractals}/${crypto.randomUUID()}/cancel`, 'POST')).status).toBe(404);
  });

  it('deletes while rendering: the rendering stops within 5 s', async () => {
    const { uuid } = await order(api.url, LONG);
    await finished(api.url, uuid, 'rendering');
    expect((await send(`${fractals}/${uuid}`, 'DELETE')).status).toBe(204);
    const deletedAt = performance.now();
    const others = await Promise.all(Array.from({ length: 4 }, () => order(api.url)));
    for (const other of others) await finished(api.url, other.uuid);
    expect(performance.now() - deletedAt).toBeLessThan(5000);
  });

  it('lets a small order overtake a poster', async () => {
    const poster = await order(api.url, { width: 9000, height: 9000, iterations: 4000, c_re: -0.123, c_im: 0.745 });
    const small = await order(api.url);
    await finished(api.url, small.uuid);
    expect(await look(api.url, poster.uuid)).not.toMatchObject({ state: 'done' });
    await send(`${fractals}/${poster.uuid}`, 'DELETE');
  });

  describe('lists', () => {
    const page = async (query: string) => (await (await fetch(`${fractals}?${query}`)).json()) as FractalPage;

    it('ten a page, newest first', async () => {
      for (let i = 0; i < 12; i++) await order(api.url);
      const newest = await order(api.url);
      const first = await page('');
      expect(first).toMatchObject({ page: 1, objects: expect.arrayContaining([expect.objectContaining({ uuid: newest.uuid })]) });
      expect(first.objects).toHaveLength(10);
      expect(first.objects[0]?.uuid).toBe(newest.uuid);
      expect(first.total_pages).toBe(Math.ceil(first.num_results / 10));
    });

    it('the same by page and by cursor', async () => {
      const all = await everyFractal(api.url);
      expect(all.length).toBeGreaterThan(12);
      const byPage = (await page('results_per_page=4&page=3')).objects;
      expect(byPage.map(({ uuid }) => uuid)).toEqual(all.slice(8, 12).map(({ uuid }) => uuid));
      expect((await page('results_per_page=-1')).objects).toHaveLength(Math.min(all.length, 100));
      const beyond = await page('page=1000');
      expect(beyond).toMatchObject({ objects: [], next_cursor: null, num_results: all.length });
    });

    it('by state and by the beginning of a uuid', async () => {
      const cancelled = await page('state=cancelled');
      expect(cancelled.num_results).toBe(1);
      expect(cancelled.objects[0]).toMatchObject({ state: 'cancelled' });
      const uuid = cancelled.objects[0]?.uuid ?? '';
      expect((await page(`uuid_prefix=${uuid.slice(0, 12).toUpperCase()}`)).objects.map((found) => found.uuid)).toEqual([uuid]);
      expect(await page('state=failed')).toMatchObject({ num_results: 0, total_pages: 0, objects: [] });
    });

    it('by formula and palette, and by what was ordered before and after another', async () => {
      const ordered = [];
      for (const formula of ['tricorn', 'tricorn', 'mandelbrot', 'tricorn'] as const) {
        ordered.unshift((await order(api.url, { formula, palette: 'sepia' })).uuid);
      }
      const uuids = async (query: string) => (await page(query)).objects.map(({ uuid }) => uuid);
      const [last, , second, first] = ordered;
      const filter = 'formula=tricorn&palette=sepia';
      expect(await page(filter)).toMatchObject({ num_results: 3, total_pages: 1 });
      expect(await uuids(filter)).toEqual([last, second, first]);
      expect(await uuids(`${filter}&older_than=${last}&results_per_page=1`)).toEqual([second]);
      expect(await uuids(`${filter}&newer_than=${first}&results_per_page=1`)).toEqual([second]);
      expect(await uuids(`newer_than=${first}`)).toEqual(ordered.slice(0, 3));
      const above = await page(`${filter}&newer_than=${second}`);
      expect(above).toMatchObject({ num_results: 3, page: null });
      expect(await uuids(`${filter}&cursor=${above.next_cursor}`)).toEqual([second, first]);
      expect((await fetch(`${fractals}?older_than=${crypto.randomUUID()}`)).status).toBe(404);
    });

    it('refuses what it does not understand', async () => {
      for (const query of [
        'formula=square',
        'palette=grey',
        'older_than=x',
        'page=1&older_than=00000000-0000-4000-8000-000000000000',
        'page=0',
        'page=x',
        'results_per_page=1.5',
        'state=happy',
        'cursor=nonsense',
        'pgae=1',
        'uuid_prefix=xyz',
        'page=1&cursor=s1',
      ]) {
        const response = await fetch(`${fractals}?${query}`);
        expect([query, response.status]).toEqual([query, 422]);
        expect(await response.json()).toMatchObject({ field: expect.any(String), detail: expect.stringMatching(/\.$/) });
      }
    });
  });
});
