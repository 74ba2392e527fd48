import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assembleNext } from '../../src/actions/assemble-fractal.ts';
import { orderFractal } from '../../src/actions/order-fractal.ts';
import { ringDueDoorbells } from '../../src/actions/ring-doorbells.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { bandKey } from '../../src/domain/store.ts';
import { work } from '../../src/worker/work.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const request = {
  formula: 'julia' as const,
  viewport: { xa: -2, xb: 2, ya: -1.5, yb: 1.5 },
  width: 600,
  height: 600,
  iterations: 200,
  cRe: -0.8,
  cIm: 0.156,
  seed: undefined,
  palette: 'classic' as const,
};

describe('the worker', () => {
  /** Runs a worker over everything that is due, until `done`. */
  async function draw(
    parts: Awaited<ReturnType<typeof openParts>>,
    done: () => Promise<boolean>,
    dispatcher = parts.dispatcher,
  ): Promise<string[]> {
    const stop = new AbortController();
    const errors: string[] = [];
    const { queue: listener, engine, ports } = parts;
    const working = work(
      { listener, engine, dispatcher, host: 'tester', onError: (what) => errors.push(what) },
      stop.signal,
      1000,
    );
    await until(async () => {
      await ringDueDoorbells(ports, 2);
      return await done();
    });
    stop.abort();
    await working;
    return errors;
  }

  const stateIs = (parts: Awaited<ReturnType<typeof openParts>>, id: FractalId, state: string) => async () =>
    (await parts.ports.repository.fractals.find(id))?.state === state;

  it('draws again what was damaged in the store before it was joined', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const { ports } = parts;
    const id = crypto.randomUUID() as FractalId;
    const { fractal } = await orderFractal(ports, id, request);
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
    const id = crypto.randomUUID() as FractalId;
    await orderFractal(parts.ports, id, { ...request, height: 300 });
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
    const errors = await draw(parts, stateIs(parts, id, 'assembling'), narrow);
    expect(errors).toEqual(['band not delivered', 'band not delivered']);
    expect(claims).toBe(1);
  });

  it('refuses bytes that are not what the worker says', async () => {
    await using home = await temporaryFolder();
    await using parts = await openParts(home.path);
    const id = crypto.randomUUID() as FractalId;
    await orderFractal(parts.ports, id, { ...request, height: 300 });
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
});
