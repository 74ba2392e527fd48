import { isSmooth } from '../../../src/domain/palettes.ts';
import type { Spec, Viewport } from '../../../src/domain/spec.ts';
import type { Fractal } from '../api/client.ts';

/** Windows of which at least this share of both together is in both show the same. */
const SAME_SHARE = 2 / 3;

/** Whether a fractal shows the same, at whatever size: then as many of its steps are saved, and a step takes as long. */
export function showsThe(spec: Spec, { xa, xb, ya, yb, ...fractal }: Fractal): boolean {
  const isSame = fractal.formula === spec.formula && fractal.power === spec.power && fractal.iterations === spec.iterations;
  const c = spec.c ?? { re: null, im: null };
  const isPaintedAlike = isSmooth(fractal.palette) === isSmooth(spec.palette) && fractal.shade > 0 === spec.shade > 0;
  if (!isSame || !isPaintedAlike || fractal.c_re !== c.re || fractal.c_im !== c.im) return false;
  return sharedOf({ xa, xb, ya, yb }, spec.viewport) >= SAME_SHARE;
}

/** The part that two windows share, of all that they show together: 0..1. */
function sharedOf(a: Viewport, b: Viewport): number {
  const [width, height] = (['x', 'y'] as const).map((axis) => {
    const [ends, others] = [a, b].map((window) => [window[`${axis}a`], window[`${axis}b`]].sort((one, two) => one - two));
    return Math.max(0, Math.min(ends![1]!, others![1]!) - Math.max(ends![0]!, others![0]!));
  });
  const shared = width! * height!;
  return shared / (areaOf(a) + areaOf(b) - shared);
}

const areaOf = ({ xa, xb, ya, yb }: Viewport): number => Math.abs((xb - xa) * (yb - ya));
