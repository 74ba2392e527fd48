import type { OrderBody } from '../http/schemas.ts';

/** A range that values are drawn from; towards zero first, as documented: xa runs from -1 to -4. */
type Range = readonly [from: number, to: number];

/** What the Fractals application orders when it is told nothing. */
export const RANGES = {
  tasks: [1, 10],
  width: [256, 1024],
  height: [256, 1024],
  iterations: [128, 512],
  xa: [-1, -4],
  xb: [1, 4],
  ya: [-0.5, -3],
  yb: [0.5, 3],
} as const satisfies Record<string, Range>;

export type Drawn = keyof typeof RANGES;

/** What was asked for about one value: itself, or bounds to draw it from. */
export interface Wish {
  readonly value?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const WHOLE: ReadonlySet<Drawn> = new Set(['tasks', 'width', 'height', 'iterations']);

/**
 * The range that bounds leave: two bounds may come in either order; one bound beyond the documented range is the only value left,
 * so that no bound that was given is ever passed over.
 */
export function rangeOf(name: Drawn, { min, max }: Wish): Range {
  const [from, to] = RANGES[name];
  const direction = Math.sign(to - from);
  if (min !== undefined && max !== undefined) return [min, max];
  if (min !== undefined) return (min - to) * direction > 0 ? [min, min] : [min, to];
  if (max !== undefined) return (max - from) * direction < 0 ? [max, max] : [from, max];
  return [from, to];
}

/**
 * The value that was asked for, else one drawn from its range, whole numbers including both ends.
 * @param random gives doubles in [0, 1)
 */
export function drawValue(name: Drawn, wish: Wish, random: () => number): number {
  if (wish.value !== undefined) return wish.value;
  const range = rangeOf(name, wish);
  const low = Math.min(...range);
  const high = Math.max(...range);
  if (WHOLE.has(name)) return low + Math.floor(random() * (high - low + 1));
  return low + random() * (high - low);
}

export type Picture = Pick<OrderBody, 'width' | 'height' | 'iterations' | 'xa' | 'xb' | 'ya' | 'yb'>;

/** One picture, each of its values drawn afresh. */
export function drawPicture(wishes: Readonly<Record<Drawn, Wish>>, random: () => number): Picture {
  const draw = (name: Drawn): number => drawValue(name, wishes[name], random);
  return {
    width: draw('width'),
    height: draw('height'),
    iterations: draw('iterations'),
    xa: draw('xa'),
    xb: draw('xb'),
    ya: draw('ya'),
    yb: draw('yb'),
  };
}
