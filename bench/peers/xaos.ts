import { join } from 'node:path';
import type { Spec } from '../../src/domain/spec.ts';
import type { Program } from './program.ts';

/*
 * XaoS; -render draws a position file as an animation of one frame and writes PNG. It counts in 80-bit long doubles, whatever the zoom. No
 * filters, no truecolor, the default colours by whole steps.
 * Source: xaos -help, the examples in /usr/share/XaoS, and what its pictures and times show
 */

/**
 * Every pixel computed, to the last step: no solid guessing, no cycle detection (which takes some 500 pixels of M1's outside for inside), and
 * the inside in many colours (by Re z / Im z). Under one colour XaoS follows the borders of Mandelbrot pictures' areas and fills them, so that
 * an inside costs no more than its edge, and draws one half of M1 as the mirror of the other; there is no other switch for these two.
 */
export const xaos = xaosWith('xaos', ['(range 0)', '(periodicity #f)', '(incoloring 2)'], null);
/** As it comes: all of these, and a black inside. */
export const defaultXaos = xaosWith('xaos by default', [], 0x000000);

function xaosWith(name: string, settings: readonly string[], inside: number | null): Program {
  return {
    name,
    debianPackage: 'xaos',
    versionCommand: ['xaos', '-help'],
    drawing(spec, folder) {
      const { window, drawn } = aligned(spec, inside !== null);
      const input = { path: join(folder, 'view.xpf'), text: positionOf(spec, settings, window) };
      const picture = join(folder, 'xaos');
      const command = ['xaos', '-threads', '1', ...shapeOf(spec), '-render', input.path, '-basename', picture];
      return { input, command, output: `${picture}000000.png`, inside, drawn };
    },
  };
}

/** centre and spans, as (view) has them */
type Window = readonly [x: number, y: number, width: number, height: number];

/** A square pixel's side. XaoS keeps shapes true: a window of 4:3 fills a square picture only on a screen with pixels as wide. */
const PIXEL_CM = 0.03;

function shapeOf({ viewport: { xa, xb, ya, yb }, width, height }: Spec): string[] {
  const pixelWidth = (PIXEL_CM * (xb - xa) * height) / ((yb - ya) * width);
  return ['-size', `${width}x${height}`, '-pixelwidth', `${pixelWidth}`, '-pixelheight', `${PIXEL_CM}`];
}

function positionOf({ c, iterations }: Spec, settings: readonly string[], window: Window): string {
  const julia = c ? [`(juliaseed ${c.re} ${c.im})`, '(julia #t)'] : [];
  const lines = [`(formula 'mandel)`, `(maxiter ${iterations})`, ...julia, ...settings, `(view ${window.join(' ')})`];
  return ['(initstate)', '(defaultpalette 0)', ...lines, ''].join('\n');
}

/**
 * The window that makes XaoS draw the points that we draw, found by comparing pictures with counts. It puts the n points of a side at multiples
 * of 1 / (n + 1) about the middle; but where it follows borders, at the pixels' upper left corners, and with the real axis in the window it
 * then moves the rows by less than one, so that one is on the axis and can be the mirror: of M1, whose axis is between two of our rows, it
 * draws rows half a row off.
 */
function aligned(spec: Spec, followsBorders: boolean): { window: Window; drawn: Spec } {
  const { c, width, height, viewport } = spec;
  const { xa, xb, ya, yb } = viewport;
  const [x, y, stepX, stepY] = [(xa + xb) / 2, (ya + yb) / 2, (xb - xa) / (width - 1), (yb - ya) / (height - 1)];
  if (c || !followsBorders) return { window: [x, y, stepX * (width + 1), stepY * (height + 1)], drawn: spec };
  const [spanX, spanY, halfRow] = [stepX * width, stepY * height, stepY / 2];
  if (ya !== -yb) return { window: [x + stepX / 2, y + halfRow, spanX, spanY], drawn: spec };
  return {
    window: [x + stepX / 2, y, spanX, spanY],
    drawn: { ...spec, viewport: { ...viewport, ya: ya - halfRow, yb: yb - halfRow } },
  };
}
