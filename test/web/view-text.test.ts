import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMULAS } from '../../src/domain/formulas.ts';
import { PALETTES } from '../../src/domain/palettes.ts';
import { pictureText } from '../../src/domain/picture-text.ts';
import { HOME, specOf, type View } from '../../web/src/explore/view.ts';
import { coordinatesOf, queryOf, viewOfQuery, viewOfText } from '../../web/src/explore/view-text.ts';

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const point = fc.record({ re: double(-3, 3), im: double(-3, 3) });
const anyView: fc.Arbitrary<View> = fc
  .record({
    formula: fc.constantFrom(...FORMULAS),
    power: fc.integer({ min: 2, max: 8 }),
    c: fc.option(point),
    centre: point,
    halfWidth: double(1e-12, 60),
    iterations: fc.option(fc.integer({ min: 1, max: 100_000 })),
    palette: fc.constantFrom(...PALETTES),
    density: double(0.01, 900),
    offset: double(0, 1),
    interior: fc.constantFrom('#000000', '#ffffff', '#12ab9f'),
    shade: double(0, 1),
  })
  .map((view) => ({
    ...view,
    power: view.formula === 'multibrot' ? view.power : 2,
    c: view.formula === 'julia' ? (view.c ?? { re: 0.1, im: -0.2 }) : view.formula === 'mandelbrot' ? null : view.c,
  }));

/** -0 is written and read as 0. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a view as text', () => {
  it('is the same view when its address is read', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(plain(viewOfQuery(queryOf(view)))).toEqual(plain(view));
        expect(plain(viewOfText(`https://farm.example/explore?${queryOf(view)}`, HOME))).toEqual(plain(view));
      }),
      { numRuns: 2000 },
    );
  });

  it('shows the same place when its coordinates are copied and pasted', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { centre, halfWidth, c, formula } = viewOfText(coordinatesOf(view), view)!;
        expect(plain({ centre, halfWidth, c, formula })).toEqual(
          plain({ centre: view.centre, halfWidth: view.halfWidth, c: view.c, formula: view.formula }),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is read from an order, and from what people write', () => {
    const spec = specOf(HOME, { xa: -2, xb: 1, ya: -1, yb: 1 }, { width: 300, height: 200, samples: 1 });
    expect(viewOfText(pictureText(spec), HOME)).toMatchObject({ centre: { re: -0.5, im: 0 }, halfWidth: 1.5, iterations: 500 });
    expect(viewOfText('-0.75, 0.1, 0.01', HOME)).toMatchObject({ centre: { re: -0.75, im: 0.1 }, halfWidth: 0.01 });
    expect(viewOfText('−0.75 − 0.1i', HOME)).toMatchObject({ centre: { re: -0.75, im: -0.1 }, halfWidth: HOME.halfWidth });
    expect(viewOfText('centre 0.3 + 0.02i zoom 100', HOME)).toMatchObject({ halfWidth: HOME.halfWidth / 100 });
  });

  it('is nothing else', () => {
    for (const text of ['', 'here', '1', '{"xa":1}', '{', '1e999, 0', '0, 0, -1', 'https://farm.example/view/1']) {
      expect(viewOfText(text, HOME)).toBeNull();
    }
    fc.assert(fc.property(fc.string(), (text) => void viewOfText(text, HOME)));
    fc.assert(fc.property(fc.webQueryParameters(), (query) => void queryOf(viewOfQuery(query))));
    expect(viewOfQuery('?formula=nonsense&half=-1&at=1&palette=x&iterations=1.5&density=0')).toEqual(HOME);
  });
});
