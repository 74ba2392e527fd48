import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Place } from '../../src/cli/s3-place.ts';
import { type Inventory, pictureKey } from '../../src/domain/store.ts';
import { findCloud } from '../../src/openstack/clouds.ts';
import { openService } from '../../src/openstack/service.ts';
import { openS3Store } from '../../src/store/s3.ts';
import { openSwiftStore } from '../../src/store/swift.ts';
import { type FlippingProxy, startFlippingProxy } from '../support/flipping-proxy.ts';
import { type PrivateSwift, startSwift } from '../support/servers/swift.ts';

const PART = 5 * 2 ** 20;
const SMALL = 100_000;

/** Bytes that change on their way: a checksum that was sent along tells. */
describe('an object of which one bit is changed on its way', () => {
  const opened = new AsyncDisposableStack();
  let swift: PrivateSwift;
  let proxy: FlippingProxy;
  beforeAll(async () => {
    swift = opened.use(await startSwift());
    proxy = opened.use(await startFlippingProxy(swift.s3Endpoint));
  }, 400_000);
  afterAll(() => opened.disposeAsync());

  const stores: Record<string, () => Promise<Inventory>> = {
    'swift:': async () => {
      const environment = { ...swift.environment, OS_OBJECT_STORE_ENDPOINT_OVERRIDE: `${proxy.url}/v1/AUTH_${swift.projectId}` };
      const service = openService(await findCloud(environment), 'object-store');
      return await openSwiftStore(service, 'flipped', { segments: { first: PART } });
    },
    's3:': async () => {
      const place = s3Place({ bucket: 'flipped', endpoint: proxy.url }, swift.s3Environment);
      return await openS3Store({ ...place, parts: { first: PART } });
    },
  };
  const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const found: T[] = [];
    for await (const item of items) found.push(item);
    return found;
  };

  describe.each(Object.keys(stores))('in the store %s', (scheme) => {
    it.each([
      ['in one piece', SMALL, (method: string, path: string) => method === 'PUT' && path.includes('.png')],
      [
        'in its second piece of four',
        3.5 * PART,
        (method: string, path: string) => method === 'PUT' && /00000001$|partNumber=2/.test(path),
      ],
    ])(
      'is refused, %s, and nothing of it is left',
      async (_, size, isHit) => {
        await using store = await stores[scheme]!();
        const key = pictureKey(crypto.randomUUID(), 1);
        const from = proxy.flipped.length;
        proxy.flips(isHit);
        const error = await store.put(key, Buffer.alloc(size, 7)).then(
          () => null,
          (fault) => fault,
        );
        proxy.flips(() => false);
        // The service has compared, and said so.
        expect(proxy.flipped.slice(from).at(-1)).toMatch(scheme === 'swift:' ? / 422$/ : / 400$/);
        expect(error).toMatchObject({ code: 'unavailable' });
        expect(error.message).not.toMatch(/\n/);
        expect(await store.find(key)).toBeNull();
        expect(await all(store.list())).toEqual([]);
        expect(await all(store.leftovers())).toEqual([]);
        // The same bytes, unharmed, are welcome.
        await store.put(key, Buffer.alloc(size, 7));
        expect(await store.find(key)).toMatchObject({ sizeBytes: size });
        await store.remove(key);
      },
      120_000,
    );
  });

  it('is sent again by the store swift:, and is right when that happened once', async () => {
    await using store = await stores['swift:']!();
    const key = pictureKey(crypto.randomUUID(), 1);
    const from = proxy.flipped.length;
    let isFirst = true;
    proxy.flips((method, path) => {
      const isHit = isFirst && method === 'PUT' && path.includes(key);
      isFirst &&= !isHit;
      return isHit;
    });
    const bytes = Buffer.alloc(SMALL, 7);
    await store.put(key, bytes);
    expect(proxy.flipped.slice(from)).toEqual([expect.stringMatching(/ 422$/)]);
    const pieces: Uint8Array[] = [];
    for await (const piece of await store.get(key)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    await store.remove(key);
  }, 60_000);
});
