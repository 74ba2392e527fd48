import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assembleNext } from '../../src/actions/assemble-fractal.ts';
import { retryFractal } from '../../src/actions/retry-fractal.ts';
import { scrub } from '../../src/actions/scrub.ts';
import { startOverWithLivingEngines } from '../../src/actions/start-over.ts';
import { EVERYBODY } from '../../src/domain/access.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { atWork } from '../support/at-work.ts';
import { aReport } from '../support/farm.ts';
import { aSpec } from '../support/specs.ts';
import { bodyOf, flipBit, type StoredPictures, servePictures } from '../support/stored-pictures.ts';
import { orderIn } from '../support/work-server.ts';

const MIB = 2 ** 20;

describe('a picture that is lost', () => {
  let stored: StoredPictures;
  beforeEach(async () => {
    stored = await servePictures();
  });
  afterEach(() => stored[Symbol.asyncDispose]());

  const ask = (id: FractalId) => fetch(`${stored.url}/fractal/${id}`);
  const reportAs = (engineVersion: string) => stored.parts.ports.repository.workers.report(aReport({ engineVersion }));
  const settled = (id: FractalId) => async () => {
    await assembleNext(stored.parts.ports);
    return ['done', 'failed'].includes((await stored.stateOf(id)) ?? '');
  };

  it('has its old checksum when it was drawn again', async () => {
    const id = await orderIn(stored.parts);
    await using working = atWork(stored.parts);
    await working.until(settled(id));
    const { picture } = await stored.find(id);
    await flipBit(stored.fileOf(picture!.key), 99);
    expect((await ask(id)).status).toBe(503);
    expect((await stored.find(id)).expectedChecksum).toBe(picture!.checksum);
    await working.until(settled(id));
    const again = await stored.find(id);
    expect(again).toMatchObject({ state: 'done', expectedChecksum: null, picture: { checksum: picture!.checksum } });
    expect(again.picture!.key).not.toBe(picture!.key);
  });

  it.each([
    ['one band', aSpec()],
    ['several bands', aSpec({ width: 600, height: 600, iterations: 200 })],
  ])('fails when what is drawn again has other bytes, and is never served under the old checksum: %s', async (_, spec) => {
    const { id, file } = await stored.finishedWith(randomBytes(3000), { spec });
    await flipBit(file, 5);
    expect((await ask(id)).status).toBe(503);
    await using working = atWork(stored.parts);
    await working.until(settled(id));
    expect(await stored.find(id)).toMatchObject({ state: 'failed', error: expect.stringMatching(/other bytes/), picture: null });
    expect((await ask(id)).status).toBe(404);
    await retryFractal(stored.parts.ports, id, EVERYBODY);
    await working.until(settled(id));
    expect(await stored.stateOf(id)).toBe('done');
    expect((await ask(id)).status).toBe(200);
  });

  it('fails with the reason when the engine that drew it is gone, and keeps what is left of it', async () => {
    const { id, file } = await stored.finishedWith(randomBytes(3000), { engineVersion: 'e0' });
    await flipBit(file, 5);
    const answer = await ask(id);
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { state: 'failed', detail: expect.stringMatching(/damaged: the engine that drew it is gone/) },
    ]);
    const { error, checksum } = await (await fetch(`${stored.url}/v1/fractal/${id}`)).json();
    expect([error, checksum]).toEqual([expect.stringMatching(/damaged, and no worker has engine version e0/), null]);
    expect(await readdir(file.slice(0, file.lastIndexOf('/')))).toContain(file.slice(file.lastIndexOf('/') + 1));
    await reportAs('e0');
    expect(await retryFractal(stored.parts.ports, id, EVERYBODY)).toMatchObject({ state: 'queued', engineVersion: 'e0' });
  });

  it('is drawn again by an older engine while a worker has it, and given up when the last has gone', async () => {
    const { id, file, picture } = await stored.finishedWith(randomBytes(3000), { engineVersion: 'e0' });
    const { ports } = stored.parts;
    await reportAs('e0');
    await flipBit(file, 5);
    expect((await ask(id)).status).toBe(503);
    const waiting = { state: 'queued', engineVersion: 'e0', expectedChecksum: picture.checksum };
    expect(await stored.find(id)).toMatchObject(waiting);
    for (const { id: worker } of await ports.repository.workers.list(60_000)) await ports.repository.workers.remove(worker);
    await reportAs(ports.engineVersion);
    await startOverWithLivingEngines(ports);
    expect(await stored.find(id)).toMatchObject({ state: 'failed', error: expect.stringMatching(/version e0/) });
  });

  it('is drawn again when its neighbours are there', async () => {
    const three = [];
    for (let i = 0; i < 3; i++) three.push(await stored.finishedWith(randomBytes(3000)));
    await rm(three[1]!.file);
    const answer = await ask(three[1]!.id);
    expect([answer.status, await answer.json()]).toMatchObject([503, { detail: expect.stringMatching(/missing: it is drawn/) }]);
    expect(await stored.stateOf(three[1]!.id)).toBe('queued');
  });

  it('is not drawn again when the store lost all, or all that is older: it may not be mounted', async () => {
    const old = [];
    for (let i = 0; i < 4; i++) old.push(await stored.finishedWith(randomBytes(3000)));
    const elsewhere = `${stored.images}-elsewhere`;
    await rename(stored.images, elsewhere);
    await stored.parts.ports.store.put(old[0]!.picture.key, new Uint8Array(1)).catch(() => undefined);
    await rm(stored.images, { recursive: true, force: true });
    const answer = await ask(old[3]!.id);
    expect([answer.status, await answer.json()]).toMatchObject([503, { detail: expect.stringMatching(/mounted/) }]);
    expect(await stored.stateOf(old[3]!.id)).toBe('done');
    await rename(elsewhere, stored.images);
    expect((await ask(old[3]!.id)).status).toBe(200);
    for (const { file } of old) await rm(file);
    for (let i = 0; i < 3; i++) await stored.finishedWith(randomBytes(3000));
    expect((await ask(old[3]!.id)).status).toBe(503);
    expect(await stored.stateOf(old[3]!.id)).toBe('done');
  });

  describe('is found by reading all again', () => {
    const losses: string[] = [];
    const round = (holder = 'a', signal = new AbortController().signal) =>
      scrub(stored.parts.ports, {
        holder,
        bytesPerSecond: 2 ** 40,
        signal,
        onLoss: (id, loss) => losses.push(`${id} ${loss}`),
        lapRestMs: 0,
      });
    const status = async () => (await (await fetch(`${stored.url}/v1/status`)).json()).scrub;
    beforeEach(() => {
      losses.length = 0;
    });

    it('damaged, missing, small and large, before somebody looks', async () => {
      const pictures = [];
      for (const size of [3000, 5 * MIB, 3000, 5 * MIB, 3000, 3000]) pictures.push(await stored.finishedWith(randomBytes(size)));
      const [small, large, , , missing] = pictures;
      await flipBit(small!.file, 100);
      await flipBit(large!.file, 4 * MIB);
      await rm(missing!.file);
      await round();
      expect(losses).toEqual([`${small!.id} damaged`, `${large!.id} damaged`, `${missing!.id} missing`]);
      expect(await status()).toMatchObject({ checked: 0, damaged: 2, missing: 1, finished_at: expect.stringMatching(/^20/) });
      const states = await Promise.all(pictures.map(({ id }) => stored.stateOf(id)));
      expect(states).toEqual(['queued', 'queued', 'done', 'done', 'queued', 'done']);
      expect((await stored.find(pictures[3]!.id)).picture?.sums).not.toBeNull();
    });

    it('and goes on where it stopped, by one process at a time', async () => {
      for (let i = 0; i < 4; i++) await stored.finishedWith(randomBytes(3000));
      const stop = new AbortController();
      const { repository } = stored.parts.ports;
      const { advance } = repository.scrub;
      let steps = 0;
      const stepping: typeof advance = async (...args) => {
        if (++steps === 2) stop.abort();
        return await advance(...args);
      };
      const ports = { ...stored.parts.ports, repository: { ...repository, scrub: { ...repository.scrub, advance: stepping } } };
      const options = { bytesPerSecond: 2 ** 40, onLoss: () => undefined, lapRestMs: 0 };
      await scrub(ports, { ...options, holder: 'a', signal: stop.signal });
      expect(await status()).toMatchObject({ checked: 2, bytes: 6000, finished_at: null });
      await round('b');
      expect(await status()).toMatchObject({ checked: 2 });
      await round('a');
      expect([steps, await status()]).toMatchObject([2, { checked: 0, finished_at: expect.any(String) }]);
    });

    it('at the pace that is set', async () => {
      await stored.finishedWith(randomBytes(50_000));
      const before = performance.now();
      const options = { holder: 'a', onLoss: () => undefined, lapRestMs: 0, signal: new AbortController().signal };
      await scrub(stored.parts.ports, { ...options, bytesPerSecond: 100_000 });
      expect(performance.now() - before).toBeGreaterThan(490);
    });

    it('but not while the store is away: nothing is counted then', async () => {
      const { id } = await stored.finishedWith(randomBytes(3000));
      const elsewhere = `${stored.images}-elsewhere`;
      await rename(stored.images, elsewhere);
      await expect(round()).rejects.toMatchObject({ code: 'unavailable' });
      await rename(elsewhere, stored.images);
      expect(await status()).toMatchObject({ checked: 0, missing: 0 });
      await round();
      expect([losses, await bodyOf(await ask(id))]).toMatchObject([[], { length: 3000 }]);
    });
  });
});
