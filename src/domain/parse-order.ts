import { chooseC, seedFromUuid } from './choose-c.ts';
import { Fault } from './fault.ts';
import { type Formula, formulaFacts } from './formulas.ts';
import type { FractalId } from './ids.ts';
import type { Limits } from './limits.ts';
import { isSmooth, type Palette } from './palettes.ts';
import { distinguishes } from './sampling.ts';
import { type Complex, costOf, type Spec, type Viewport } from './spec.ts';

/** What was asked for: types are right already (the edge parsed them), meaning is not checked yet. */
export interface OrderRequest {
  readonly formula: Formula;
  readonly viewport: Viewport;
  readonly width: number;
  readonly height: number;
  readonly iterations: number;
  readonly cRe?: number | undefined;
  readonly cIm?: number | undefined;
  readonly seed?: number | undefined;
  readonly palette: Palette;
  /** multibrot only; 3 there by default */
  readonly power?: number | undefined;
  /** smooth palettes only, as offset, interior and shade; defaults: SMOOTH_DEFAULTS */
  readonly density?: number | undefined;
  readonly offset?: number | undefined;
  readonly interior?: string | undefined;
  readonly shade?: number | undefined;
  /** 1 by default */
  readonly samples?: number | undefined;
}

/** What one order may ask for. */
/** What one order may ask for. */
export type OrderLimits = Pick<Limits, 'maxSide' | 'maxIterations' | 'maxCost'>;

const SMOOTH_DEFAULTS = { density: 1, offset: 0, interior: '#000000', shade: 0 } as const;
const CLASSIC_COLOURS = { density: 1, offset: 0, interior: null, shade: 0 } as const;
const DEFAULT_MULTIBROT_POWER = 3;

/**
 * The spec of an order: limits checked, defaults filled in, c chosen. The same request under the same uuid gives the same spec.
 * @throws {Fault} `invalid`, with a sentence that says what to change
 */
export function parseOrder(id: FractalId, request: OrderRequest, limits: OrderLimits): Spec {
  refuseBeyond(limits, request);
  const { formula, width, height, iterations, palette, samples = 1 } = request;
  const viewport = parseViewport(request.viewport);
  refuseBlurred(viewport, width, height, samples);
  return {
    formula,
    power: parsePower(request),
    viewport,
    width,
    height,
    iterations,
    ...parseConstant(id, request, viewport),
    palette,
    ...parseColours(request),
    samples,
  };
}

function parsePower({ formula, power }: OrderRequest): number {
  if (formulaFacts(formula).powers) return power ?? DEFAULT_MULTIBROT_POWER;
  if (power === undefined || power === 2) return 2;
  throw new Fault('invalid', `The power of ${formula} is 2: leave power out, or order formula multibrot.`, { field: 'power' });
}

function parseConstant(id: FractalId, request: OrderRequest, viewport: Viewport): Pick<Spec, 'c' | 'cSource' | 'seed'> {
  const given = parseC(request);
  if (given) {
    if (request.seed !== undefined) {
      throw new Fault('invalid', 'Give either c_re and c_im, or a seed to draw c with, not both.', { field: 'seed' });
    }
    return { c: given, cSource: 'given', seed: null };
  }
  if (formulaFacts(request.formula).julia === 'given') {
    if (request.seed !== undefined) {
      throw new Fault('invalid', 'seed belongs to formula julia: leave it out, or give c_re and c_im for a Julia set.', {
        field: 'seed',
      });
    }
    return { c: null, cSource: null, seed: null };
  }
  const seed = request.seed ?? seedFromUuid(id);
  const { c, source } = chooseC(seed, viewport);
  return { c, cSource: source, seed };
}

function parseColours(request: OrderRequest): Pick<Spec, 'density' | 'offset' | 'interior' | 'shade'> {
  if (!isSmooth(request.palette)) {
    for (const field of ['density', 'offset', 'interior', 'shade'] as const) {
      if (request[field] === undefined || request[field] === CLASSIC_COLOURS[field]) continue;
      throw new Fault('invalid', `${field} belongs to smooth palettes: leave it out, or choose another palette than classic.`, {
        field,
      });
    }
    return CLASSIC_COLOURS;
  }
  const { density, offset, interior, shade } = SMOOTH_DEFAULTS;
  return {
    density: request.density ?? density,
    offset: request.offset ?? offset,
    interior: (request.interior ?? interior).toLowerCase(),
    shade: request.shade ?? shade,
  };
}

function refuseBeyond(limits: OrderLimits, { width, height, iterations, samples = 1 }: OrderRequest): void {
  for (const [field, side] of Object.entries({ width, height })) {
    if (side > limits.maxSide) {
      throw new Fault('invalid', `${field} is ${side}; here a side may be at most ${limits.maxSide} pixels.`, { field });
    }
  }
  if (iterations > limits.maxIterations) {
    throw new Fault('invalid', `iterations is ${iterations}; here it may be at most ${limits.maxIterations}.`, {
      field: 'iterations',
    });
  }
  const cost = costOf({ width, height, iterations, samples });
  if (cost > limits.maxCost) {
    throw new Fault(
      'invalid',
      `width x height x iterations x samples² is ${cost}; one order may cost at most ${limits.maxCost}: order fewer pixels, iterations or samples.`,
      { field: 'iterations' },
    );
  }
}

function parseViewport({ xa, xb, ya, yb }: Viewport): Viewport {
  if (xa === xb) throw new Fault('invalid', `The window is empty: xa and xb are both ${xa}.`, { field: 'xb' });
  if (ya === yb) throw new Fault('invalid', `The window is empty: ya and yb are both ${ya}.`, { field: 'yb' });
  return { xa: positiveZero(xa), xb: positiveZero(xb), ya: positiveZero(ya), yb: positiveZero(yb) };
}

/** Beyond this depth neighbouring pixels would show the same point. */
function refuseBlurred({ xa, xb, ya, yb }: Viewport, width: number, height: number, samples: number): void {
  const blurred = !distinguishes(width, samples, xa, xb) ? 'xb' : !distinguishes(height, samples, ya, yb) ? 'yb' : null;
  if (blurred === null) return;
  const [low, high] = blurred === 'xb' ? ['xa', 'xb'] : ['ya', 'yb'];
  throw new Fault(
    'invalid',
    `${low} and ${high} are so close that doubles cannot tell the pixels between them apart: choose a larger window or a smaller picture.`,
    { field: blurred },
  );
}

function parseC({ cRe, cIm }: OrderRequest): Complex | null {
  if (cRe === undefined && cIm === undefined) return null;
  if (cRe === undefined) throw new Fault('invalid', 'c_im was given without c_re: c needs both parts.', { field: 'c_re' });
  if (cIm === undefined) throw new Fault('invalid', 'c_re was given without c_im: c needs both parts.', { field: 'c_im' });
  return { re: positiveZero(cRe), im: positiveZero(cIm) };
}

/** -0 does not survive JSON or every database; as a coordinate it means 0. */
const positiveZero = (value: number): number => value + 0;
