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
  const { width, height, iterations, viewport, formula } = spec;
  const c = formula === 'julia' ? spec.c : null;
  const counts = new Uint32Array(width * (rows.lastRow - rows.firstRow));
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
 * Number of the first test, from 0, at which the orbit of z under z² + c is outside |z| = 2; `iterations` when none of
 * that many is.
 */
function escapeCount(zx: number, zy: number, cx: number, cy: number, iterations: number): number {
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
