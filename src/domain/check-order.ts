import { complaintOf, INTERIOR_PATTERN, ORDER_BOUNDS } from './bounds.ts';
import { Fault } from './fault.ts';
import type { Formula } from './formulas.ts';
import type { FractalId } from './ids.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Palette } from './palettes.ts';
import { type OrderLimits, parseOrder } from './parse-order.ts';
import type { Spec } from './spec.ts';

/** An order under its names on the wire, as somebody typed it: what should be a number may be any text, or be missing. */
export type LooseOrder = Readonly<Record<string, unknown>> & { readonly formula: Formula; readonly palette: Palette };

export interface OrderCheck {
  /** what would be drawn; null while something is wrong */
  readonly spec: Spec | null;
  /** field → what is wrong with it, a sentence in the API's words; '' for what concerns no field */
  readonly errors: Readonly<Record<string, string>>;
}

const NEEDED = ['width', 'height', 'iterations', 'xa', 'xb', 'ya', 'yb'] as const;

/** What the API would say of an order, said without asking it; while its limits are not known, it has the last word. */
export function checkOrder(id: FractalId, order: LooseOrder, limits: OrderLimits = DEFAULT_LIMITS): OrderCheck {
  const errors: Record<string, string> = {};
  for (const name of NEEDED) if (order[name] === undefined) errors[name] = `${name} is missing.`;
  for (const [name, bounds] of Object.entries(ORDER_BOUNDS)) {
    const value = order[name];
    if (value === undefined) continue;
    const complaint = complaintOf(typeof value === 'number' ? value : Number.NaN, bounds);
    if (complaint !== null) errors[name] = `${name} ${complaint}.`;
  }
  const { interior } = order;
  if (interior !== undefined && !INTERIOR_PATTERN.test(String(interior)))
    errors.interior = 'interior must be a colour like #1a2b3c.';
  if (Object.keys(errors).length > 0) return { spec: null, errors };
  try {
    return { spec: parseOrder(id, requestOf(order), limits), errors };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { spec: null, errors: { [error.details.field ?? '']: error.message } };
  }
}

function requestOf(order: LooseOrder): Parameters<typeof parseOrder>[1] {
  const number = (name: string) => order[name] as number;
  const perhaps = (name: string) => order[name] as number | undefined;
  return {
    formula: order.formula,
    palette: order.palette,
    viewport: { xa: number('xa'), xb: number('xb'), ya: number('ya'), yb: number('yb') },
    width: number('width'),
    height: number('height'),
    iterations: number('iterations'),
    cRe: perhaps('c_re'),
    cIm: perhaps('c_im'),
    seed: perhaps('seed'),
    power: perhaps('power'),
    density: perhaps('density'),
    offset: perhaps('offset'),
    interior: order.interior as string | undefined,
    shade: perhaps('shade'),
    samples: perhaps('samples'),
  };
}
