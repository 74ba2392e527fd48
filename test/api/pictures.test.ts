import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FractalResource } from '../../src/http/schemas.ts';
import { finished, order, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('/fractal/{uuid}', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  let fractal: FractalResource;
  let url: string;
  let png: Buffer;
  beforeAll(async () => {
    folder = await temporaryFolder();
    api = await startApi({ dataDir: folder.path });
    const { uuid } = await order(api.url, { width: 700, height: 900, c_re: -0.8, c_im: 0.156 });
    fractal = await finished(api.url, uuid);
    url = `${api.url}/fractal/${uuid}`;
    png = Buffer.from(await (await fetch(url)).arrayBuffer());
  });
  afterAll(async () => {
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  it('is the PNG whose size and SHA-256 the object tells', async () => {
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('etag')).toBe(`"${fractal.checksum}"`);
    expect(Number(response.headers.get('content-length'))).toBe(fractal.size);
    expect(createHash('sha256').update(png).digest('hex')).toBe(fractal.checksum);
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 700, height: 900 });
  });

  it('is the documented picture, pixel for pixel', async () => {
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const wrong: string[] = [];
    for (let y = 0; y < 900; y += 7) {
      for (let x = 0; x < 700; x++) {
        let zx = (x * (fractal.xb - fractal.xa)) / (700 - 1) + fractal.xa;
        let zy = (y * (fractal.yb - fractal.ya)) / (900 - 1) + fractal.ya;
        let i = 0;
        for (; i < fractal.iterations - 1 && zx * zx + zy * zy <= 4; i++) {
          const re = zx * zx - zy * zy + -0.8;
          zy = zx * zy + zx * zy + 0.156;
          zx = re;
        }
        const at = (y * 700 + x) * info.channels;
        const colour = [(i % 8) * 32, (i % 16) * 16, (i % 32) * 8];
        if (colour.some((value, channel) => data[at + channel] !== value)) wrong.push(`${x},${y}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('comes in parts', async () => {
    const part = async (range: string) => {
      const response = await fetch(url, { headers: { range } });
      return {
        status: response.status,
        range: response.headers.get('content-range'),
        body: Buffer.from(await response.arrayBuffer()),
      };
    };
    expect(await part('bytes=0-7')).toEqual({ status: 206, range: `bytes 0-7/${png.length}`, body: png.subarray(0, 8) });
    expect(await part('bytes=-12')).toMatchObject({ status: 206, body: png.subarray(-12) });
    expect(await part(`bytes=1000-`)).toMatchObject({ status: 206, body: png.subarray(1000) });
    expect(await part(`bytes=5-${png.length + 100}`)).toMatchObject({ status: 206, body: png.subarray(5) });
    expect(await part(`bytes=${png.length}-`)).toMatchObject({ status: 416, range: `bytes */${png.length}` });
    expect(await part('bytes=0-1,5-6')).toMatchObject({ status: 200, body: png });
    expect(await part('lines=1-2')).toMatchObject({ status: 200 });
    const changed = await fetch(url, { headers: { range: 'bytes=0-7', 'if-range': '"another"' } });
    expect(changed.status).toBe(200);
  });

  it('is cached for long only under its checksum', async () => {
    expect((await fetch(url)).headers.get('cache-control')).toBe('no-cache');
    const lasting = await fetch(`${url}?checksum=${fractal.checksum}`);
    expect(lasting.headers.get('cache-control')).toMatch(/immutable/);
    expect((await fetch(`${url}?checksum=${'0'.repeat(64)}`)).status).toBe(404);
    const unchanged = await fetch(url, { headers: { 'if-none-match': `"${fractal.checksum}"` } });
    expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
  });

  it('answers HEAD with the headers alone', async () => {
    const response = await fetch(url, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(png.length)]);
  });

  it('is 404 with its state and Retry-After while it is unfinished', async () => {
    const long = await order(api.url, {
      formula: 'mandelbrot',
      iterations: 16_777_216,
      width: 512,
      height: 512,
      xa: -0.1,
      xb: 0.1,
      ya: -0.1,
      yb: 0.1,
    });
    const response = await fetch(`${api.url}/fractal/${long.uuid}`);
    expect(response.status).toBe(404);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await response.json()).toMatchObject({
      code: 404,
      message: expect.any(String),
      state: expect.stringMatching(/queued|rendering/),
      progress: 0,
    });
    await send(`${api.url}/v1/fractal/${long.uuid}/cancel`, 'POST');
    const cancelled = await fetch(`${api.url}/fractal/${long.uuid}`);
    expect(cancelled.headers.get('retry-after')).toBeNull();
    expect(await cancelled.json()).toMatchObject({ code: 404, state: 'cancelled' });
    expect((await fetch(`${api.url}/fractal/${crypto.randomUUID()}`)).status).toBe(404);
  });

  it('is the same file for the same spec', async () => {
    const { uuid } = await order(api.url, { width: 700, height: 900, c_re: -0.8, c_im: 0.156 });
    expect((await finished(api.url, uuid)).checksum).toBe(fractal.checksum);
  });

  it('has a thumbnail of at most 320 pixels, cached like the picture', async () => {
    const response = await fetch(`${url}/thumbnail`);
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const etag = response.headers.get('etag') ?? '';
    const small = Buffer.from(await response.arrayBuffer());
    expect(await sharp(small).metadata()).toMatchObject({ format: 'webp', width: 249, height: 320 });
    // The same picture: shrunk by another hand, it is nearly the same.
    const raw = (bytes: Buffer) => sharp(bytes).resize(25, 32, { fit: 'fill' }).removeAlpha().raw().toBuffer();
    const [a, b] = [await raw(small), await raw(png)];
    expect(a.reduce((sum, byte, i) => sum + Math.abs(byte - b[i]!), 0) / a.length).toBeLessThan(16);
    expect((await fetch(`${url}/thumbnail`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const forLong = await fetch(`${url}/thumbnail?checksum=${fractal.checksum}`);
    expect(forLong.headers.get('cache-control')).toMatch(/immutable/);
    expect((await fetch(`${url}/thumbnail?checksum=${'0'.repeat(64)}`)).status).toBe(404);
    expect((await fetch(`${api.url}/fractal/${crypto.randomUUID()}/thumbnail`)).status).toBe(404);
  });

  it('is drawn again when its file is gone, and is unavailable meanwhile', async () => {
    const { uuid } = await order(api.url);
    const { checksum } = await finished(api.url, uuid);
    const images = join(folder.path, 'images', uuid.slice(0, 2));
    for (const name of readdirSync(images)) if (name.startsWith(uuid)) rmSync(join(images, name));
    const response = await fetch(`${api.url}/fractal/${uuid}`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/drawn again/) });
    expect((await finished(api.url, uuid)).checksum).toBe(checksum);
    expect((await fetch(`${api.url}/fractal/${uuid}`)).status).toBe(200);
    expect((await fetch(`${api.url}/fractal/${uuid}/thumbnail`)).status).toBe(200);
  });
});
