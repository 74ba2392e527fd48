import { randomBytes } from 'node:crypto';
import { readdir, rm, truncate } from 'node:fs/promises';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pictureReader } from '../../src/actions/read-picture.ts';
import { BLOCK_BYTES } from '../../src/domain/blocks.ts';
import { type Store, sumsKeyBeside } from '../../src/domain/store.ts';
import { bodyOf, flipBit, type StoredPictures, servePictures } from '../support/stored-pictures.ts';
import { until } from '../support/until.ts';

const B = BLOCK_BYTES;
/** Some blocks and a piece. */
const SIZE = 20 * B + 12_345;
/** First and last bytes, both sides of a border, and what lies between. */
const PLACES = [0, 1, B - 1, B, B + 1, 7 * B + 99, 19 * B, 20 * B - 1, 20 * B, SIZE - 1];

/** Large pictures are verified block by block, so that any part of them is, too. */
describe('a large picture', () => {
  let stored: StoredPictures;
  let read: ReturnType<typeof pictureReader>;
  /** bytes that the store gave */
  let given = 0;
  beforeAll(async () => {
    stored = await servePictures();
    read = pictureReader({ ...stored.parts.ports, store: counted(stored.parts.ports.store) }, () => undefined);
  });
  afterAll(() => stored[Symbol.asyncDispose]());

  const counted = (store: Store): Store => ({
    ...store,
    put: store.put.bind(store),
    remove: store.remove.bind(store),
    get: async (key, range) => {
      const bytes = await store.get(key, range);
      return (async function* () {
        for await (const chunk of bytes) {
          given += chunk.length;
          yield chunk;
        }
      })();
    },
  });

  const part = (id: string, start: number, end: number, headers: Record<string, string> = {}) =>
    fetch(`${stored.url}/fractal/${id}`, { headers: { range: `bytes=${start}-${end - 1}`, ...headers } });

  /** With checksums for its blocks, as every new one. */
  async function aLargeOne() {
    const bytes = randomBytes(SIZE);
    const found = await stored.finishedWith(bytes);
    expect((await bodyOf(await fetch(`${stored.url}/fractal/${found.id}`))).equals(bytes)).toBe(true);
    const { picture } = await stored.find(found.id);
    expect(picture?.sums).not.toBeNull();
    return { ...found, bytes, picture: picture! };
  }

  it('comes in any part, which costs the blocks that it lies in and no more', async () => {
    const { id, bytes, picture } = await aLargeOne();
    await bodyOf(await part(id, 0, 1));
    const borders = PLACES.flatMap((start) => [1, 2, B, B + 1, 3 * B].map((length) => [start, start + length] as const));
    const anywhere = Array.from({ length: 40 }, () => {
      const start = Math.floor(Math.random() * SIZE);
      return [start, start + 1 + Math.floor(Math.random() * 3 * B)] as const;
    });
    for (const [start, wanted] of [...borders, ...anywhere]) {
      const end = Math.min(SIZE, wanted);
      await read(id, picture, { start: 0, end: 1 });
      given = 0;
      const got: Uint8Array[] = [];
      const chunks = await read(id, picture, { start, end });
      for await (const chunk of chunks as AsyncIterable<Uint8Array>) got.push(chunk);
      expect(Buffer.concat(got).equals(bytes.subarray(start, end)), `${start}-${end}`).toBe(true);
      expect(given).toBeLessThan(end - start + 2 * B);
    }
  });

  it('comes by suffix, under its tag, and not when the tag is another', async () => {
    const { id, bytes, picture } = await aLargeOne();
    const ask = (headers: Record<string, string>, method = 'GET') => fetch(`${stored.url}/fractal/${id}`, { method, headers });
    const suffix = await ask({ range: `bytes=-${B + 1}` });
    expect([suffix.status, suffix.headers.get('content-range')]).toEqual([206, `bytes ${SIZE - B - 1}-${SIZE - 1}/${SIZE}`]);
    expect((await bodyOf(suffix)).equals(bytes.subarray(-B - 1))).toBe(true);
    const fits = await ask({ range: `bytes=${B - 1}-${B}`, 'if-range': `"${picture.checksum}"` });
    expect([fits.status, await bodyOf(fits)]).toEqual([206, bytes.subarray(B - 1, B + 1)]);
    const other = await ask({ range: `bytes=${B - 1}-${B}`, 'if-range': '"another"' });
    expect([other.status, (await bodyOf(other)).equals(bytes)]).toEqual([200, true]);
    const head = await ask({ range: 'bytes=0-9' }, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([206, '10', '']);
    expect((await ask({ range: `bytes=${SIZE}-` })).status).toBe(416);
  });

  it('never gives a byte of a block with a flipped bit, and all others', async () => {
    for (const at of PLACES) {
      const { id, file, bytes, picture } = await aLargeOne();
      await flipBit(file, at);
      const block = Math.floor(at / B);
      const before = [Math.max(0, block * B - 5000), block * B] as const;
      const behind = [(block + 1) * B, Math.min(SIZE, (block + 1) * B + 5000)] as const;
      for (const [start, end] of [before, behind]) {
        if (start >= end) continue;
        expect((await bodyOf(await part(id, start, end))).equals(bytes.subarray(start, end)), `${at}: ${start}`).toBe(true);
      }
      expect(await stored.stateOf(id)).toBe('done');
      const got: Uint8Array[] = [];
      const whole = (async () => {
        const chunks = await read(id, picture, { start: 0, end: SIZE });
        for await (const chunk of chunks as AsyncIterable<Uint8Array>) got.push(chunk);
      })();
      await expect(whole, `byte ${at}`).rejects.toMatchObject({ code: 'unavailable' });
      const good = Buffer.concat(got);
      expect(good.length).toBeLessThanOrEqual(block * B);
      expect(good.equals(bytes.subarray(0, good.length))).toBe(true);
      expect(await stored.stateOf(id)).toBe('queued');
    }
  });

  it('is refused when the first block that is wanted is damaged, and cut off when a later one is', async () => {
    const first = await aLargeOne();
    await flipBit(first.file, 5 * B + 7);
    const refused = await part(first.id, 5 * B, 5 * B + 1);
    expect([refused.status, refused.headers.get('content-range')]).toEqual([503, null]);
    const later = await aLargeOne();
    await flipBit(later.file, 18 * B);
    const cut = await part(later.id, 100, SIZE);
    expect(cut.status).toBe(206);
    await expect(cut.arrayBuffer()).rejects.toThrow();
    for (const { id } of [first, later]) expect(await stored.stateOf(id)).toBe('queued');
  });

  it('is damaged when it is too short, or one block lies where another should', async () => {
    const short = await aLargeOne();
    await truncate(short.file, SIZE - 1);
    expect((await part(short.id, SIZE - 10, SIZE)).status).toBe(503);
    const empty = await aLargeOne();
    await truncate(empty.file, 0);
    expect((await part(empty.id, 3 * B, 3 * B + 1)).status).toBe(503);
    const swapped = await aLargeOne();
    const bytes = Buffer.concat([swapped.bytes.subarray(B, 2 * B), swapped.bytes.subarray(0, B), swapped.bytes.subarray(2 * B)]);
    await stored.parts.ports.store.put(swapped.picture.key, bytes);
    expect((await part(swapped.id, B, B + 1)).status).toBe(503);
  });

  it('of an older release is read as a whole once, whatever part is wanted by however many', async () => {
    const bytes = randomBytes(SIZE);
    const { id, picture } = await stored.finishedWith(bytes);
    given = 0;
    const asked = Array.from({ length: 5 }, (_, i) => read(id, picture, { start: i * B, end: i * B + 1 }));
    for (const chunks of await Promise.all(asked)) for await (const _ of chunks as AsyncIterable<Uint8Array>);
    expect(given).toBeLessThanOrEqual(SIZE + 5 * B);
    const { sums } = (await stored.find(id)).picture!;
    expect(sums).toEqual({ key: sumsKeyBeside(picture.key), checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const damaged = await stored.finishedWith(bytes);
    await flipBit(damaged.file, SIZE - 1);
    expect((await part(damaged.id, 0, 1)).status).toBe(503);
    expect(await stored.stateOf(damaged.id)).toBe('queued');
  });

  it('gets its checksums again when they are lost or damaged', async () => {
    const { id, bytes, picture } = await aLargeOne();
    const file = stored.fileOf(picture.sums!.key);
    for (const hurt of [() => flipBit(file, 40), () => truncate(file, 32), () => rm(file)]) {
      await hurt();
      const url = await stored.serve();
      const answer = await fetch(`${url}/fractal/${id}`, { headers: { range: `bytes=${B}-${B + 9}` } });
      expect(await bodyOf(answer)).toEqual(bytes.subarray(B, B + 10));
      expect((await stored.find(id)).picture).toEqual(picture);
      const fresh = pictureReader({ ...stored.parts.ports, store: counted(stored.parts.ports.store) }, () => undefined);
      given = 0;
      for await (const _ of (await fresh(id, picture, { start: 0, end: 1 })) as AsyncIterable<Uint8Array>);
      expect(given).toBeLessThan(2 * B);
    }
  });

  it('is let go when its reader goes, however early', async () => {
    const { id } = await aLargeOne();
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const before = await openFiles();
    for (let i = 0; i < 20; i++) {
      await new Promise<void>((resolve) => {
        const request = get(`${stored.url}/fractal/${id}`, (response) => {
          if (i % 2) response.once('data', () => request.destroy());
          else request.destroy();
          response.on('close', resolve);
        });
        request.on('error', () => resolve());
      });
    }
    await until(async () => (await openFiles()) <= before + 2);
    expect(await stored.stateOf(id)).toBe('done');
  });
});
