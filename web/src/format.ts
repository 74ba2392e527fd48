import type { Fractal } from './api/client.ts';

const count = new Intl.NumberFormat('en-GB');
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });

/** With a real minus sign; `digits` significant digits, all of them by default. */
export function formatNumber(value: number, digits?: number): string {
  const text = digits === undefined ? String(value) : String(Number(value.toPrecision(digits)));
  return text.replaceAll('-', '−');
}

export const formatCount = (value: number): string => count.format(value);

export function formatComplex(re: number, im: number, digits?: number): string {
  return `${formatNumber(re, digits)} ${im < 0 ? '−' : '+'} ${formatNumber(Math.abs(im), digits)}i`;
}

/** `formula` as people call it. */
export const formulaName = (formula: Fractal['formula']): string =>
  ({
    julia: 'Julia set',
    mandelbrot: 'Mandelbrot set',
    multibrot: 'Multibrot set',
    'burning-ship': 'Burning ship',
    tricorn: 'Tricorn',
  })[formula];

/** `state` in a word. */
export const stateName = (state: Fractal['state']): string =>
  ({
    queued: 'Waiting',
    rendering: 'Drawing',
    assembling: 'Finishing',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
  })[state];

/** A few words that tell one fractal from another. */
export function titleOf({ formula, c_re, c_im, xa, xb, ya, yb }: Fractal, digits = 4): string {
  const short = formulaName(formula).replace(' set', '');
  if (c_re !== null && c_im !== null) return `${short} ${formatComplex(c_re, c_im, digits)}`;
  const showsAll = Math.abs(xb - xa) >= 2 && Math.abs(yb - ya) >= 2;
  return showsAll ? formulaName(formula) : `${short} ${formatComplex((xa + xb) / 2, (ya + yb) / 2, digits)}`;
}

/** For those who cannot see the picture. */
export function altTextOf(fractal: Fractal): string {
  const { formula, c_re, c_im, xa, xb, ya, yb } = fractal;
  const c = c_re === null || c_im === null ? '' : ` of c = ${formatComplex(c_re, c_im, 4)}`;
  return `${formulaName(formula)}${c}, real parts ${range(xa, xb)}, imaginary parts ${range(ya, yb)}`;
}

const range = (from: number, to: number): string => `${formatNumber(from, 4)} to ${formatNumber(to, 4)}`;

/** @param bytes at least 0 */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${['', 'kB', 'MB', 'GB'][power]}`;
}

/** @param seconds of rendering */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  if (seconds < 120) return `${Number(seconds.toPrecision(3))} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** Rounded down: 100 % is only said when it is true. @param share 0..1 */
export const formatPercent = (share: number): string => `${Math.floor(share * 100)} %`;

/** "3 minutes ago" */
export function formatAgo(at: string, now: number): string {
  const seconds = Math.min(0, (Date.parse(at) - now) / 1000);
  if (seconds > -45) return 'just now';
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}

export const formatMoment = (at: string): string =>
  new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** 3.2 billion */
export function formatSteps(steps: number): string {
  const [unit, word] = (
    [
      [1e12, 'trillion'],
      [1e9, 'billion'],
      [1e6, 'million'],
    ] as const
  ).find(([least]) => steps >= least) ?? [1, ''];
  return `${formatCount(Number((steps / unit).toPrecision(3)))} ${word}`.trim();
}
