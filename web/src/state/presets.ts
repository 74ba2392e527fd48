import { formulaFacts } from '../../../src/domain/formulas.ts';
import { type Preset, PRESETS as VIEWS, windowOf } from '../../../src/domain/presets.ts';
import type { Formula, OrderValues } from './order-values.ts';

const WIDTH = 1200;
const HEIGHT = 800;

const textOf = (value: number): string => String(Number(value.toPrecision(15)));

function valuesOf(preset: Preset): OrderValues {
  const { formula, power = 3, c, iterations, palette, density = 1, offset = 0 } = preset;
  const { xa, xb, ya, yb } = windowOf(preset, WIDTH, HEIGHT);
  return {
    formula,
    power: String(power),
    width: String(WIDTH),
    height: String(HEIGHT),
    iterations: String(iterations),
    xa: textOf(xa),
    xb: textOf(xb),
    ya: textOf(ya),
    yb: textOf(yb),
    choice: c ? 'given' : 'pixel',
    c_re: c ? String(c.re) : '',
    c_im: c ? String(c.im) : '',
    seed: '',
    palette,
    density: String(density),
    offset: String(offset),
    interior: '#000000',
    samples: '2',
  };
}

/** Views worth starting from. */
export const PRESETS: readonly { readonly name: string; readonly values: OrderValues }[] = VIEWS.map((preset) => ({
  name: preset.title,
  values: valuesOf(preset),
}));

/** What the form begins with. */
export const DEFAULTS: OrderValues = PRESETS.find(({ name }) => name === 'Feathers')!.values;

/** A window in the form's own shape that shows all of a formula. */
export function wholeOf(formula: Formula): Pick<OrderValues, 'xa' | 'xb' | 'ya' | 'yb'> {
  const { xa, xb, ya, yb } = formulaFacts(formula).viewport;
  const halfWidth = Math.max((xb - xa) / 2, (((yb - ya) / 2) * WIDTH) / HEIGHT);
  const window = windowOf({ centre: { re: (xa + xb) / 2, im: (ya + yb) / 2 }, halfWidth }, WIDTH, HEIGHT);
  return { xa: textOf(window.xa), xb: textOf(window.xb), ya: textOf(window.ya), yb: textOf(window.yb) };
}

/**
 * A random order in the documented ranges.
 * @param random in [0, 1)
 */
export function randomOrder(random: () => number): OrderValues {
  const between = (low: number, high: number): number => low + random() * (high - low);
  const whole = (low: number, high: number): string => String(Math.floor(between(low, high + 1)));
  const bound = (low: number, high: number): string => between(low, high).toFixed(4);
  return {
    ...DEFAULTS,
    formula: 'julia',
    width: whole(256, 1024),
    height: whole(256, 1024),
    iterations: whole(128, 512),
    xa: bound(-4, -1),
    xb: bound(1, 4),
    ya: bound(-3, -0.5),
    yb: bound(0.5, 3),
    choice: 'seed',
    c_re: '',
    c_im: '',
    seed: whole(0, 0xffff_ffff),
  };
}
