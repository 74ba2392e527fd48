import { type Command, Option } from 'commander';
import { FORMULAS, type Formula } from '../domain/formulas.ts';
import { PALETTES, type Palette } from '../domain/palettes.ts';
import { PRESETS } from '../domain/presets.ts';
import type { OrderBody } from '../http/schemas.ts';
import { orderOf } from './draw-view.ts';
import { integer, positiveInteger, real } from './numbers.ts';
import { readPicture } from './read-picture.ts';
import { UsageError } from './usage-error.ts';

/** What is drawn, beside its size, iterations and window; undefined where nothing was said. */
export interface PictureOptions {
  readonly formula?: Formula;
  readonly power?: number;
  readonly cRe?: number;
  readonly cIm?: number;
  readonly seed?: number;
  readonly palette?: Palette;
  readonly density?: number;
  readonly offset?: number;
  readonly interior?: string;
  readonly shade?: number;
  readonly samples?: number;
  readonly preset?: string;
  readonly like?: string;
}

const START = 'Start from a picture; whatever else is given changes it:';
const COLOURS = 'Colours:';

export function addPictureOptions(command: Command): Command {
  const preset = new Option('--preset <name>', 'a view worth seeing; faafo presets lists them').choices(
    PRESETS.map(({ name }) => name),
  );
  return command
    .addOption(preset.helpGroup(START))
    .addOption(new Option('--like <file.png>', 'a picture that faafo drew').helpGroup(START))
    .addOption(new Option('--formula <formula>', 'what to draw (default: julia); with c, its Julia set').choices(FORMULAS))
    .option('--power <number>', 'multibrot: z to which power, 2 to 8 (default: 3)', positiveInteger)
    .option('--c-re <number>', 'Julia sets: real part of c (default: chosen from the seed)', real)
    .option('--c-im <number>', 'Julia sets: imaginary part of c', real)
    .option('--seed <number>', 'formula julia: what c is drawn with, 0 to 4294967295', integer)
    .option('--samples <number>', 'anti-aliasing, 1 to 16: so many points across and down a pixel (default: 1)', positiveInteger)
    .addOption(
      new Option('--palette <palette>', 'how steps become colours (default: classic)').choices(PALETTES).helpGroup(COLOURS),
    )
    .addOption(number('--density <number>', 'how fast the gradient runs (default: 1)'))
    .addOption(number('--offset <number>', 'where the gradient begins, 0 to 1 (default: 0)'))
    .addOption(new Option('--interior <#rrggbb>', 'colour of what never leaves (default: #000000)').helpGroup(COLOURS))
    .addOption(number('--shade <number>', 'how much darker it is near the set, 0 to 1 (default: 0)'));
}

const number = (flag: string, text: string): Option => new Option(flag, text).argParser(real).helpGroup(COLOURS);

/** The order that --preset or --like start from; null without them. @throws {UsageError} */
export async function basisOf({ preset, like }: PictureOptions): Promise<OrderBody | null> {
  if (preset !== undefined && like !== undefined) throw new UsageError('give --preset or --like, not both.');
  if (like !== undefined) return await readPicture(like);
  const found = PRESETS.find(({ name }) => name === preset);
  return found ? orderOf(found, 1200, 800) : null;
}

/** The fields of an order that were given as options. */
export function givenFields(options: PictureOptions): Partial<OrderBody> {
  const { formula, power, cRe: c_re, cIm: c_im, seed, palette, density, offset, interior, shade, samples } = options;
  const fields = { formula, power, c_re, c_im, seed, palette, density, offset, interior, shade, samples };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The basis with options over it: classic takes no colours, and another formula than multibrot no power. */
export function changed(basis: OrderBody, given: Partial<OrderBody>): OrderBody {
  const order = { ...basis, ...given };
  const drop = (...names: (keyof OrderBody)[]) => {
    for (const name of names) if (given[name] === undefined) delete order[name];
  };
  if (order.palette === 'classic') drop('density', 'offset', 'interior', 'shade');
  if (order.formula !== 'multibrot') drop('power');
  if (given.seed !== undefined) drop('c_re', 'c_im');
  return order;
}

export interface Size {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/**
 * The same view at another size. One side alone keeps the shape. Two sides of another shape widen the window about its centre, until all that was
 * seen still is, by pixels as square as before.
 */
export function resized(order: OrderBody, { width, height }: Size): OrderBody {
  const shape = order.width / order.height;
  const w = width ?? (height === undefined ? order.width : Math.max(1, Math.round(height * shape)));
  const h = height ?? (width === undefined ? order.height : Math.max(1, Math.round(width / shape)));
  if (width === undefined || height === undefined) return { ...order, width: w, height: h };
  const wider = w / h / shape;
  const [xa, xb] = widened(order.xa, order.xb, Math.max(1, wider));
  const [ya, yb] = widened(order.ya, order.yb, Math.max(1, 1 / wider));
  return { ...order, width: w, height: h, xa, xb, ya, yb };
}

function widened(a: number, b: number, factor: number): [number, number] {
  if (factor === 1) return [a, b];
  const [centre, half] = [(a + b) / 2, ((b - a) / 2) * factor];
  return [centre - half, centre + half];
}
