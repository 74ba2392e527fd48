import { FORMULAS, type Formula } from '../../../src/domain/formulas.ts';

/** What stands in the order form, as typed. */
export interface OrderValues {
  readonly formula: Formula;
  readonly width: string;
  readonly height: string;
  readonly iterations: string;
  readonly xa: string;
  readonly xb: string;
  readonly ya: string;
  readonly yb: string;
  /** how c of a Julia set comes about */
  readonly choice: 'given' | 'seed';
  readonly c_re: string;
  readonly c_im: string;
  /** may be empty: then the service derives it */
  readonly seed: string;
}

export type FieldName = Exclude<keyof OrderValues, 'formula' | 'choice'>;
export { FORMULAS, type Formula };

/**
 * The order as the API takes it. What is no number goes as it was typed, and what is empty does not go at all: the API judges, so that
 * the messages are the same everywhere.
 */
export function toBody(values: OrderValues): Record<string, unknown> {
  const names: FieldName[] = ['width', 'height', 'iterations', 'xa', 'xb', 'ya', 'yb'];
  if (values.formula === 'julia') names.push(...(values.choice === 'given' ? (['c_re', 'c_im'] as const) : (['seed'] as const)));
  const fields = names.flatMap((name) => {
    const text = values[name].trim();
    return text === '' ? [] : [[name, asNumber(text)] as const];
  });
  return { formula: values.formula, ...Object.fromEntries(fields) };
}

/** Accepts the real minus sign, which is what this page shows and people paste back. */
function asNumber(text: string): number | string {
  const value = Number(text.replace('−', '-'));
  return Number.isFinite(value) ? value : text;
}

/** How many times wider than high a sample is; 1 when nothing is stretched, undefined when the numbers do not tell. */
export function pixelAspect(values: OrderValues): number | undefined {
  const { width, height, xa, xb, ya, yb } = toBody(values);
  if (![width, height, xa, xb, ya, yb].every((value) => typeof value === 'number')) return undefined;
  const [w, h, left, right, top, bottom] = [width, height, xa, xb, ya, yb] as number[];
  const aspect = Math.abs(((right! - left!) * h!) / ((bottom! - top!) * w!));
  return Number.isFinite(aspect) && aspect > 0 ? aspect : undefined;
}
