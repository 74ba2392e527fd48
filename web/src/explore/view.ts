import { ORDER_BOUNDS } from '../../../src/domain/bounds.ts';
import { type Formula, formulaFacts } from '../../../src/domain/formulas.ts';
import { isSmooth, type Palette } from '../../../src/domain/palettes.ts';
import type { Preset } from '../../../src/domain/presets.ts';
import type { Complex, Spec, Viewport } from '../../../src/domain/spec.ts';

/** How counts become colours; a change needs no counting. */
export interface Colours {
  readonly palette: Palette;
  readonly density: number;
  readonly offset: number;
  readonly interior: string;
  readonly shade: number;
}

/** What the explorer shows, in a window of any size. */
export interface View extends Colours {
  readonly formula: Formula;
  readonly power: number;
  /** null where c is the pixel */
  readonly c: Complex | null;
  readonly centre: Complex;
  /** half the width of a window of 3:2; every other window shows all of that one, and more */
  readonly halfWidth: number;
  /** null: as many as the depth needs */
  readonly iterations: number | null;
}

/** The shape of the window that every window shows all of. */
export const ASPECT = 3 / 2;
/** From here on out all is one colour. */
export const MAX_HALF_WIDTH = 64;
/** A Julia set to begin with. */
const DEFAULT_C: Complex = { re: -0.8, im: 0.156 };
const COLOURS: Colours = { palette: 'lagoon', density: 1, offset: 0, interior: '#000000', shade: 0 };

export const coloursOf = ({ palette, density, offset, interior, shade }: Colours): Colours => ({
  palette,
  density,
  offset,
  interior,
  shade,
});

/** All of a formula, or of its Julia set with c. @param colours kept from another view */
export function homeOf(formula: Formula, { power = 3, c = null, colours = COLOURS }: HomeOptions = {}): View {
  const facts = formulaFacts(formula);
  const { xa, xb, ya, yb } = c ? { xa: -1.75, xb: 1.75, ya: -1.1, yb: 1.1 } : facts.viewport;
  return {
    ...coloursOf(colours),
    formula,
    power: facts.powers ? power : 2,
    c: c ?? (facts.julia === 'always' ? DEFAULT_C : null),
    centre: { re: (xa + xb) / 2, im: (ya + yb) / 2 },
    halfWidth: Math.max((xb - xa) / 2, ((yb - ya) / 2) * ASPECT),
    iterations: null,
  };
}

interface HomeOptions {
  readonly power?: number;
  readonly c?: Complex | null;
  readonly colours?: Colours;
}

export const HOME: View = homeOf('mandelbrot');

export function viewOfPreset(preset: Preset): View {
  const { formula, power = 2, c = null, centre, halfWidth, iterations, palette, density = 1, offset = 0, shade = 0 } = preset;
  return { formula, power, c, centre, halfWidth, iterations, palette, density, offset, interior: '#000000', shade };
}

/** The view of a picture that was ordered. */
export function viewOfSpec(
  spec: Pick<Spec, 'formula' | 'power' | 'c' | 'iterations' | 'viewport' | 'width' | 'height'> & Colours,
): View {
  const { formula, power, c, iterations, viewport } = spec;
  const { xa, xb, ya, yb } = viewport;
  const halfWidth = Math.max(Math.abs(xb - xa) / 2, (Math.abs(yb - ya) / 2) * ASPECT);
  return { ...coloursOf(spec), formula, power, c, iterations, centre: { re: (xa + xb) / 2, im: (ya + yb) / 2 }, halfWidth };
}

/** The Julia set that belongs to a point of a picture whose c is the pixel. */
export const juliaOf = (view: View, c: Complex): View => ({
  ...homeOf(view.formula === 'mandelbrot' ? 'julia' : view.formula, { power: view.power, c, colours: view }),
  iterations: view.iterations,
});

/** Whether points of the picture have Julia sets of their own. */
export const hasJuliaSets = (view: View): boolean => view.c === null;

/**
 * Iterations that show the finest detail at such a depth, by eye: boundaries need more the deeper one goes, a little faster than the number of
 * doublings.
 */
export function iterationsOf({ iterations, halfWidth }: Pick<View, 'iterations' | 'halfWidth'>): number {
  if (iterations !== null) return iterations;
  const doublings = Math.max(0, Math.log2(2 / halfWidth));
  const wanted = 500 + 150 * doublings ** 1.25;
  return Math.min(ORDER_BOUNDS.iterations.max, Math.round(wanted / 50) * 50);
}

/** What is to be drawn of a view in such a window. */
export function specOf(view: View, viewport: Viewport, size: Pick<Spec, 'width' | 'height' | 'samples'>): Spec {
  const smooth = isSmooth(view.palette);
  return {
    formula: view.formula,
    power: view.power,
    viewport,
    ...size,
    iterations: iterationsOf(view),
    c: view.c,
    cSource: view.c && 'given',
    seed: null,
    palette: view.palette,
    density: smooth ? view.density : 1,
    offset: smooth ? view.offset : 0,
    interior: smooth ? view.interior : null,
    shade: smooth ? view.shade : 0,
  };
}

/** Whether two views have the same counts at the same points. */
export const countsAlike = (a: View, b: View): boolean =>
  a.formula === b.formula &&
  a.power === b.power &&
  a.c?.re === b.c?.re &&
  a.c?.im === b.c?.im &&
  iterationsOf(a) === iterationsOf(b) &&
  a.shade > 0 === b.shade > 0;

/** Whether they have the same colours. */
export const coloursAlike = (a: Colours, b: Colours): boolean =>
  a.palette === b.palette && a.density === b.density && a.offset === b.offset && a.interior === b.interior && a.shade === b.shade;
