import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FractalId } from '../../src/domain/ids.ts';
import type { KnownObject } from '../../src/domain/ledger.ts';
import { bandKey, pictureKey, sumsKey, thumbnailKey } from '../../src/domain/store.ts';
import type { OpenedDatabase } from '../../src/repository/build.ts';
import { aFractal } from '../support/specs.ts';

const RESULT = { sha256: 'a'.repeat(64), sizeBytes: 100, split: 60, adler: 1, mirrorAdler: 1, renderMs: 1 };

/** What every database knows of objects (src/domain/ledger.ts). */
export function ledgerContract(open: () => Promise<OpenedDatabase>): void {
  let repository: OpenedDatabase;
  beforeAll(async () => {
    repository = await open();
  });
  afterAll(() => repository[Symbol.asyncDispose]());

  const deliver = async (id: FractalId, band: number) => {
    const tokenHash = crypto.randomUUID();
    const lease = { fractal: id, band, tokenHash, leaseMs: 60_000, host: 'h', engineVersion: 'e1' };
    const { attempt } = (await repository.bands.claim(lease))!;
    await repository.bands.accept({ fractal: id, band, attempt, tokenHash }, RESULT);
    return attempt;
  };
  const known = async (fractals: number): Promise<KnownObject[]> => {
    const found: KnownObject[] = [];
    let page = await repository.ledger.page(0, fractals);
    for (; page; page = await repository.ledger.page(page.lastSeq, fractals)) found.push(...page.objects);
    return found;
  };
  const ofFractal = async (id: FractalId) => (await known(2)).filter(({ fractal }) => fractal === id);

  describe('its ledger', () => {
    it('knows the delivered bands of what is unfinished, then its picture, sums and thumbnail, and in the end nothing', async () => {
      for (let i = 0; i < 3; i++) await repository.fractals.add(aFractal());
      const order = aFractal({ bands: 2 });
      const { id, storeKey } = order;
      await repository.fractals.add(order);
      expect(await repository.ledger.count()).toBeGreaterThanOrEqual(4);
      expect(await ofFractal(id)).toEqual([]);
      const band = bandKey(storeKey, 0, await deliver(id, 0));
      expect(await ofFractal(id)).toEqual([{ fractal: id, kind: 'band', key: band, sizeBytes: 100, sha256: 'a'.repeat(64) }]);
      expect(await repository.ledger.strangers([band, pictureKey(storeKey, 1)])).toEqual(new Set());
      await deliver(id, 1);
      const { attempt } = (await repository.assemblies.claim(60_000))!;
      const [key, sums] = [pictureKey(storeKey, attempt), sumsKey(storeKey, attempt)];
      const picture = { checksum: 'c'.repeat(64), sizeBytes: 7, key, sums: { key: sums, checksum: 'f'.repeat(64) } };
      await repository.assemblies.finish(id, attempt, picture);
      const thumbnail = thumbnailKey(storeKey);
      expect(await ofFractal(id)).toEqual([
        { fractal: id, kind: 'picture', key, sizeBytes: 7, sha256: 'c'.repeat(64) },
        { fractal: id, kind: 'sums', key: sums, sizeBytes: null, sha256: 'f'.repeat(64) },
        { fractal: id, kind: 'thumbnail', key: thumbnail, sizeBytes: null, sha256: null },
      ]);
      // Its bands are trash, which is swept in any case; another attempt's picture is nobody's.
      const other = pictureKey(storeKey, attempt + 1);
      expect(await repository.ledger.strangers([key, sums, thumbnail, band, other])).toEqual(new Set([other]));
      await repository.fractals.remove(id);
      expect(await ofFractal(id)).toEqual([]);
      const trash = await repository.trash.list(1000, -60_000);
      await repository.trash.forget(trash.map((each) => each.id));
      expect(await repository.ledger.strangers([key, band])).toEqual(new Set([key, band]));
    });

    it('knows nothing of names that are none, nor of another order under the same uuid', async () => {
      const order = aFractal();
      await repository.fractals.add(order);
      const names = ['', 'x', '.hidden', `${order.id}-other.1.png`, order.storeKey];
      expect(await repository.ledger.strangers(names)).toEqual(new Set(names));
      expect(await repository.ledger.strangers([])).toEqual(new Set());
    });
  });
}
