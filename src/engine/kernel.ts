import { type Band, pairing } from '../domain/band.ts';
import { formulaFacts } from '../domain/formulas.ts';
import { isSmooth, type Palette } from '../domain/palettes.ts';
import { type Complex, isIndexed, type Spec, type Viewport } from '../domain/spec.ts';
import { checkTile } from './check-band.ts';
import { linearOf, srgbTable } from './oklab.ts';
import { gradientOf, parseColour } from './palettes.ts';

/**
 * What one call into the kernel computes, in units of 96 steps or eight fresh pixels (kernel/budget.ts): about a
 * millisecond. Only an orbit of millions of steps that must be followed by itself takes longer, some 0.1 s at most.
 */
const SLICE_UNITS = 2 ** 14;
const WASM_PAGE = 65_536;
/** The kernel's memory map ends at 0xd2_0000; kernel/memory.ts. */
const MEMORY_PAGES = 0xd2;

const PAIRINGS = { mirror: 1, turn: 2 } as const;

/** kernel/picture.ts as `picture`, and formulas' modules by their names (moduleOf). */
export type KernelModules = Readonly<Record<string, WebAssembly.Module>>;

interface PictureExports {
  readonly [address: string]: unknown;
  sample(
    ...args: [
      width: number,
      height: number,
      firstRow: number,
      lastRow: number,
      mirrorFirst: number,
      mirrorLast: number,
      kind: number,
      xa: number,
      xb: number,
      ya: number,
      yb: number,
      shiftX: number,
      shiftY: number,
    ]
  ): number;
  copyImages(withSquares: number, withLights: number): void;
  setColours(iterations: number, extra: number, logOfPower: number, density: number, offset: number): void;
  paintSmooth(pixels: number, interior: number): void;
  clearSums(pixels: number): void;
  addSmooth(pixels: number, red: number, green: number, blue: number, shade: number): void;
  addClassic(pixels: number): void;
  resolveSums(pixels: number, samples: number): void;
  paintClassic(firstPixel: number, width: number, rows: number, iterations: number): number;
  filterColours(firstPixel: number, width: number, rows: number): number;
  deflate(length: number): number;
}

interface FormulaExports {
  start(
    ...args: [
      width: number,
      firstRows: number,
      rows: number,
      openColumns: number,
      iterations: number,
      cRe: number,
      cIm: number,
      extra: number,
      shortcuts: number,
    ]
  ): void;
  count(units: number): number;
  countSmooth(units: number): number;
  countJulia(units: number): number;
  countJuliaSmooth(units: number): number;
  countFarJulia(units: number): number;
  countFarJuliaSmooth(units: number): number;
  startLights(
    ...args: [
      width: number,
      firstRows: number,
      rows: number,
      openColumns: number,
      iterations: number,
      extra: number,
      julia: number,
      cRe: number,
      cIm: number,
      distance: number,
    ]
  ): void;
  light(units: number): number;
}

/** A run of rows of a tile, filtered as PNG has it. */
interface FilteredRun {
  /** per row the filter byte and one palette index, or red, green and blue, per pixel; a view that the next run overwrites */
  readonly filtered: Uint8Array;
  /** Adler-32 of filtered, unsigned */
  readonly adler: number;
}

/** Rows of the tile, counted from its first. */
interface TileRows {
  readonly first: number;
  readonly count: number;
}

export interface KernelOptions {
  /** 1 or more; changes how often `aborted` is asked, and no count */
  readonly sliceUnits?: number;
  /** false for measuring what the exact shortcuts and symmetries save; changes no count */
  readonly shortcuts?: boolean;
}

/** One instance of the compiled kernel with a memory of its own: draws one tile at a time. */
export interface Kernel {
  /**
   * Computes the escape counts of a tile, a band of at most 2^18 pixels, in slices.
   * @param shift the sampled points' distance from the middles of their pixels, in pixels
   * @param aborted asked between slices
   * @returns u32, one per pixel, row-major, the mirror run's rows after the others, 0..iterations, a view that the next tile overwrites;
   * null when aborted
   * @throws {Fault} `invalid`, as checkTile
   */
  count(spec: Spec, tile: Band, aborted?: () => boolean, shift?: { readonly x: number; readonly y: number }): Uint32Array | null;
  /** |z|² of the tile that was counted last, `extraSteps` after the escape, where the palette is smooth; any value for pixels that stay */
  squares(): Float64Array;
  /** of the same tile, where the spec has a shade: how light each pixel is in it, 0..1, before its strength; any value for pixels that stay */
  lights(): Float32Array;
  /**
   * Counts and colours a tile, all its samples.
   * @returns false when aborted
   * @throws {Fault} `invalid`, as checkTile
   */
  paint(spec: Spec, tile: Band, aborted?: () => boolean): boolean;
  /** Filters rows of the tile that was painted last. */
  filter(rows: TileRows): FilteredRun;
  /** The run that was filtered last, deflated by itself, ending on a byte boundary; a view that the next run overwrites. */
  deflate(): Uint8Array;
}

/** Steps after the escape until |z| is large enough for a smooth count, and small enough to be squared. */
export const extraSteps = (power: number): number => (power === 2 ? 3 : power <= 4 ? 2 : 1);

/** A kernel of its own for one thread. */
export function openKernel(modules: KernelModules, { sliceUnits = SLICE_UNITS, shortcuts = true }: KernelOptions = {}): Kernel {
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const instantiate = (name: string) => {
    const module = modules[name];
    if (!module) throw new Error(`The kernel has no module ${name}: build it anew.`);
    return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown;
  };
  const picture = instantiate('picture') as PictureExports;
  const address = (name: string): number => (picture[name] as WebAssembly.Global<'i32'>).value;
  if (address('END') > MEMORY_PAGES * WASM_PAGE) throw new Error('The kernel needs more memory than it was given.');
  const formulas = new Map<string, FormulaExports>();
  const formulaOf = (name: string): FormulaExports => {
    const known = formulas.get(name) ?? (instantiate(name) as FormulaExports);
    formulas.set(name, known);
    return known;
  };
  let counted = { width: 1, rows: 0, iterations: 1 };
  let isIndexedTile = true;
  let filteredBytes = 0;
  let loadedPalette: Palette | null = null;
  const toSrgb = srgbTable();
  new Uint8Array(memory.buffer, address('TO_SRGB'), toSrgb.length).set(toSrgb);
  const loadPalette = (palette: Palette): void => {
    if (palette === loadedPalette) return;
    const gradient = gradientOf(palette);
    new Uint16Array(memory.buffer, address('GRADIENT'), gradient.length).set(gradient);
    new Uint8Array(memory.buffer, address('GRADIENT_SRGB'), gradient.length).set(gradient.map((light) => toSrgb[light]!));
    loadedPalette = palette;
  };

  return {
    count(spec, tile, aborted = () => false, shift = { x: 0, y: 0 }) {
      checkTile(spec, tile);
      const { width, height, iterations, power, c, viewport } = spec;
      const { rows, mirror = null } = tile;
      const firstRows = rows.lastRow - rows.firstRow;
      const allRows = firstRows + (mirror ? mirror.lastRow - mirror.firstRow : 0);
      counted = { width, rows: allRows, iterations };
      const kind = shortcuts && mirror ? PAIRINGS[pairing(spec) ?? 'mirror'] : 0;
      const { xa, xb, ya, yb } = viewport;
      const open = picture.sample(
        width,
        height,
        rows.firstRow,
        rows.lastRow,
        mirror?.firstRow ?? 0,
        mirror?.lastRow ?? 0,
        kind,
        xa,
        xb,
        ya,
        yb,
        shift.x,
        shift.y,
      );
      const smooth = isSmooth(spec.palette);
      const formula = formulaOf(moduleOf(spec));
      const extra = smooth ? extraSteps(power) : 0;
      const [cRe, cIm] = [c?.re ?? 0, c?.im ?? 0];
      formula.start(width, firstRows, allRows, open, iterations, cRe, cIm, extra, shortcuts ? 1 : 0);
      const counting = countingOf(formula, c, smooth);
      do {
        if (aborted()) return null;
      } while (counting(sliceUnits));
      const lit = spec.shade > 0;
      if (lit) {
        const distance = shadeDistance(viewport) * TWO_OVER_LN2;
        formula.startLights(width, firstRows, allRows, open, iterations, extra, c ? 1 : 0, cRe, cIm, distance);
        while (formula.light(sliceUnits)) if (aborted()) return null;
      }
      picture.copyImages(smooth ? 1 : 0, lit ? 1 : 0);
      return new Uint32Array(memory.buffer, address('COUNTS'), width * allRows);
    },
    squares: () => new Float64Array(memory.buffer, address('SQUARES'), counted.width * counted.rows),
    lights: () => new Float32Array(memory.buffer, address('LIGHTS'), counted.width * counted.rows),
    paint(spec, tile, aborted) {
      const { samples, palette } = spec;
      isIndexedTile = isIndexed(spec);
      if (isIndexedTile) return this.count(spec, tile, aborted) !== null;
      loadPalette(palette);
      const pixels = spec.width * rowsOf(tile);
      const interior = spec.interior === null ? ([0, 0, 0] as const) : parseColour(spec.interior);
      const extra = extraSteps(spec.power);
      picture.setColours(spec.iterations, extra, LOG2[spec.power]!, spec.density, spec.offset);
      if (samples === 1 && spec.shade === 0) {
        if (!this.count(spec, tile, aborted)) return false;
        picture.paintSmooth(pixels, interior[0] | (interior[1] << 8) | (interior[2] << 16));
        return true;
      }
      const [red, green, blue] = interior.map(linearOf) as [number, number, number];
      picture.clearSums(pixels);
      for (let sample = 0; sample < samples ** 2; sample++) {
        const shift = { x: shiftOf(sample % samples, samples), y: shiftOf(Math.floor(sample / samples), samples) };
        if (!this.count(spec, tile, aborted, shift)) return false;
        if (isSmooth(palette)) picture.addSmooth(pixels, red, green, blue, spec.shade);
        else picture.addClassic(pixels);
      }
      picture.resolveSums(pixels, samples ** 2);
      return true;
    },
    filter({ first, count }) {
      const { width, iterations } = counted;
      const firstPixel = first * width;
      const adler = isIndexedTile
        ? picture.paintClassic(firstPixel, width, count, iterations)
        : picture.filterColours(firstPixel, width, count);
      filteredBytes = count * (width * (isIndexedTile ? 1 : 3) + 1);
      return { filtered: new Uint8Array(memory.buffer, address('FILTERED'), filteredBytes), adler: adler >>> 0 };
    },
    deflate: () => new Uint8Array(memory.buffer, address('DEFLATED'), picture.deflate(filteredBytes)),
  };
}

/** The name of a spec's module in build/kernel/; scripts/build-kernel.mjs. */
function moduleOf({ formula, power }: Pick<Spec, 'formula' | 'power'>): string {
  const { kernel, powers } = formulaFacts(formula);
  return powers ? `${kernel}-power${power}` : kernel;
}

/** The files that draw a spec. */
export const modulesOf = (spec: Pick<Spec, 'formula' | 'power'>): string[] => ['picture.wasm', `${moduleOf(spec)}.wasm`];

/** Deferred tests are right up to this |c|²; kernel/fresh.ts. */
const MAX_C2 = 3.999;

function countingOf(formula: FormulaExports, c: Complex | null, smooth: boolean): (units: number) => number {
  if (!c) return smooth ? formula.countSmooth : formula.count;
  if (c.re * c.re + c.im * c.im <= MAX_C2) return smooth ? formula.countJuliaSmooth : formula.countJulia;
  return smooth ? formula.countFarJuliaSmooth : formula.countFarJulia;
}

const rowsOf = ({ rows, mirror }: Band): number => rows.lastRow - rows.firstRow + (mirror ? mirror.lastRow - mirror.firstRow : 0);

/** The distance of sample `i` of `samples` in a row from the middle of its pixel, in pixels. */
const shiftOf = (i: number, samples: number): number => (2 * i + 1 - samples) / (2 * samples);

/** The distance from the set at which its shade leaves 0.71 of the light, in units of the plane: it grows with the picture's size in pixels. */
export function shadeDistance({ xa, xb, ya, yb }: Viewport): number {
  const [dx, dy] = [xb - xa, yb - ya];
  return Math.sqrt(dx * dx + dy * dy) / 256;
}

const TWO_OVER_LN2 = 2.8853900817779268;

/** Of the powers that formulas have, to the last bit the same everywhere, which Math.log2 need not be. */
const LOG2: readonly number[] = [0, 0, 1, 1.584962500721156, 2, 2.321928094887362, 2.584962500721156, 2.807354922057604, 3];
