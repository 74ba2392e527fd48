import type { Formula } from './formulas.ts';
import type { Palette } from './palettes.ts';
import type { Complex, Viewport } from './spec.ts';

/** A view worth seeing. */
export interface Preset {
  /** for the command line: lower case, hyphens */
  readonly name: string;
  readonly title: string;
  readonly formula: Formula;
  /** of multibrot */
  readonly power?: number;
  readonly c?: Complex;
  readonly centre: Complex;
  /** of the window, in a picture that is wider than high */
  readonly halfWidth: number;
  readonly iterations: number;
  readonly palette: Palette;
  readonly density?: number;
  readonly offset?: number;
  readonly shade?: number;
}

type Colours = Pick<Preset, 'palette' | 'density' | 'offset' | 'shade'>;

const at = (re: number, im: number): Complex => ({ re, im });

function julia(title: string, c: Complex, halfWidth: number, iterations: number, colours: Colours): Preset {
  return { name: nameOf(title), title, formula: 'julia', c, centre: at(0, 0), halfWidth, iterations, ...colours };
}

function view(
  title: string,
  formula: Formula,
  centre: Complex,
  halfWidth: number,
  iterations: number,
  colours: Colours & Pick<Preset, 'power' | 'c'>,
): Preset {
  return { name: nameOf(title), title, formula, centre, halfWidth, iterations, ...colours };
}

const nameOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

/** Chosen by eye, all of them. */
export const PRESETS: readonly Preset[] = [
  view('Mandelbrot set', 'mandelbrot', at(-0.65, 0), 1.9, 1000, { palette: 'lagoon' }),
  julia('Feathers', at(-0.8, 0.156), 1.6, 800, { palette: 'ember' }),
  view('Seahorse valley', 'mandelbrot', at(-0.7453, 0.1127), 0.004, 2500, { palette: 'aurora', shade: 0.7 }),
  julia('Douady rabbit', at(-0.123, 0.745), 1.75, 800, { palette: 'orchid' }),
  view('Burning ship', 'burning-ship', at(-0.45, -0.5), 1.9, 600, { palette: 'magma' }),
  view('Armada', 'burning-ship', at(-1.762, -0.028), 0.05, 800, { palette: 'ember' }),
  view('Elephant valley', 'mandelbrot', at(0.2925, 0.0149), 0.006, 2500, { palette: 'sepia' }),
  julia('Dragon', at(-0.835, -0.2321), 1.65, 1000, { palette: 'twilight' }),
  view('Tricorn', 'tricorn', at(-0.25, 0), 2.6, 600, { palette: 'viridis' }),
  julia('Galaxies', at(-0.7269, 0.1889), 0.5, 2000, { palette: 'lagoon' }),
  view('Deep in the valley', 'mandelbrot', at(-0.7436438870371587, 0.131825904205312), 0.00003, 5000, {
    palette: 'ember',
    density: 2,
  }),
  view('Cubic Mandelbrot set', 'multibrot', at(0, 0), 2.3, 600, { power: 3, palette: 'forest' }),
  view('Quartic Mandelbrot set', 'multibrot', at(-0.1, 0), 1.9, 600, { power: 4, palette: 'orchid' }),
  view('Octic Mandelbrot set', 'multibrot', at(0, 0), 1.8, 600, { power: 8, palette: 'aurora' }),
  julia('Snowflakes', at(-0.70176, -0.3842), 1.5, 800, { palette: 'lagoon', offset: 0.35 }),
  julia('Spirals', at(0.285, 0.01), 1.25, 1500, { palette: 'twilight', density: 1.5 }),
  julia('Lightning', at(-0.4, 0.6), 0.9, 1500, { palette: 'aurora' }),
  julia('Dendrite', at(0, 1), 1.85, 600, { palette: 'sepia' }),
  julia('San Marco', at(-0.75, 0.05), 1.7, 1500, { palette: 'forest', density: 1.5 }),
  julia('Corals', at(0.355, 0.355), 1.4, 1200, { palette: 'magma' }),
  view('Satellite', 'mandelbrot', at(-1.7567, 0), 0.04, 2000, { palette: 'orchid' }),
  view('Sun', 'mandelbrot', at(-0.7766, -0.13665), 0.002, 4000, { palette: 'ember', density: 1.5 }),
  view('Scepter', 'mandelbrot', at(-1.2567, 0.3803), 0.02, 2000, { palette: 'viridis' }),
  view('Surf', 'mandelbrot', at(-0.0875, 0.6546), 0.004, 3000, { palette: 'lagoon', density: 1.5 }),
  view('Crossing', 'mandelbrot', at(-0.5623, 0.6428), 0.01, 2500, { palette: 'orchid', density: 1.5 }),
  view('Snail', 'mandelbrot', at(-0.7453, 0.1127), 0.000975, 2017, { palette: 'classic' }),
  view('Mini set', 'mandelbrot', at(-0.1592, 1.0338), 0.025, 2000, { palette: 'twilight' }),
  view('Tapestry', 'burning-ship', at(0, 0), 1.65, 800, { c: at(-0.5, -1.1), palette: 'viridis' }),
  view('Tricorn star', 'tricorn', at(0, 0), 1.7, 800, { c: at(0.3, 0.75), palette: 'aurora' }),
  view('Cubic rabbit', 'multibrot', at(0, 0), 1.45, 1000, { power: 3, c: at(0.54, 0.2), palette: 'ember' }),
  view('Quintic pearls', 'multibrot', at(0, 0), 1.7, 1000, { power: 5, c: at(0.5, 0.65), palette: 'forest' }),
];

/** The preset's window in a picture of that shape, its pixels square. */
export function windowOf({ centre, halfWidth }: Pick<Preset, 'centre' | 'halfWidth'>, width: number, height: number): Viewport {
  // What a wide picture shows is in a high one, too.
  const half = width >= height ? halfWidth : (halfWidth * width) / height / (2 / 3);
  const halfHeight = (half * height) / width;
  return { xa: centre.re - half, xb: centre.re + half, ya: centre.im - halfHeight, yb: centre.im + halfHeight };
}
