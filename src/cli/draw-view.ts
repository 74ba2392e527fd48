import { isSmooth } from '../domain/palettes.ts';
import { PRESETS, type Preset, windowOf } from '../domain/presets.ts';
import type { OrderBody } from '../http/schemas.ts';

const SIZES = [
  [960, 640],
  [1200, 800],
  [800, 800],
  [800, 1000],
] as const;

/** The preset as an order of a picture of that size. */
export function orderOf(preset: Preset, width: number, height: number): OrderBody {
  const { formula, power, c, iterations, palette, density, offset, shade } = preset;
  return {
    formula,
    ...(power !== undefined && { power }),
    width,
    height,
    iterations,
    ...windowOf(preset, width, height),
    ...(c && { c_re: c.re, c_im: c.im }),
    palette,
    ...(density !== undefined && { density }),
    ...(offset !== undefined && { offset }),
    ...(shade !== undefined && { shade }),
  };
}

/**
 * One of the presets with some variation: nearer or farther, c nudged, the gradient turned, another size.
 * @param random gives doubles in [0, 1)
 */
export function drawView(random: () => number): OrderBody & { readonly name: string } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const between = (low: number, high: number): number => low + random() * (high - low);
  const preset = pick(PRESETS);
  const [width, height] = pick(SIZES);
  const nudge = (): number => between(-0.0005, 0.0005);
  const { c } = preset;
  const varied = {
    ...preset,
    ...(c && { c: { re: c.re + nudge(), im: c.im + nudge() } }),
    halfWidth: preset.halfWidth * between(0.85, 1.05),
    ...turned(preset, between(0, 0.15)),
  };
  return { name: preset.name, ...orderOf(varied, width, height), samples: 2 };
}

/** The gradient begins elsewhere; classic has none. */
const turned = ({ palette, offset = 0 }: Preset, by: number): Pick<Preset, 'offset'> =>
  isSmooth(palette) ? { offset: (offset + by) % 1 } : {};
