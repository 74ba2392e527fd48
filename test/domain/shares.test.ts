import { expect, it } from 'vitest';
import { sharesOf } from '../../src/domain/shares.ts';

const band = (number: number, host: string, renderMs = 1) => ({ band: number, host, renderMs });

it('tells who drew which bands, most first, and how long that took', () => {
  const drawn = [band(0, 'b', 5), band(1, 'b', 6), band(2, 'a', 7), band(3, 'b', 8), band(4, 'c', 9)];
  expect(sharesOf(drawn)).toEqual([
    {
      host: 'b',
      bands: 3,
      renderMs: 19,
      ranges: [
        [0, 1],
        [3, 3],
      ],
    },
    { host: 'a', bands: 1, renderMs: 7, ranges: [[2, 2]] },
    { host: 'c', bands: 1, renderMs: 9, ranges: [[4, 4]] },
  ]);
  expect(sharesOf([])).toEqual([]);
});
