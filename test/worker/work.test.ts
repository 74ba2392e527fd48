import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assembleNext } from '../../src/actions/assemble-fractal.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { bandKey } from '../../src/domain/store.ts';
import { drawPng } from '../../src/engine/draw-png.ts';
import { createPngFrame } from '../../src/engine/png.ts';
import { atWork } from '../support/at-work.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { orderIn, type Parts } from '../support/work-server.ts';

describe('the worker', () => {
  /** Runs a worker over everything that is due, until `done`. */
  async function draw(parts: Parts, done: () => Promise<boolean>, dispatcher = parts.dispatcher): Promise<string[]> {
    const worker = atWork(parts, { dispatcher });
    await worker.until(done);
    expect(await worker.stop()).toBeNull();
    return worker.errors;
  }

  const stateIs = (parts: Parts, id: FractalId, state: string) => async () =>
    (await parts.ports.repository.fractals.find(id))?.state === state;

  it('draws again what was damaged in the store before it was joined', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const { ports } = parts;
    const id = await orderIn(parts);
    const fractal = (await ports.repository.fractals.find(id))!;
    expect(fractal.cut.bands).toBe(2);
    await draw(parts, stateIs(parts, id, 'assembling'));
    const file = join(home.path, 'images', id.slice(0, 2), bandKey(fractal.storeKey, 1, 1));
    const bytes = readFileSync(file);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(file, bytes);

    await assembleNext(ports);
    expect(await ports.repository.fractals.find(id)).toMatchObject({ state: 'queued', bandsDone: 1, picture: null });
    await draw(parts, stateIs(parts, id, 'assembling'));
    await assembleNext(ports);
    const done = await ports.repository.fractals.find(id);
    const chunks: Uint8Array[] = [];
    for await (const chunk of await ports.store.get(done!.picture!.key)) chunks.push(chunk);
    expect(createHash('sha256').update(Buffer.concat(chunks)).digest('hex')).toBe(done?.picture?.checksum);
  });

  it('keeps a drawn band while the store is full, and delivers it when there is room', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const id = await orderIn(parts, { height: 300 });
    let claims = 0;
    let refusals = 2;
    const narrow: typeof parts.dispatcher = {
      ...parts.dispatcher,
      claim: async (...args) => {
        claims++;
        return await parts.dispatcher.claim(...args);
      },
      deliver: async (...args) => {
        if (refusals-- > 0) throw new Fault('unavailable', 'The store is full.');
        return await parts.dispatcher.deliver(...args);
      },
    };
    const errors = await draw(parts, stateIs(parts, id, 'done'), narrow);
    expect(errors).toEqual(['band not delivered', 'band not delivered']);
    expect(claims).toBe(1);
  });

  it('refuses bytes that are not what the worker says', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const id = await orderIn(parts);
    const assignment = await parts.dispatcher.claim({ fractal: id, band: 0 }, { host: 'h', engineVersion: parts.engine.version });
    const band = await parts.engine.renderBand(assignment!.spec, assignment!.band);
    const { bytes: thumbnail } = await parts.engine.renderThumbnail(assignment!.spec);
    await expect(parts.dispatcher.deliver(assignment!.lease, band, null)).rejects.toMatchObject({ code: 'invalid' });
    const forged = { ...band, bytes: Buffer.from(band.bytes).fill(0, 20, 30) };
    await expect(parts.dispatcher.deliver(assignment!.lease, forged, thumbnail)).rejects.toMatchObject({ code: 'invalid' });
    expect(await parts.dispatcher.deliver({ ...assignment!.lease, token: 'guessed' }, band, thumbnail)).toBe('stale');
    expect(await parts.dispatcher.deliver(assignment!.lease, band, thumbnail)).toBe('accepted');
    expect(await parts.dispatcher.deliver(assignment!.lease, band, thumbnail)).toBe('accepted');
  });

  it('makes the picture of an only band at once, as it would be joined', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const { ports, engine, dispatcher } = parts;
    const id = await orderIn(parts, { height: 300 });
    const { lease, spec, band } = (await dispatcher.claim(
      { fractal: id, band: 0 },
      { host: 'h', engineVersion: engine.version },
    ))!;
    const drawnBand = await engine.renderBand(spec, band);
    const { bytes: thumbnail } = await engine.renderThumbnail(spec);
    // The first answer may be on its way when it is delivered again.
    const twice = [dispatcher.deliver(lease, drawnBand, thumbnail), dispatcher.deliver(lease, drawnBand, thumbnail)];
    expect(await Promise.all(twice)).toEqual(['accepted', 'accepted']);
    expect(await dispatcher.deliver(lease, drawnBand, thumbnail)).toBe('stale');
    const fractal = (await ports.repository.fractals.find(id))!;
    expect(fractal).toMatchObject({ state: 'done', bandsDone: 1, hosts: ['h'], renderMs: drawnBand.renderMs });
    const stored = await bytesOf(await ports.store.get(fractal.picture!.key));
    expect(createHash('sha256').update(stored).digest('hex')).toBe(fractal.picture?.checksum);
    expect(stored.equals(await bytesOf(drawPng(engine, createPngFrame(), spec)))).toBe(true);
    expect(await assembleNext(ports)).toBeNull();
  });
});

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Uint8Array[] = [];
  for await (const chunk of chunks) copies.push(chunk.slice());
  return Buffer.concat(copies);
}
