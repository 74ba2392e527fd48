import { type Bounds, complaintOf, INTERIOR_PATTERN, ORDER_BOUNDS } from '../../../src/domain/bounds.ts';
import { FORMULAS, type Formula, formulaFacts } from '../../../src/domain/formulas.ts';
import { PALETTES, type Palette } from '../../../src/domain/palettes.ts';
import { HOME, homeOf, MAX_HALF_WIDTH, type View, viewOfSpec } from './view.ts';

/* Views as text: in addresses, and as people paste them. Numbers are written so that they read back as the same doubles. */

const DEFAULTS = { density: 1, offset: 0, interior: '#000000', shade: 0 } as const;
const HALF_WIDTH: Bounds = { min: 0, max: MAX_HALF_WIDTH, isAboveMin: true };

/** The query of a view's address; what is as usual is left out. */
export function queryOf(view: View): string {
  const { formula, power, c, centre, halfWidth, iterations, palette } = view;
  const query = new URLSearchParams({ formula });
  if (formulaFacts(formula).powers) query.set('power', String(power));
  if (c) query.set('c', pairText(c.re, c.im));
  query.set('at', pairText(centre.re, centre.im));
  query.set('half', String(halfWidth));
  if (iterations !== null) query.set('iterations', String(iterations));
  query.set('palette', palette);
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const value = view[name as keyof typeof DEFAULTS];
    if (value !== usual) query.set(name, String(value));
  }
  // Commas and plus signs need no escapes in a query, and are easier to read without.
  return query.toString().replaceAll('%2C', ',');
}

const pairText = (re: number, im: number): string => `${re},${im}`;

/** Whether an address says where in the fractal. */
export const hasPlace = (search: string): boolean => new URLSearchParams(search).has('at');

/** The view of an address; what is missing or no value is as usual. */
export function viewOfQuery(search: string): View {
  const query = new URLSearchParams(search);
  const formula = oneOf(FORMULAS, query.get('formula')) ?? HOME.formula;
  const [c, centre] = [pairOf(query.get('c')), pairOf(query.get('at'))];
  const home = homeOf(formula, { power: numberOf(query.get('power'), ORDER_BOUNDS.power) ?? 3, c });
  return {
    ...home,
    centre: centre ?? home.centre,
    halfWidth: numberOf(query.get('half'), HALF_WIDTH) ?? home.halfWidth,
    iterations: numberOf(query.get('iterations'), ORDER_BOUNDS.iterations) ?? null,
    palette: oneOf(PALETTES, query.get('palette')) ?? home.palette,
    density: numberOf(query.get('density'), ORDER_BOUNDS.density) ?? DEFAULTS.density,
    offset: numberOf(query.get('offset'), ORDER_BOUNDS.offset) ?? DEFAULTS.offset,
    interior: interiorOf(query.get('interior')) ?? DEFAULTS.interior,
    shade: numberOf(query.get('shade'), ORDER_BOUNDS.shade) ?? DEFAULTS.shade,
  };
}

/** The coordinates as people read and write them; `±` stands for half the width. */
export function coordinatesOf({ centre, halfWidth, c }: View): string {
  const constant = c ? ` c ${complexText(c.re, c.im)}` : '';
  return `centre ${complexText(centre.re, centre.im)} half-width ${halfWidth}${constant}`;
}

const complexText = (re: number, im: number): string => `${re} ${im < 0 || Object.is(im, -0) ? '-' : '+'} ${Math.abs(im)}i`;

/**
 * What somebody pasted: an address of ours, an order as JSON, coordinates, or two numbers, the centre, and a third, half the width.
 * @param now what stays where the text says nothing
 * @returns null when it is none of these
 */
export function viewOfText(text: string, now: View): View | null {
  const trimmed = text.trim().replaceAll('−', '-');
  if (trimmed.startsWith('{')) return viewOfJson(trimmed);
  const query = /^(?:https?:\/\/[^?\s]+)?\/?(?:explore)?(\?\S*\bat=\S*)$/.exec(trimmed)?.[1];
  if (query !== undefined) return viewOfQuery(query);
  return viewOfCoordinates(trimmed, now);
}

const NUMBER = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?';
const COMPLEX = `(${NUMBER})[\\s,;]*([+-]?)\\s*(${NUMBER})\\s*i?`;
const COORDINATES = new RegExp(
  `^(?:centre|center)?[\\s:=]*${COMPLEX}(?:[\\s,;]+(?:(half-width|zoom)[\\s:=]*)?(${NUMBER}))?(?:[\\s,;]+c[\\s:=]*${COMPLEX})?$`,
  'i',
);

function viewOfCoordinates(text: string, now: View): View | null {
  const [whole, re, sign, im, unit, size, cRe, cSign, cIm] = COORDINATES.exec(text) ?? [];
  if (whole === undefined) return null;
  const centre = { re: Number(re), im: signed(sign, im) };
  const c = cRe === undefined ? now.c : { re: Number(cRe), im: signed(cSign, cIm) };
  const home = homeOf(c && now.formula === 'mandelbrot' ? 'julia' : now.formula, { power: now.power, c, colours: now });
  const given = size === undefined ? now.halfWidth : Number(size);
  const halfWidth = unit?.toLowerCase() === 'zoom' ? home.halfWidth / given : given;
  const numbers = [centre.re, centre.im, ...(c ? [c.re, c.im] : [])];
  const isValid =
    numbers.every((value) => complaintOf(value, ORDER_BOUNDS.xa) === null) && complaintOf(halfWidth, HALF_WIDTH) === null;
  return isValid ? { ...home, centre, halfWidth, iterations: now.iterations } : null;
}

const signed = (sign: string | undefined, digits: string | undefined): number => Number(digits) * (sign === '-' ? -1 : 1);

/** An order, or what a picture says about itself. */
function viewOfJson(text: string): View | null {
  try {
    const order = JSON.parse(text) as Record<string, unknown>;
    const number = (name: keyof typeof ORDER_BOUNDS): number | null =>
      typeof order[name] === 'number' ? numberOf(String(order[name]), ORDER_BOUNDS[name]) : null;
    const [xa, xb, ya, yb, cRe, cIm] = (['xa', 'xb', 'ya', 'yb', 'c_re', 'c_im'] as const).map(number);
    if (xa == null || xb == null || ya == null || yb == null || xa === xb || ya === yb) return null;
    const formula = oneOf(FORMULAS, String(order.formula ?? 'julia')) as Formula | null;
    const c = cRe == null || cIm == null ? null : { re: cRe, im: cIm };
    if (formula === null || (formulaFacts(formula).julia === 'always' && !c)) return null;
    return viewOfSpec({
      formula,
      power: formulaFacts(formula).powers ? (number('power') ?? 3) : 2,
      c,
      iterations: number('iterations') ?? HOME.iterations ?? 1000,
      viewport: { xa, xb, ya, yb },
      width: number('width') ?? 3,
      height: number('height') ?? 2,
      palette: oneOf(PALETTES, String(order.palette)) ?? ('classic' as Palette),
      density: number('density') ?? DEFAULTS.density,
      offset: number('offset') ?? DEFAULTS.offset,
      interior: interiorOf(String(order.interior)) ?? DEFAULTS.interior,
      shade: number('shade') ?? DEFAULTS.shade,
    });
  } catch {
    return null;
  }
}

function numberOf(text: string | null, bounds: Bounds): number | null {
  if (text === null || text.trim() === '') return null;
  const value = Number(text);
  return complaintOf(value, bounds) === null ? value : null;
}

function pairOf(text: string | null): { re: number; im: number } | null {
  const [re, im, ...rest] = (text ?? '').split(',').map((part) => numberOf(part, ORDER_BOUNDS.xa));
  return re == null || im == null || rest.length > 0 ? null : { re, im };
}

const oneOf = <T extends string>(all: readonly T[], text: string | null): T | null => all.find((each) => each === text) ?? null;

const interiorOf = (text: string | null): string | null =>
  text !== null && INTERIOR_PATTERN.test(text) ? text.toLowerCase() : null;
