import { describe, expect, it } from 'vitest';
import { glide, speedOf } from '../../web/src/explore/fling.ts';

/** A move every 8 ms. @param way of each, CSS pixels */
const moves = (count: number, way: { x: number; y: number }) =>
  Array.from({ length: count }, (_, i) => ({ x: i * way.x, y: i * way.y, time: 1000 + i * 8 }));

describe('a picture that is let go', () => {
  it('has the speed that the pointer had last', () => {
    const speed = speedOf(moves(11, { x: 8, y: -4 }), 1080);
    expect(speed.x).toBeCloseTo(1, 10);
    expect(speed.y).toBeCloseTo(-0.5, 10);
  });

  it('rests when the pointer rested before, was slow, or has hardly moved', () => {
    const [fast, slow] = [moves(11, { x: 8, y: 0 }), moves(11, { x: 1, y: 1 })];
    for (const [made, now] of [
      [fast, 1200],
      [slow, 1080],
      [fast.slice(0, 1), 1001],
      [[], 0],
    ] as const)
      expect(speedOf(made, now)).toEqual({ x: 0, y: 0 });
  });

  it('is never so fast that nobody could follow', () => {
    const { x, y } = speedOf(moves(11, { x: 300, y: 400 }), 1080);
    expect([x, y].map((each) => Math.round(each * 1000) / 1000)).toEqual([2.4, 3.2]);
  });

  it('goes as far in many small steps as in one', () => {
    const start = { x: 2, y: -1 };
    const once = glide(start, 200);
    let [speed, x, y] = [start as { readonly x: number; readonly y: number }, 0, 0];
    for (let i = 0; i < 25; i++) {
      const step = glide(speed, 8);
      [speed, x, y] = [step.speed, x + step.way.x, y + step.way.y];
    }
    expect(x).toBeCloseTo(once.way.x, 9);
    expect(y).toBeCloseTo(once.way.y, 9);
    expect(speed.x).toBeCloseTo(once.speed.x, 12);
    // Some 260 px for each pixel of a millisecond.
    expect(glide(start, 1e6).way.x).toBeCloseTo(520, 9);
  });
});
