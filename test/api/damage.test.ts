import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assembleNext } from '../../src/actions/assemble-fractal.ts';
import { thumbnailKey } from '../../src/domain/store.ts';
import { atWork } from '../support/at-work.ts';
import { bodyOf, flipBit, type StoredPictures, servePictures } from '../support/stored-pictures.ts';
import { orderIn, type Parts } from '../support/work-server.ts';

const MIB = 2 ** 20;

/** What is stored may be damaged; it is never answered as if it were good. */
describe('a damaged picture', () => {
  let stored: StoredPictures;
  let parts: Parts;
  let images: string;
  let url: string;
  beforeEach(async () => {
    stored = await servePictures();
    ({ parts, images, url } = stored);
  });
  afterEach(() => stored[Symbol.asyncDispose]());

  const finishedWith = (bytes: Uint8Array) => stored.finishedWith(bytes);
  const stateOf: StoredPictures['stateOf'] = (id) => stored.stateOf(id);

  it('of a small size is refused as a whole and in parts, and is drawn again', async () => {
    const { id, file } = await finishedWith(randomBytes(3 * MIB));
    await flipBit(file, 2 * MIB);
    const response = await fetch(`${url}/fractal/${id}`, { headers: { range: 'bytes=0-7' } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/damaged: it is drawn again/) });
    expect(await stateOf(id)).toBe('queued');
    const unfinished = await fetch(`${url}/fractal/${id}`);
    expect([unfinished.status, await unfinished.json()]).toMatchObject([404, { state: 'queued' }]);
    expect(stored.log()).toContain('a stored picture was damaged: it is drawn again');
  });

  it('of a large size ends before its end, and is drawn again', async () => {
    const { id, file } = await finishedWith(randomBytes(6 * MIB));
    await flipBit(file, 10);
    const response = await fetch(`${url}/fractal/${id}`);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await stateOf(id)).toBe('queued');
  });

  it('of a large size is refused when a good part of it is wanted', async () => {
    const { id, file } = await finishedWith(randomBytes(6 * MIB));
    await flipBit(file, 6 * MIB - 1);
    const response = await fetch(`${url}/fractal/${id}`, { headers: { range: 'bytes=0-7' } });
    expect([response.status, response.headers.get('content-range')]).toEqual([503, null]);
    expect(await stateOf(id)).toBe('queued');
  });

  it('of which nothing is left is refused, and is drawn again', async () => {
    const { id, file } = await finishedWith(randomBytes(6 * MIB));
    await writeFile(file, '');
    const response = await fetch(`${url}/fractal/${id}`);
    expect([response.status, await response.json()]).toMatchObject([503, { detail: expect.stringMatching(/damaged/) }]);
    expect(await stateOf(id)).toBe('queued');
  });

  it('is the exception: good ones come whole and in parts, several at a time', async () => {
    for (const size of [1, MIB, 4 * MIB, 6 * MIB + 5]) {
      const bytes = randomBytes(size);
      const { id } = await finishedWith(bytes);
      expect((await bodyOf(await fetch(`${url}/fractal/${id}`))).equals(bytes)).toBe(true);
      const last = () => fetch(`${url}/fractal/${id}`, { headers: { range: 'bytes=-1' } }).then(bodyOf);
      for (const part of await Promise.all([last(), last(), last()])) expect(part.equals(bytes.subarray(-1))).toBe(true);
    }
  });

  it('has the same bytes again when it was drawn again; a damaged thumbnail is none', async () => {
    const id = await orderIn(parts);
    await using working = atWork(parts);
    const isDone = async () => {
      await assembleNext(parts.ports);
      return (await stateOf(id)) === 'done';
    };
    await working.until(isDone);
    const good = await bodyOf(await fetch(`${url}/fractal/${id}`));
    const { storeKey, picture } = (await parts.ports.repository.fractals.find(id))!;
    const thumbnail = join(images, storeKey.slice(0, 2), thumbnailKey(storeKey));
    expect((await fetch(`${url}/fractal/${id}/thumbnail`)).status).toBe(200);
    await flipBit(thumbnail, 100);
    const refused = await fetch(`${url}/fractal/${id}/thumbnail`);
    expect([refused.status, await refused.json()]).toMatchObject([404, { detail: expect.stringMatching(/damaged: take/) }]);
    await flipBit(join(images, storeKey.slice(0, 2), picture!.key), good.length >> 1);
    expect((await fetch(`${url}/fractal/${id}`)).status).toBe(503);
    await working.until(isDone);
    expect((await bodyOf(await fetch(`${url}/fractal/${id}`))).equals(good)).toBe(true);
    expect((await fetch(`${url}/fractal/${id}/thumbnail`)).status).toBe(200);
  });
});
