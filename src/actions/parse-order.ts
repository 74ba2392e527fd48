import { chooseC, seedFromUuid } from '../domain/choose-c.ts';
import { Fault } from '../domain/fault.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Limits } from '../domain/limits.ts';
import { type Complex, costOf, type Formula, type Palette, type Spec, type Viewport } from '../domain/spec.ts';

/** What was asked for: types are right already (the edge parsed them), meaning is not checked yet. */
export interface OrderRequest {
  readonly formula: Formula;
  readonly viewport: Viewport;
  readonly width: number;
  readonly height: number;
  readonly iterations: number;
  readonly cRe: number | undefined;
  readonly cIm: number | undefined;
  readonly seed: number | undefined;
  readonly palette: Palette;
}

/**
 * The spec of an order: limits checked, c chosen. The same request under the same uuid gives the same spec.
 * @throws {Fault} `invalid`, with a sentence that says what to change
 */
export function parseOrder(id: FractalId, request: OrderRequest, limits: Limits): Spec {
  refuseBeyond(limits, request);
  const viewport = parseViewport(request.viewport);
  const base = {
    formula: request.formula,
    viewport,
    width: request.width,
    height: request.height,
    iterations: request.iterations,
    palette: request.palette,
  };
  const given = parseC(request);
  if (request.formula !== 'julia') {
    if (given || request.seed !== undefined) {
      throw new Fault('invalid', `c and seed belong to Julia sets: leave c_re, c_im and seed out, or order formula julia.`, {
        field: given ? 'c_re' : 'seed',
      });
    }
    return { ...base, c: null, cSource: null, seed: null };
  }
  if (given) {
    if (request.seed !== undefined) {
      throw new Fault('invalid', 'Give either c_re and c_im, or a seed to draw c with, not both.', { field: 'seed' });
    }
    return { ...base, c: given, cSource: 'given', seed: null };
  }
  const seed = request.seed ?? seedFromUuid(id);
  const { c, source } = chooseC(seed, viewport);
  return { ...base, c, cSource: source, seed };
}

function refuseBeyond(limits: Limits, { width, height, iterations }: OrderRequest): void {
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
  const cost = costOf({ width, height, iterations });
  if (cost > limits.maxCost) {
    throw new Fault(
      'invalid',
      `width x height x iterations is ${cost}; one order may cost at most ${limits.maxCost}: order fewer pixels or iterations.`,
      { field: 'iterations' },
    );
  }
}

function parseViewport({ xa, xb, ya, yb }: Viewport): Viewport {
  if (xa === xb) throw new Fault('invalid', `The window is empty: xa and xb are both ${xa}.`, { field: 'xb' });
  if (ya === yb) throw new Fault('invalid', `The window is empty: ya and yb are both ${ya}.`, { field: 'yb' });
  return { xa: positiveZero(xa), xb: positiveZero(xb), ya: positiveZero(ya), yb: positiveZero(yb) };
}

function parseC({ cRe, cIm }: OrderRequest): Complex | null {
  if (cRe === undefined && cIm === undefined) return null;
  if (cRe === undefined) throw new Fault('invalid', 'c_im was given without c_re: c needs both parts.', { field: 'c_re' });
  if (cIm === undefined) throw new Fault('invalid', 'c_re was given without c_im: c needs both parts.', { field: 'c_im' });
  return { re: positiveZero(cRe), im: positiveZero(cIm) };
}

/** -0 does not survive JSON or every database; as a coordinate it means 0. */
const positiveZero = (value: number): number => value + 0;
