import { afterAll, beforeAll, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import { free } from '../../src/domain/free.ts';
import { bandKey, type Inventory, type ObjectKey, pictureKey } from '../../src/domain/store.ts';

/** What every store promises (src/domain/store.ts). */
export function storeContract(open: () => Promise<Inventory>): void {
  let store: Inventory;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
  });

  const newKey = () => pictureKey(crypto.randomUUID(), 1);
  const read = async (key: ObjectKey, range?: { start: number; end: number }) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await store.get(key, range)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));

  it('gives back what was put, whole and in parts', async () => {
    const key = newKey();
    await store.put(key, bytes);
    expect((await read(key)).equals(bytes)).toBe(true);
    expect(await read(key, { start: 1000, end: 1010 })).toEqual(bytes.subarray(1000, 1010));
    expect(await read(key, { start: 699_999, end: 700_000 })).toEqual(bytes.subarray(-1));
    expect(await read(key, { start: 5, end: 5 })).toHaveLength(0);
  });

  it('gives what there is of a part that reaches beyond the end', async () => {
    const key = newKey();
    await store.put(key, bytes);
    expect(await read(key, { start: 699_990, end: 800_000 })).toEqual(bytes.subarray(699_990));
    expect(await read(key, { start: 700_000, end: 700_010 })).toHaveLength(0);
    expect(await read(key, { start: 900_000, end: 900_010 })).toHaveLength(0);
    await expect(store.get(newKey(), { start: 5, end: 5 })).rejects.toMatchObject({ code: 'not_found' });
    await expect(store.get(newKey(), { start: 5, end: 6 })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('keeps an empty object', async () => {
    const key = newKey();
    await store.put(key, (async function* () {})());
    expect(await read(key)).toHaveLength(0);
    expect(await read(key, { start: 0, end: 10 })).toHaveLength(0);
    expect(await store.find(key)).toMatchObject({ sizeBytes: 0 });
  });

  it('gives up a read before its first piece, and in the midst of it, as often as one likes', async () => {
    const key = newKey();
    await store.put(key, bytes);
    for (let i = 0; i < 30; i++) {
      const reading = (await store.get(key))[Symbol.asyncIterator]();
      if (i % 2 === 1) await reading.next();
      await reading.return?.();
      expect((await reading.next()).done).toBe(true);
    }
    expect((await read(key)).equals(bytes)).toBe(true);
  });

  it('gives pieces away: they share memory with nobody', async () => {
    const key = newKey();
    await store.put(key, bytes);
    for await (const piece of await store.get(key)) {
      expect(Object.getPrototypeOf(piece)).toBe(Uint8Array.prototype);
      free(piece);
    }
    expect((await read(key)).equals(bytes)).toBe(true);
  });

  it('takes a stream of any chunks', async () => {
    const key = bandKey(crypto.randomUUID(), 12, 3);
    await store.put(
      key,
      (async function* () {
        for (let i = 0; i < bytes.length; i += 99_999) yield bytes.subarray(i, i + 99_999);
      })(),
    );
    expect((await read(key)).equals(bytes)).toBe(true);
  });

  it('shows nothing of an object whose stream breaks', async () => {
    const key = newKey();
    const broken = (async function* () {
      yield bytes;
      throw new Error('the source broke');
    })();
    await expect(store.put(key, broken)).rejects.toThrow('the source broke');
    await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
    expect(await store.find(key)).toBeNull();
    expect(await namesIn(store.leftovers(), key)).toEqual([]);
  });

  it('leaves what was there when the stream that was to replace it breaks', async () => {
    const key = newKey();
    await store.put(key, bytes);
    const broken = (async function* () {
      yield Buffer.alloc(500_000, 1);
      throw new Error('the source broke');
    })();
    await expect(store.put(key, broken)).rejects.toThrow('the source broke');
    expect((await read(key)).equals(bytes)).toBe(true);
  });

  it('closes the stream that it is given, whatever happens', async () => {
    let closed = 0;
    const source = (async function* () {
      try {
        for (let i = 0; i < 3; i++) yield bytes;
      } finally {
        closed += 1;
      }
    })();
    await store.put(newKey(), source);
    expect(closed).toBe(1);
  });

  it('finds and lists what it has, with sizes and times', async () => {
    const [here, gone] = [newKey(), newKey()];
    const before = Date.now();
    await store.put(here, bytes);
    await store.put(gone, bytes);
    await store.remove(gone);
    expect(await store.find(gone)).toBeNull();
    const found = await store.find(here);
    expect(found).toMatchObject({ name: here, sizeBytes: 700_000 });
    // Some tell whole seconds.
    expect(Math.abs(found!.modifiedAt - before)).toBeLessThan(60_000);
    const listed = [];
    for await (const object of store.list()) if (object.name === here || object.name === gone) listed.push(object);
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ name: here, sizeBytes: 700_000 });
    expect(Math.abs(listed[0]!.modifiedAt - before)).toBeLessThan(60_000);
  });

  it('replaces an object at once: readers see the old or the new one', async () => {
    const key = newKey();
    const old = Buffer.alloc(300_000, 1);
    await store.put(key, old);
    const reading = read(key);
    await store.put(key, Buffer.alloc(300_000, 2));
    const seen = await reading;
    expect([1, 2]).toContain(seen[0]);
    expect(seen.every((byte) => byte === seen[0])).toBe(true);
    expect((await read(key))[0]).toBe(2);
  });

  it('keeps the last of many that put the same key at once, whole', async () => {
    const key = newKey();
    await Promise.all(Array.from({ length: 8 }, (_, i) => store.put(key, Buffer.alloc(50_000, i))));
    const seen = await read(key);
    expect(seen.every((byte) => byte === seen[0])).toBe(true);
  });

  it('removes, also what is not there', async () => {
    const key = newKey();
    await store.put(key, bytes);
    await store.remove(key);
    await store.remove(key);
    await expect(store.get(key)).rejects.toBeInstanceOf(Fault);
    await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses names that are none', async () => {
    for (const name of ['../escape', 'a/b', '', '.hidden', 'a\0b', 'x'.repeat(200)]) {
      await expect(store.put(name as ObjectKey, bytes)).rejects.toMatchObject({ code: 'invalid' });
      await expect(store.get(name as ObjectKey)).rejects.toMatchObject({ code: 'invalid' });
      await expect(store.remove(name as ObjectKey)).rejects.toMatchObject({ code: 'invalid' });
    }
  });

  it('refuses names that are none when it looks for them', async () => {
    await expect(store.find('a/b' as ObjectKey)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('answers and has room', async () => {
    await store.ping();
    expect(await store.hasRoom('result')).toBe(true);
  });
}

async function namesIn(items: AsyncIterable<{ readonly name: string }>, part: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of items) if (name.includes(part)) names.push(name);
  return names;
}
