import type { OrderValues } from './order-values.ts';

/** With 32n + 1 iterations the classic palette paints black what never leaves. */
const JULIA: OrderValues = {
  formula: 'julia',
  width: '1024',
  height: '768',
  iterations: '513',
  xa: '-1.6',
  xb: '1.6',
  ya: '-1.2',
  yb: '1.2',
  choice: 'given',
  c_re: '-0.8',
  c_im: '0.156',
  seed: '',
};
const MANDELBROT: OrderValues = {
  ...JULIA,
  formula: 'mandelbrot',
  xa: '-2.25',
  xb: '0.75',
  ya: '-1.125',
  yb: '1.125',
  c_re: '',
  c_im: '',
};

/** What the form begins with. */
export const DEFAULTS: OrderValues = JULIA;
/** The whole Mandelbrot set, for those who change the formula. */
export const WHOLE_MANDELBROT: OrderValues = MANDELBROT;

/** Views worth starting from. */
export const PRESETS: readonly { readonly name: string; readonly values: OrderValues }[] = [
  { name: 'Spirals', values: JULIA },
  { name: 'Rabbit', values: { ...JULIA, c_re: '-0.123', c_im: '0.745' } },
  { name: 'Dragon', values: { ...JULIA, c_re: '-0.7269', c_im: '0.1889' } },
  { name: 'Lace', values: { ...JULIA, height: '1024', xa: '-1.2', xb: '1.2', c_re: '0.285', c_im: '0.01' } },
  { name: 'Whole Mandelbrot set', values: MANDELBROT },
  {
    name: 'Seahorse valley',
    values: { ...MANDELBROT, iterations: '2017', xa: '-0.7463', xb: '-0.7443', ya: '0.11195', yb: '0.11345' },
  },
];

/**
 * A random order in the documented ranges.
 * @param random in [0, 1)
 */
export function randomOrder(random: () => number): OrderValues {
  const between = (low: number, high: number): number => low + random() * (high - low);
  const whole = (low: number, high: number): string => String(Math.floor(between(low, high + 1)));
  const bound = (low: number, high: number): string => between(low, high).toFixed(4);
  return {
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
