import { type Band, pairing } from '../domain/band.ts';
import { formulaFacts } from '../domain/formulas.ts';
import { isSmooth, type Palette } from '../domain/palettes.ts';
import { type Complex, isIndexed, type Spec, type Viewport } from '../domain/spec.ts';
import { checkTile } from './check-band.ts';
import type { FormulaExports, PictureExports } from './exports.ts';
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

export type Gradients = ReadonlyMap<Palette, Uint16Array>;

export interface KernelOptions {
  /** 1 or more; changes how often `aborted` is asked, and no count */
  readonly sliceUnits?: number;
  /** of palettes, as gradientOf makes them: whoever has some at hand saves the kernel the time */
  readonly gradients?: Gradients;
  /** false for measuring what the exact shortcuts and symmetries save; changes no count */
  readonly shortcuts?: boolean;
}

/** Where in a whole picture of `width` by `height` pixels the left upper pixel of a piece lies. */
export interface Grid {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where else than in the middles of its pixels, and as a part of what, a tile is counted. */
interface Sampling {
  /** the sampled points' distance from the middles of their pixels, in pixels */
  readonly shift?: { readonly x: number; readonly y: number };
  /** the window of the whole picture, which decides how far shade reaches, where the spec is only a piece of it */
  readonly whole?: Viewport;
  /** the piece then samples the very points that the whole picture samples there, whatever its grid */
  readonly grid?: Grid | undefined;
}

/** What was counted of a tile: views that the next tile overwrites. */
export interface Counted {
  /** one per pixel, row-major, the mirror run's rows after the others, 0..iterations */
  readonly counts: Uint32Array;
  /** |z|² some steps after the escape, where the palette is smooth; any value for pixels that stay */
  readonly squares: Float64Array;
  /** where the spec has a shade: how light each pixel is in it, 0..1, before its strength; any value for pixels that stay */
  readonly lights: Float32Array;
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
   * The same as `count`, for those who do other things in between: each `next` computes a slice.
   * @throws {Fault} `invalid`, as checkTile
   */
  counting(spec: Spec, tile: Band, sampling?: Sampling): Generator<void, Counted>;
  /** Begins to colour so many pixels as the spec says; it must not be indexed. */
  startColours(spec: Spec, pixels: number): void;
  /** Adds a sample to them: the tile that was counted last, or what was kept of one. */
  addSample(kept?: Counted): void;
  /** When all samples are added. @returns red, green and blue, one byte each, a view that the next tile overwrites */
  endColours(): Uint8Array;
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
export function openKernel(
  modules: KernelModules,
  { sliceUnits = SLICE_UNITS, shortcuts = true, gradients }: KernelOptions = {},
): Kernel {
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
  let colouring: Colouring;
  let loadedPalette: Palette | null = null;
  const toSrgb = srgbTable();
  new Uint8Array(memory.buffer, address('TO_SRGB'), toSrgb.length).set(toSrgb);
  const loadPalette = (palette: Palette): void => {
    if (palette === loadedPalette) return;
    const gradient = gradients?.get(palette) ?? gradientOf(palette);
    new Uint16Array(memory.buffer, address('GRADIENT'), gradient.length).set(gradient);
    const shown = new Uint8Array(memory.buffer, address('GRADIENT_SRGB'), gradient.length);
    for (let i = 0; i < gradient.length; i++) shown[i] = toSrgb[gradient[i]!]!;
    loadedPalette = palette;
  };

  const viewsOf = (pixels: number): Counted => ({
    counts: new Uint32Array(memory.buffer, address('COUNTS'), pixels),
    squares: new Float64Array(memory.buffer, address('SQUARES'), pixels),
    lights: new Float32Array(memory.buffer, address('LIGHTS'), pixels),
  });

  const kernel: Kernel = {
    count: (spec, tile, aborted = () => false, shift) =>
      drive(kernel.counting(spec, tile, shift ? { shift } : {}), aborted)?.counts ?? null,
    *counting(spec, tile, { shift = { x: 0, y: 0 }, whole = spec.viewport, grid } = {}) {
      checkTile(spec, tile);
      const { width, height, iterations, power, c, viewport } = spec;
      const { rows, mirror = null } = tile;
      const firstRows = rows.lastRow - rows.firstRow;
      const allRows = firstRows + (mirror ? mirror.lastRow - mirror.firstRow : 0);
      counted = { width, rows: allRows, iterations };
      const kind = shortcuts && mirror ? PAIRINGS[pairing(spec) ?? 'mirror'] : 0;
      const { xa, xb, ya, yb } = grid ? whole : viewport;
      picture.setGrid(grid?.x ?? 0, grid?.y ?? 0, grid?.width ?? width, grid?.height ?? height);
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
      do yield;
      while (counting(sliceUnits));
      const lit = spec.shade > 0;
      if (lit) {
        const distance = shadeDistance(whole) * TWO_OVER_LN2;
        formula.startLights(width, firstRows, allRows, open, iterations, extra, c ? 1 : 0, cRe, cIm, distance);
        while (formula.light(sliceUnits)) yield;
      }
      picture.copyImages(smooth ? 1 : 0, lit ? 1 : 0);
      return viewsOf(width * allRows);
    },
    squares: () => viewsOf(counted.width * counted.rows).squares,
    lights: () => viewsOf(counted.width * counted.rows).lights,
    startColours(spec, pixels) {
      loadPalette(spec.palette);
      colouring = colouringOf(spec, pixels);
      picture.setColours(spec.iterations, extraSteps(spec.power), LOG2[spec.power]!, spec.density, spec.offset);
      if (!colouring.isDirect) picture.clearSums(pixels);
    },
    addSample(kept) {
      const { pixels, spec, interior, linear, isDirect } = colouring;
      if (kept) {
        const views = viewsOf(pixels);
        views.counts.set(kept.counts);
        if (isSmooth(spec.palette)) views.squares.set(kept.squares);
        if (spec.shade > 0) views.lights.set(kept.lights);
      }
      if (isDirect) picture.paintSmooth(pixels, interior);
      else if (isSmooth(spec.palette)) picture.addSmooth(pixels, ...linear, spec.shade);
      else picture.addClassic(pixels);
    },
    endColours() {
      const { pixels, spec, isDirect } = colouring;
      if (!isDirect) picture.resolveSums(pixels, spec.samples ** 2);
      return new Uint8Array(memory.buffer, address('PIXELS'), 3 * pixels);
    },
    paint(spec, tile, aborted = () => false) {
      isIndexedTile = isIndexed(spec);
      if (isIndexedTile) return drive(kernel.counting(spec, tile), aborted) !== null;
      kernel.startColours(spec, spec.width * rowsOf(tile));
      for (const shift of shiftsOf(spec.samples)) {
        if (!drive(kernel.counting(spec, tile, { shift }), aborted)) return false;
        kernel.addSample();
      }
      kernel.endColours();
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
  return kernel;
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

/** Goes through all slices; null when aborted. */
function drive<T>(work: Generator<void, T>, aborted: () => boolean): T | null {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (aborted()) return null;
  }
}

interface Colouring {
  readonly spec: Spec;
  readonly pixels: number;
  /** 0xbbggrr */
  readonly interior: number;
  /** of the interior: red, green and blue, linear light */
  readonly linear: [red: number, green: number, blue: number];
  /** whether nothing is averaged or darkened */
  readonly isDirect: boolean;
}

function colouringOf(spec: Spec, pixels: number): Colouring {
  const [red, green, blue] = spec.interior === null ? ([0, 0, 0] as const) : parseColour(spec.interior);
  return {
    spec,
    pixels,
    interior: red | (green << 8) | (blue << 16),
    linear: [linearOf(red), linearOf(green), linearOf(blue)],
    isDirect: spec.samples === 1 && spec.shade === 0,
  };
}

/** Where the samples of a pixel lie, row by row. */
export const shiftsOf = (samples: number): { x: number; y: number }[] =>
  Array.from({ length: samples ** 2 }, (_, sample) => ({
    x: shiftOf(sample % samples, samples),
    y: shiftOf(Math.floor(sample / samples), samples),
  }));

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
