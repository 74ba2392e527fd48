import type { Rows } from '../domain/band.ts';
import { sampleAt } from '../domain/sampling.ts';
import type { Spec } from '../domain/spec.ts';

/*
 * The plain twin of kernel/: scalar, every test made, nothing clever. It is the oracle that the kernel must equal bit
 * for bit, so the order of operations is part of its meaning.
 * Source: docs/references.md#escape-time
 */

/**
 * Rows of escape counts.
 * @returns u32, one per pixel, row-major; 0..iterations; `iterations` means that the orbit never left
 */
export function plainCounts(spec: Spec, rows: Rows): Uint32Array {
  const { width, height, iterations, viewport, c } = spec;
  const counts = new Uint32Array(width * (rows.lastRow - rows.firstRow));
  const escapeCount = escapeCountOf(spec);
  let pixel = 0;
  for (let row = rows.firstRow; row < rows.lastRow; row++) {
    const y = sampleAt(row, height, viewport.ya, viewport.yb);
    for (let column = 0; column < width; column++) {
      const x = sampleAt(column, width, viewport.xa, viewport.xb);
      counts[pixel++] = c ? escapeCount(x, y, c.re, c.im, iterations) : escapeCount(0, 0, x, y, iterations);
    }
  }
  return counts;
}

/**
 * Number of the first test, from 0, at which the orbit of z under the formula with c is outside |z| = 2; `iterations` when none of that many
 * is.
 */
type EscapeCount = (zx: number, zy: number, cx: number, cy: number, iterations: number) => number;

/**
 * |z|² of each orbit so many steps after the first test that it failed.
 * @returns f64, one per pixel, row-major; NaN for orbits that never left
 */
export function plainSquares(spec: Spec, rows: Rows, extra: number): Float64Array {
  const { width, height, iterations, viewport, c, formula, power } = spec;
  const squares = new Float64Array(width * (rows.lastRow - rows.firstRow));
  const step = plainStep(formula, power);
  const [countOf, counts] = [escapeCountOf(spec), squares.length];
  for (let pixel = 0; pixel < counts; pixel++) {
    const sx = sampleAt(pixel % width, width, viewport.xa, viewport.xb);
    const sy = sampleAt(rows.firstRow + Math.floor(pixel / width), height, viewport.ya, viewport.yb);
    const [cx, cy] = c ? [c.re, c.im] : [sx, sy];
    let [x, y] = c ? [sx, sy] : [0, 0];
    const count = countOf(x, y, cx, cy, iterations);
    for (let i = 0; i < count + extra; i++) [x, y] = step(x, y, cx, cy);
    squares[pixel] = count < iterations ? x * x + y * y : Number.NaN;
  }
  return squares;
}

/**
 * The vectors Jᵀz and the squares |z|² that lights are made of, so many steps after the escape: kernel/light.ts.
 * @returns f64, four per pixel, row-major: along the real axis, along the imaginary one, |z|², and the count
 */
export function plainSlopes(spec: Spec, rows: Rows, extra: number): Float64Array {
  const { width, height, iterations, viewport, c, formula, power } = spec;
  const slopes = new Float64Array(4 * width * (rows.lastRow - rows.firstRow));
  const [step, push, countOf] = [plainStep(formula, power), plainPush(formula, power), escapeCountOf(spec)];
  const growth = c ? 0 : 1;
  for (let pixel = 0; pixel < slopes.length / 4; pixel++) {
    const sx = sampleAt(pixel % width, width, viewport.xa, viewport.xb);
    const sy = sampleAt(rows.firstRow + Math.floor(pixel / width), height, viewport.ya, viewport.yb);
    const [cx, cy] = c ? [c.re, c.im] : [sx, sy];
    let [x, y] = c ? [sx, sy] : [0, 0];
    const count = countOf(x, y, cx, cy, iterations);
    let [v, w]: [Point, Point] = c
      ? [
          [1, 0],
          [0, 1],
        ]
      : [
          [0, 0],
          [0, 0],
        ];
    for (let i = 0; i < count + extra; i++) {
      const [pushedV, pushedW] = [push(x, y, v), push(x, y, w)];
      v = [pushedV[0] + growth, pushedV[1]];
      w = [pushedW[0], pushedW[1] + growth];
      [x, y] = step(x, y, cx, cy);
    }
    slopes.set([v[0] * x + v[1] * y, w[0] * x + w[1] * y, x * x + y * y, count], 4 * pixel);
  }
  return slopes;
}

/** One step: the new z. */
type Step = (x: number, y: number, cx: number, cy: number) => readonly [x: number, y: number];

function escapeCountOf({ formula, power }: Spec): EscapeCount {
  if (formula === 'julia' || formula === 'mandelbrot') return quadratic;
  const step = plainStep(formula, power);
  return (zx, zy, cx, cy, iterations) => {
    let [x, y] = [zx, zy];
    for (let i = 0; i < iterations; i++) {
      if (x * x + y * y > 4) return i;
      [x, y] = step(x, y, cx, cy);
    }
    return iterations;
  };
}

function quadratic(zx: number, zy: number, cx: number, cy: number, iterations: number): number {
  let x = zx;
  let y = zy;
  for (let i = 0; i < iterations; i++) {
    const x2 = x * x;
    const y2 = y * y;
    if (x2 + y2 > 4) return i;
    const xy = x * y;
    y = xy + xy + cy;
    x = x2 - y2 + cx;
  }
  return iterations;
}

/** The steps of kernel/formulas/, one orbit at a time. */
export function plainStep(formula: Spec['formula'], power: number): Step {
  switch (formula) {
    case 'burning-ship':
      return (x, y, cx, cy) => {
        const xy = Math.abs(x * y);
        return [x * x - y * y + cx, xy + xy + cy];
      };
    case 'tricorn':
      return (x, y, cx, cy) => {
        const xy = x * y;
        return [x * x - y * y + cx, cy - (xy + xy)];
      };
    default:
      return (x, y, cx, cy) => {
        const [px, py] = raise([x, y], power);
        return [px + cx, py + cy];
      };
  }
}

/** What a step makes of a small displacement of z: its derivative along v. */
function plainPush(formula: Spec['formula'], power: number): (x: number, y: number, v: Point) => Point {
  switch (formula) {
    case 'burning-ship':
      return (x, y, v) => {
        const [px, py] = product([x, y], v);
        return [px + px, Math.sign(1 / (x * y)) < 0 ? -(py + py) : py + py];
      };
    case 'tricorn':
      return (x, y, v) => {
        const [px, py] = product([x, y], v);
        return [px + px, -(py + py)];
      };
    default:
      return (x, y, v) => {
        const [px, py] = product(power === 2 ? [x, y] : raise([x, y], power - 1), v);
        return [power * px, power * py];
      };
  }
}

type Point = readonly [x: number, y: number];

/** z to the power, by the products that kernel/formulas/multibrot.ts makes. */
function raise(z: Point, power: number): Point {
  if (power === 1) return z;
  if (power === 2 || power === 4 || power === 8) return squared(raise(z, power / 2));
  if (power === 6) return product(raise(z, 4), raise(z, 2));
  return product(raise(z, power - 1), z);
}

const product = ([ax, ay]: Point, [bx, by]: Point): Point => [ax * bx - ay * by, ax * by + ay * bx];

function squared([x, y]: Point): Point {
  const xy = x * y;
  return [x * x - y * y, xy + xy];
}
