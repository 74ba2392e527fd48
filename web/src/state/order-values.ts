import { FORMULAS, type Formula, formulaFacts } from '../../../src/domain/formulas.ts';
import { isSmooth, PALETTES, type Palette } from '../../../src/domain/palettes.ts';

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
  /** how c comes about; `pixel`: it is the point of the picture */
  readonly choice: 'given' | 'seed' | 'pixel';
  readonly c_re: string;
  readonly c_im: string;
  /** may be empty: then the service derives it */
  readonly seed: string;
  /** of multibrot */
  readonly power: string;
  readonly palette: Palette;
  readonly density: string;
  readonly offset: string;
  readonly interior: string;
  readonly shade: string;
  readonly samples: string;
}

export type FieldName = Exclude<keyof OrderValues, 'formula' | 'choice' | 'palette'>;
const CONSTANT: readonly FieldName[] = ['c_re', 'c_im'];

export { FORMULAS, type Formula, formulaFacts, isSmooth };

/**
 * The order as the API takes it. What is no number goes as it was typed, and what is empty does not go at all: the API judges, so that
 * the messages are the same everywhere. A c that is to be given goes even so: without it another picture would be drawn.
 */
export function toBody(values: OrderValues): Record<string, unknown> {
  const names: FieldName[] = ['width', 'height', 'iterations', 'xa', 'xb', 'ya', 'yb', 'samples'];
  if (values.choice === 'given') names.push(...CONSTANT);
  else if (values.formula === 'julia') names.push('seed');
  if (formulaFacts(values.formula).powers) names.push('power');
  if (isSmooth(values.palette)) names.push('density', 'offset', 'interior', 'shade');
  const fields = names.flatMap((name) => {
    const text = values[name].trim();
    return text === '' && !CONSTANT.includes(name) ? [] : [[name, asNumber(text)] as const];
  });
  return { formula: values.formula, palette: values.palette, ...Object.fromEntries(fields) };
}

/** The form filled in with what an address says, under the API's own names; what it does not say is as `usual`. */
export function valuesOfSearch(search: string, usual: OrderValues): OrderValues {
  const query = new URLSearchParams(search);
  if (query.size === 0) return usual;
  const formula = FORMULAS.find((name) => name === query.get('formula')) ?? usual.formula;
  const palette = PALETTES.find((name) => name === query.get('palette')) ?? usual.palette;
  const names = Object.keys(usual).filter((name) => !['formula', 'palette', 'choice'].includes(name)) as FieldName[];
  const typed = Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, query.get(name) ?? '']] : [])));
  const isGiven = query.has('c_re') || query.has('c_im');
  const drawn = formulaFacts(formula).julia === 'always' ? 'seed' : 'pixel';
  const c = isGiven ? {} : { c_re: '', c_im: '' };
  return { ...usual, ...c, ...typed, formula, palette, choice: isGiven && !query.has('seed') ? 'given' : drawn };
}

/** Accepts the real minus sign, which is what this page shows and people paste back. */
function asNumber(text: string): number | string {
  const value = Number(text.replace('−', '-'));
  return text !== '' && Number.isFinite(value) ? value : text;
}

/** How many times wider than high a sample is; 1 when nothing is stretched, undefined when the numbers do not tell. */
export function pixelAspect(values: OrderValues): number | undefined {
  const { width, height, xa, xb, ya, yb } = toBody(values);
  if (![width, height, xa, xb, ya, yb].every((value) => typeof value === 'number')) return undefined;
  const [w, h, left, right, top, bottom] = [width, height, xa, xb, ya, yb] as number[];
  const aspect = Math.abs(((right! - left!) * h!) / ((bottom! - top!) * w!));
  return Number.isFinite(aspect) && aspect > 0 ? aspect : undefined;
}
