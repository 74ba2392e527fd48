import { expect, it } from 'vitest';
import { layoutOf, MAX_HEIGHT, rowsWithin, Scroll, topOfRow } from '../../web/src/gallery/window.ts';

const SEEN = 900;

it('has two columns on a telephone, and as many as fit elsewhere', () => {
  expect([328, 560, 1200, 2000].map((width) => layoutOf(width, 16, 100).columns)).toEqual([2, 2, 5, 8]);
  const layout = layoutOf(1200, 16, 101);
  expect(layout.rows).toBe(21);
  expect(5 * layout.cellWidth + 4 * layout.gap).toBeCloseTo(1200);
});

it('draws the rows in sight and two around them, and no others', () => {
  const layout = layoutOf(1200, 16, 100_000);
  const top = topOfRow(layout, 1000);
  const { first, last } = rowsWithin(layout, top, top + SEEN);
  expect(first).toBe(998);
  expect(last - first).toBeLessThanOrEqual(Math.ceil(SEEN / layout.cellHeight) + 5);
  expect(rowsWithin(layout, 0, SEEN).first).toBe(0);
  expect(rowsWithin(layout, layout.height - SEEN, layout.height).last).toBe(20_000);
});

it('is scrolled pixel by pixel while browsers can make it so high', () => {
  const layout = layoutOf(1200, 16, 100_000);
  expect(layout.height).toBeLessThan(MAX_HEIGHT);
  const scroll = new Scroll();
  scroll.moveTo(4_321_000, layout, SEEN);
  expect([scroll.position, scroll.offsetOf(topOfRow(layout, 7))]).toEqual([4_321_000, topOfRow(layout, 7)]);
});

it('reaches every row of millions: short ways pixel by pixel, long ones by their share', () => {
  const layout = layoutOf(1200, 16, 5_000_000);
  expect(layout.height).toBeGreaterThan(20 * MAX_HEIGHT);
  const scroll = new Scroll();
  scroll.moveTo(MAX_HEIGHT / 2, layout, SEEN);
  expect(scroll.position / layout.height).toBeCloseTo(0.5, 3);
  const before = scroll.position;
  for (let step = 1; step <= 20; step++) scroll.moveTo(MAX_HEIGHT / 2 + 100 * step, layout, SEEN);
  expect(scroll.position - before).toBe(2000);
  // What is at the position is where the window is.
  expect(scroll.offsetOf(scroll.position)).toBe(MAX_HEIGHT / 2 + 2000);
  scroll.moveTo(MAX_HEIGHT - SEEN, layout, SEEN);
  expect(scroll.position).toBe(layout.height - SEEN);
  scroll.moveTo(0, layout, SEEN);
  expect(scroll.position).toBe(0);
  const bar = scroll.barFor(topOfRow(layout, 600_000), layout, SEEN);
  expect(bar).toBeLessThan(MAX_HEIGHT);
  expect(scroll.offsetOf(topOfRow(layout, 600_000))).toBe(bar);
});
