import { formulaFacts } from '../../../src/domain/formulas.ts';
import { type Preset, PRESETS as VIEWS, windowOf } from '../../../src/domain/presets.ts';
import type { Formula, OrderValues } from './order-values.ts';

const WIDTH = 1200;
const HEIGHT = 800;

/** The edges of the preset's window, as short as they can be without being off by a thousandth of a pixel. */
function edgesOf(view: Pick<Preset, 'centre' | 'halfWidth'>): Pick<OrderValues, 'xa' | 'xb' | 'ya' | 'yb'> {
  const decimals = 6 - Math.floor(Math.log10(view.halfWidth));
  const { xa, xb, ya, yb } = windowOf(view, WIDTH, HEIGHT);
  const text = (value: number): string => String(Number(value.toFixed(decimals)));
  return { xa: text(xa), xb: text(xb), ya: text(ya), yb: text(yb) };
}

/** The order form's values for a preset. */
export function valuesOfPreset(preset: Preset): OrderValues {
  const { formula, power = 3, c, iterations, palette, density = 1, offset = 0, shade = 0 } = preset;
  return {
    formula,
    power: String(power),
    width: String(WIDTH),
    height: String(HEIGHT),
    iterations: String(iterations),
    ...edgesOf(preset),
    choice: c ? 'given' : 'pixel',
    c_re: c ? String(c.re) : '',
    c_im: c ? String(c.im) : '',
    seed: '',
    palette,
    density: String(density),
    offset: String(offset),
    interior: '#000000',
    shade: String(shade),
    samples: '2',
  };
}

/** Views worth starting from. */
export const PRESETS: readonly { readonly name: string; readonly values: OrderValues }[] = VIEWS.map((preset) => ({
  name: preset.title,
  values: valuesOfPreset(preset),
}));

/** What the form begins with. */
export const DEFAULTS: OrderValues = PRESETS.find(({ name }) => name === 'Feathers')!.values;

/** A window in the form's own shape that shows all of a formula. */
function wholeOf(formula: Formula): Pick<OrderValues, 'xa' | 'xb' | 'ya' | 'yb'> {
  const { xa, xb, ya, yb } = formulaFacts(formula).viewport;
  const halfWidth = Math.max((xb - xa) / 2, (((yb - ya) / 2) * WIDTH) / HEIGHT);
  return edgesOf({ centre: { re: (xa + xb) / 2, im: (ya + yb) / 2 }, halfWidth });
}

/** Each formula has a window of its own to begin with; one that was typed stays. */
export function withFormula(values: OrderValues, formula: Formula): Partial<OrderValues> {
  const isAsBegun = [DEFAULTS, wholeOf(values.formula)].some((begun) =>
    (['xa', 'xb', 'ya', 'yb'] as const).every((name) => values[name] === begun[name]),
  );
  const window = isAsBegun ? wholeOf(formula) : {};
  if (formula !== 'julia') return { formula, ...window, choice: 'pixel' };
  return { formula, ...window, ...withChoice(values, values.choice === 'pixel' ? 'given' : values.choice) };
}

/** A c that is to be given is there to begin with. */
export function withChoice({ c_re, c_im }: OrderValues, choice: OrderValues['choice']): Partial<OrderValues> {
  const isMissing = choice === 'given' && c_re === '' && c_im === '';
  return { choice, ...(isMissing && { c_re: DEFAULTS.c_re, c_im: DEFAULTS.c_im }) };
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
