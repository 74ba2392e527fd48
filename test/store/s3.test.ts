import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Place } from '../../src/cli/s3-place.ts';
import { type ObjectKey, pictureKey } from '../../src/domain/store.ts';
import { openS3Store, type S3Options } from '../../src/store/s3.ts';
import { storeContract } from '../contract/store.ts';
import { type PrivateSwift, startSwift } from '../support/servers/swift.ts';

/** The least that S3 takes. */
const PART = 5 * 2 ** 20;

/** The S3 interface of a real Swift. */
describe('the store on S3', () => {
  let swift: PrivateSwift;
  beforeAll(async () => {
    swift = await startSwift();
  }, 400_000);
  afterAll(() => swift?.[Symbol.asyncDispose]());

  const place = (bucket: string) => s3Place({ bucket, endpoint: swift.s3Endpoint }, swift.s3Environment);
  const open = (bucket: string, options: Pick<S3Options, 'parts' | 'make'> = {}) => openS3Store({ ...place(bucket), ...options });
  const collect = async (bytes: AsyncIterable<Uint8Array>) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const all = async <T>(items: AsyncIterable<T>) => {
    const found: T[] = [];
    for await (const item of items) found.push(item);
    return found;
  };
  const noise = (length: number) => {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 255;
    return bytes;
  };
  const newKey = (): ObjectKey => pictureKey(crypto.randomUUID(), 1);

  describe('with small objects', () => storeContract(() => open('small')));

  it('keeps a large object in parts, gives any part of it, and takes it away', async () => {
    await using store = await open('large', { parts: { first: PART } });
    const key = newKey();
    const bytes = noise(3.5 * PART);
    await store.put(
      key,
      (async function* () {
        for (let at = 0; at < bytes.length; at += 777_777) yield bytes.subarray(at, at + 777_777);
      })(),
    );
    expect((await collect(await store.get(key))).equals(bytes)).toBe(true);
    // Across three of them.
    const [start, end] = [PART - 5, 2 * PART + 5];
    expect((await collect(await store.get(key, { start, end }))).equals(bytes.subarray(start, end))).toBe(true);
    expect(await all(store.list())).toMatchObject([{ name: key, sizeBytes: bytes.length }]);
    expect(await all(store.leftovers())).toEqual([]);
    await store.remove(key);
    expect(await store.find(key)).toBeNull();
    expect((await (await swift.call('GET', '/large+segments')).text()).trim()).toBe('');
  });

  it('makes the parts of a huge object larger, and no copy of what it sends', async () => {
    await using store = await open('huge', { parts: { first: PART, step: 1, most: 2 * PART } });
    const key = newKey();
    const bytes = noise(5.5 * PART);
    await store.put(key, bytes);
    const names = (await (await swift.call('GET', `/huge+segments?format=json&prefix=${key}`)).json()) as { bytes: number }[];
    expect(names.map((row) => row.bytes).filter((size) => size > 0)).toEqual([PART, 2 * PART, 2 * PART, PART / 2]);
    expect((await collect(await store.get(key))).equals(bytes)).toBe(true);
    await store.remove(key);
  });

  it('shows nothing of a large object whose stream breaks, and leaves no parts', async () => {
    await using store = await open('broken', { parts: { first: PART } });
    const key = newKey();
    const broken = (async function* () {
      for (let i = 0; i < 3; i++) yield noise(PART);
      throw new Error('the source broke');
    })();
    await expect(store.put(key, broken)).rejects.toThrow('the source broke');
    expect(await store.find(key)).toBeNull();
    expect(await all(store.leftovers())).toEqual([]);
  });

  it('finds what a writer has begun and never ended, and takes it away', async () => {
    await using store = await open('begun', { parts: { first: PART } });
    const key = newKey();
    let go = () => {};
    const stopped = new Promise<void>((resolve) => {
      go = resolve;
    });
    const writing = store.put(
      key,
      (async function* () {
        for (let i = 0; i < 3; i++) yield noise(PART);
        await stopped;
        throw new Error('enough');
      })(),
    );
    writing.catch(() => undefined);
    await expect.poll(async () => (await all(store.leftovers())).length, { timeout: 20_000 }).toBe(1);
    const [left] = await all(store.leftovers());
    expect(left).toMatchObject({ name: expect.stringContaining(`begun/${key}?uploadId=`), sizeBytes: null });
    expect(Math.abs(Date.now() - left!.modifiedAt)).toBeLessThan(60_000);
    await left!.remove();
    expect(await all(store.leftovers())).toEqual([]);
    go();
    // Whichever comes first.
    await expect(writing).rejects.toThrow(/enough|404 NoSuchUpload/);
  });

  it('says in one line what is wrong, without the secret', async () => {
    const wrong = openS3Store({ ...place('small'), secretAccessKey: 'hush' });
    await expect(wrong).rejects.toThrow(
      /^S3: HEAD small failed: there is no such bucket, or these credentials may not use it\.$/,
    );
    await expect(wrong).rejects.not.toThrow(/hush/);
    await expect(open('nowhere', { make: false })).rejects.toThrow(/^S3: HEAD nowhere failed: there is no such bucket/);
    expect((await swift.call('HEAD', '/nowhere')).status).toBe(404);
    await using store = await open('small');
    await swift.parts.object.kill();
    await expect(store.put(newKey(), noise(100))).rejects.toThrow(/^S3: PUT small\/\S+\.png failed: 503 \w+\.$/);
    await swift.parts.object.start();
    await swift.proxy.kill();
    await expect(store.ping()).rejects.toThrow(/^S3: HEAD small failed: connect ECONNREFUSED 127\.0\.0\.1:\d+\.$/);
    await swift.proxy.start();
    await store.ping();
  }, 60_000);

  it('goes on where the connection broke in the midst of an object', async () => {
    await using store = await open('small', { parts: { first: PART } });
    const key = newKey();
    const bytes = noise(2.5 * PART);
    await store.put(key, bytes);
    const reading = (await store.get(key))[Symbol.asyncIterator]();
    const pieces = [(await reading.next()).value as Uint8Array];
    await swift.proxy.kill();
    await swift.proxy.start();
    for (;;) {
      const { done, value } = await reading.next();
      if (done) break;
      pieces.push(value);
    }
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  }, 60_000);

  it('is full when something did not fit', async () => {
    await using store = await open('quota', { parts: { first: PART } });
    await swift.call('POST', '/quota', { 'x-container-meta-quota-bytes': '1000' });
    expect(await store.hasRoom('order')).toBe(true);
    await expect(store.put(newKey(), noise(2000))).rejects.toThrow(/^The store is full \(S3: PUT quota\/\S+: 4\d\d \w+\)\.$/);
    expect([await store.hasRoom('order'), await store.hasRoom('result')]).toEqual([false, false]);
  });
});
