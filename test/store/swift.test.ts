import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Inventory, type ObjectKey, pictureKey } from '../../src/domain/store.ts';
import { findCloud } from '../../src/openstack/clouds.ts';
import { openService } from '../../src/openstack/service.ts';
import { openSwiftStore } from '../../src/store/swift.ts';
import { storeContract } from '../contract/store.ts';
import { type PrivateSwift, startSwift } from '../support/servers/swift.ts';
import { until } from '../support/until.ts';

const SEGMENT = 2 ** 20;

describe('the store on Swift', () => {
  let swift: PrivateSwift;
  beforeAll(async () => {
    swift = await startSwift();
  }, 400_000);
  afterAll(() => swift?.[Symbol.asyncDispose]());

  const open = async (container: string, options: Parameters<typeof openSwiftStore>[2] = {}) =>
    await openSwiftStore(openService(await findCloud(swift.environment), 'object-store'), container, options);
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
  const noise = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + (i >> 16)) & 255));
  async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const newKey = (): ObjectKey => pictureKey(crypto.randomUUID(), 1);

  describe('with objects in one piece', () => storeContract(() => open('small pictures')));
  describe('with objects in segments', () => storeContract(() => open('large', { segments: { first: 100_000 } })));

  it('keeps a large object in segments, gives any part of it, and takes them away with it', async () => {
    await using store = await open('posters', { segments: { first: SEGMENT } });
    const key = newKey();
    const bytes = noise(4.5 * SEGMENT);
    await store.put(key, pieces(bytes, 777_777));
    const listed = (await (await swift.call('GET', `/posters_segments?prefix=${key}`)).text()).trim().split('\n');
    expect(listed).toHaveLength(5);
    expect((await collect(await store.get(key))).equals(bytes)).toBe(true);
    // Across three of them.
    const [start, end] = [SEGMENT - 5, 3 * SEGMENT + 5];
    expect((await collect(await store.get(key, { start, end }))).equals(bytes.subarray(start, end))).toBe(true);
    expect(await store.find(key)).toMatchObject({ sizeBytes: bytes.length });
    expect(await all(store.list())).toMatchObject([{ name: key, sizeBytes: bytes.length }]);
    expect(await all(store.leftovers())).toEqual([]);
    await store.remove(key);
    expect((await (await swift.call('GET', '/posters_segments')).text()).trim()).toBe('');
  });

  it('makes the segments of a huge object larger and larger, to a limit', async () => {
    await using store = await open('huge', { segments: { first: 10_000, step: 2, most: 40_000 } });
    const key = newKey();
    const bytes = noise(10_000 * (1 + 1 + 2 + 2 + 4 + 4 + 4 + 0.5));
    await store.put(key, pieces(bytes, 7_777));
    const rows = (await (await swift.call('GET', `/huge_segments?format=json&prefix=${key}`)).json()) as { bytes: number }[];
    const sizes = [10_000, 10_000, 20_000, 20_000, 40_000, 40_000, 40_000, 5_000];
    expect(rows.map((row) => row.bytes)).toEqual(sizes);
    expect((await collect(await store.get(key))).equals(bytes)).toBe(true);
    const [start, end] = [19_990, 60_010];
    expect((await collect(await store.get(key, { start, end }))).equals(bytes.subarray(start, end))).toBe(true);
    // The same, when all of it is there at once.
    await store.put(key, bytes);
    expect((await collect(await store.get(key))).equals(bytes)).toBe(true);
    const again = (await (await swift.call('GET', `/huge_segments?format=json&prefix=${key}`)).json()) as { bytes: number }[];
    expect(again.map((row) => row.bytes)).toEqual([...sizes, ...sizes]);
    await store.remove(key);
  });

  it('lets who reads a large object read on while it is replaced', async () => {
    await using store = await open('posters', { segments: { first: SEGMENT } });
    const key = newKey();
    await store.put(key, Buffer.alloc(3 * SEGMENT, 1));
    const reading = await store.get(key);
    await store.put(key, Buffer.alloc(3 * SEGMENT, 2));
    const seen = await collect(reading);
    expect(seen.length === 3 * SEGMENT && seen.every((byte) => byte === 1)).toBe(true);
    expect((await collect(await store.get(key)))[0]).toBe(2);
    // Swift takes the old ones away by itself.
    const names = (await (await swift.call('GET', `/posters_segments?prefix=${key}`)).text()).trim().split('\n');
    const heads = await Promise.all(names.map((name) => swift.call('HEAD', `/posters_segments/${name}`)));
    expect(heads.filter(({ headers }) => headers.has('x-delete-at'))).toHaveLength(3);
    await store.remove(key);
  });

  it('shows nothing of what a killed writer has sent, and finds it', async () => {
    await using store = await open('killed', { segments: { first: SEGMENT } });
    const key = newKey();
    const writer = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SLOW_WRITER, key, String(SEGMENT)], {
      env: { ...process.env, ...swift.environment },
      stdio: 'ignore',
    });
    await until(
      async () => (await (await swift.call('GET', `/killed_segments?prefix=${key}`)).text()).trim().split('\n').length >= 2,
    );
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
    expect(await all(store.list())).toEqual([]);
    const [left, ...more] = await all(store.leftovers());
    expect(more).toEqual([]);
    expect(left!.name).toMatch(`killed_segments/${key}/`);
    expect(left!.sizeBytes).toBeGreaterThanOrEqual(2 * SEGMENT);
    expect(Math.abs(Date.now() - left!.modifiedAt)).toBeLessThan(60_000);
    await left!.remove();
    expect(await all(store.leftovers())).toEqual([]);
  });

  it('goes on with another token when its own is not known any more', async () => {
    await using store = await open('tokens');
    const key = newKey();
    await store.put(key, noise(1000));
    // All tokens that the user has been given so far become worthless.
    const { users } = await swift.keystone.call<{ users: { id: string }[] }>('GET', '/users?name=faafo');
    // Keystone counts in seconds: a token of the same one would be worthless, too.
    for (const enabled of [false, true]) await swift.keystone.call('PATCH', `/users/${users[0]!.id}`, { user: { enabled } });
    await sleep(1_100);
    expect(await collect(await store.get(key))).toHaveLength(1000);
  });

  describe('while a part of it is away', () => {
    let store: Inventory;
    beforeAll(async () => {
      store = await open('away', { segments: { first: SEGMENT } });
    });
    afterAll(() => store[Symbol.asyncDispose]());

    it('says in one line that no object server answers, and goes on when it does', async () => {
      const [key, other] = [newKey(), newKey()];
      await store.put(key, noise(100_000));
      await swift.parts.object.kill();
      const error = await store.put(other, noise(100)).catch((fault) => fault);
      expect(error).toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 5 } });
      expect(error.message).toMatch(/^object-store: PUT \/away\/\S+\.png failed, 5 times: 503 Service Unavailable\b[^\n]*$/);
      await expect(store.get(key)).rejects.toMatchObject({ code: 'unavailable' });
      await swift.parts.object.start();
      expect(await collect(await store.get(key))).toHaveLength(100_000);
      await expect(store.get(other)).rejects.toMatchObject({ code: 'not_found' });
    }, 60_000);

    it('lives through a short silence in the midst of an object', async () => {
      const key = newKey();
      const bytes = noise(6 * SEGMENT);
      await store.put(key, bytes);
      const reading = (await store.get(key))[Symbol.asyncIterator]();
      const pieces = [(await reading.next()).value as Uint8Array];
      await swift.proxy.kill();
      const started = swift.proxy.start();
      await started;
      for (;;) {
        const { done, value } = await reading.next();
        if (done) break;
        pieces.push(value);
      }
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    }, 60_000);

    it('says that nobody is there', async () => {
      await swift.proxy.kill();
      await expect(store.ping()).rejects.toThrow(
        /^object-store: HEAD \/away failed, 5 times: connect ECONNREFUSED 127\.0\.0\.1:\d+\.$/,
      );
      await swift.proxy.start();
      await store.ping();
    }, 60_000);
  });

  it('is full at its quota: orders first, then results; and what was half sent is gone', async () => {
    await using store = await open('quota', { segments: { first: SEGMENT } });
    expect(await store.space()).toBeNull();
    const MIB = 2 ** 20;
    await swift.call('POST', '', { 'x-account-meta-quota-bytes': String(300 * MIB) }, 'admin');
    try {
      await using fresh = await open('quota', { segments: { first: SEGMENT } });
      expect((await fresh.space())!.totalBytes).toBe(300 * MIB);
      expect([await fresh.hasRoom('order'), await fresh.hasRoom('result')]).toEqual([true, true]);
      await swift.call('POST', '', { 'x-account-meta-quota-bytes': String(30 * MIB) }, 'admin');
      await using tight = await open('quota', { segments: { first: SEGMENT } });
      expect([await tight.hasRoom('order'), await tight.hasRoom('result')]).toEqual([true, false]);
      await swift.call('POST', '', { 'x-account-meta-quota-bytes': '1000' }, 'admin');
      const key = newKey();
      for (const size of [2000, SEGMENT, 3 * SEGMENT]) {
        await expect(tight.put(key, noise(size))).rejects.toMatchObject({
          code: 'unavailable',
          message: expect.stringMatching(/^The store is full \(object-store: PUT \S+: 413 Payload Too Large\)\.$/),
        });
      }
      expect([await tight.hasRoom('order'), await tight.hasRoom('result')]).toEqual([false, false]);
      expect(await all(tight.leftovers())).toEqual([]);
      await tight.remove(key);
    } finally {
      await swift.call('POST', '', { 'x-account-meta-quota-bytes': '' }, 'admin');
    }
  }, 60_000);

  it('makes nothing when it is only looked at, and says what is missing', async () => {
    await expect(open('nowhere', { make: false })).rejects.toThrow(
      'object-store: there is no container nowhere, and it is made at the first start.',
    );
    expect((await swift.call('HEAD', '/nowhere')).status).toBe(404);
  });
});

/** Puts an object that never comes to its end. */
const SLOW_WRITER = new URL('../support/slow-writer.ts', import.meta.url).pathname;
