import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sharesOf } from '../../src/domain/shares.ts';
import { sharesOfText, sharesText } from '../../src/repository/shares-text.ts';

const drawnBy = (hosts: readonly string[]) => sharesOf(hosts.map((host, band) => ({ band, host, renderMs: 1 })));

it('loses no band and counts none twice on its way through a row', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 60 }), (hosts) => {
      const read = sharesOfText(sharesText(drawnBy(hosts)));
      expect(read).toEqual(drawnBy(hosts));
      const by: string[] = [];
      for (const { host, ranges } of read)
        for (const [first, last] of ranges ?? [])
          for (let band = first; band <= last; band++) {
            expect(by[band]).toBeUndefined();
            by[band] = host;
          }
      expect(by).toEqual(hosts);
    }),
  );
});

it('reads what was written before it was kept which bands they were', () => {
  expect(sharesOfText('[["a",3,4.5]]')).toEqual([{ host: 'a', bands: 3, renderMs: 4.5, ranges: null }]);
});

it('has room for four thousand bands that forty hosts drew in turns, and keeps the counts where there is none', () => {
  const turns = (hosts: number, bands: number) =>
    drawnBy(Array.from({ length: bands }, (_, band) => `worker-${band % hosts}.example.org`));
  expect(sharesOfText(sharesText(turns(40, 4_096)))).toEqual(turns(40, 4_096));
  const many = sharesText(turns(200, 20_000));
  expect(Buffer.byteLength(many)).toBeLessThan(65_536);
  expect(sharesOfText(many)).toEqual(turns(200, 20_000).map((share) => ({ ...share, ranges: null })));
});

it('names two hundred hosts at most, and fits whatever their names are', () => {
  const hosts = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(253, 'x'));
  const text = sharesText(drawnBy(hosts));
  expect(sharesOfText(text)).toHaveLength(200);
  expect(Buffer.byteLength(text)).toBeLessThan(65_536);
});
