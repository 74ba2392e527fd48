import type { Rows } from '../domain/band.ts';
import type { Spec } from '../domain/spec.ts';
import { checkBand } from './check-band.ts';

const MAX_SLICE_ROWS = 64;
const MAX_SLICE_ITERATIONS = 2 ** 28;
const WASM_PAGE = 65_536;
/** The kernel's memory map ends at 0x27_0000; kernel/memory.ts. */
const MEMORY_PAGES = 0x27;

interface KernelExports {
  readonly COUNTS: WebAssembly.Global<'i32'>;
  readonly FILTERED: WebAssembly.Global<'i32'>;
  readonly END: WebAssembly.Global<'i32'>;
  begin(
    width: number,
    height: number,
    firstRow: number,
    lastRow: number,
    iterations: number,
    xa: number,
    xb: number,
    ya: number,
    yb: number,
  ): void;
  julia(first: number, last: number, cRe: number, cIm: number): void;
  mandelbrot(first: number, last: number): void;
  paintClassic(width: number, rows: number, iterations: number): number;
}

/** What the PNG of a band compresses, and its checksum. */
export interface PaintedBand {
  /** per row the filter byte and one palette index per pixel; a view that the next band overwrites */
  readonly filtered: Uint8Array;
  /** Adler-32 of filtered, unsigned */
  readonly adler: number;
}

/** One instance of the compiled kernel with a memory of its own: draws one band at a time. */
export interface Kernel {
  /**
   * Computes the escape counts of a band, in slices.
   * @param aborted asked between slices
   * @returns u32, one per pixel, row-major, 0..iterations, a view that the next band overwrites; null when aborted
   * @throws {Fault} `invalid`, as checkBand
   */
  count(spec: Spec, rows: Rows, aborted?: () => boolean): Uint32Array | null;
  /** Paints the band that was counted last. */
  paint(): PaintedBand;
}

/** A kernel of its own for one thread. */
export function openKernel(module: WebAssembly.Module): Kernel {
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  if (kernel.END.value > MEMORY_PAGES * WASM_PAGE) throw new Error('The kernel needs more memory than it was given.');
  let counted = { width: 1, rows: 0, iterations: 1 };

  return {
    count(spec, rows, aborted = () => false) {
      checkBand(spec, rows);
      const { xa, xb, ya, yb } = spec.viewport;
      kernel.begin(spec.width, spec.height, rows.firstRow, rows.lastRow, spec.iterations, xa, xb, ya, yb);
      counted = { width: spec.width, rows: rows.lastRow - rows.firstRow, iterations: spec.iterations };
      const pixels = counted.width * counted.rows;
      const step = pixelsPerSlice(spec);
      for (let first = 0; first < pixels; first += step) {
        if (aborted()) return null;
        countSlice(kernel, spec, first, Math.min(first + step, pixels));
      }
      return new Uint32Array(memory.buffer, kernel.COUNTS.value, pixels);
    },
    paint() {
      const adler = kernel.paintClassic(counted.width, counted.rows, counted.iterations) >>> 0;
      const bytes = counted.rows * (counted.width + 1);
      return { filtered: new Uint8Array(memory.buffer, kernel.FILTERED.value, bytes), adler };
    },
  };
}

/**
 * A call into the kernel cannot be interrupted, and a cold one is not compiled better while it runs: so slices are short,
 * down to one pixel.
 */
function pixelsPerSlice(spec: Spec): number {
  return Math.max(1, Math.min(MAX_SLICE_ROWS * spec.width, Math.floor(MAX_SLICE_ITERATIONS / spec.iterations)));
}

function countSlice(kernel: KernelExports, spec: Spec, first: number, last: number): void {
  switch (spec.formula) {
    case 'julia':
      kernel.julia(first, last, spec.c!.re, spec.c!.im);
      break;
    case 'mandelbrot':
      kernel.mandelbrot(first, last);
      break;
  }
}
