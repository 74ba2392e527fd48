import type { Rows } from '../domain/band.ts';
import type { Spec } from '../domain/spec.ts';
import { checkBand } from './check-band.ts';

/**
 * What one call into the kernel computes, in units of 64 steps or eight fresh pixels (kernel/budget.ts): about a
 * millisecond. Only an orbit of millions of steps that must be followed by itself takes longer, some 0.1 s at most.
 */
const SLICE_UNITS = 2 ** 14;
const WASM_PAGE = 65_536;
/** The kernel's memory map ends at 0x27_0000; kernel/memory.ts. */
const MEMORY_PAGES = 0x27;

interface KernelExports {
  readonly COUNTS: WebAssembly.Global<'i32'>;
  readonly FILTERED: WebAssembly.Global<'i32'>;
  readonly END: WebAssembly.Global<'i32'>;
  sample(width: number, height: number, firstRow: number, lastRow: number, xa: number, xb: number, ya: number, yb: number): void;
  julia(iterations: number, cRe: number, cIm: number): void;
  mandelbrot(iterations: number): void;
  advance(units: number): number;
  paintClassic(width: number, rows: number, iterations: number): number;
}

/** What the PNG of a band compresses, and its checksum. */
interface PaintedBand {
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

/**
 * A kernel of its own for one thread.
 * @param sliceUnits 1 or more; changes how often `aborted` is asked, and no count
 */
export function openKernel(module: WebAssembly.Module, sliceUnits = SLICE_UNITS): Kernel {
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  if (kernel.END.value > MEMORY_PAGES * WASM_PAGE) throw new Error('The kernel needs more memory than it was given.');
  let counted = { width: 1, rows: 0, iterations: 1 };

  return {
    count(spec, rows, aborted = () => false) {
      checkBand(spec, rows);
      const { xa, xb, ya, yb } = spec.viewport;
      counted = { width: spec.width, rows: rows.lastRow - rows.firstRow, iterations: spec.iterations };
      kernel.sample(spec.width, spec.height, rows.firstRow, rows.lastRow, xa, xb, ya, yb);
      start(kernel, spec);
      do {
        if (aborted()) return null;
      } while (kernel.advance(sliceUnits));
      return new Uint32Array(memory.buffer, kernel.COUNTS.value, counted.width * counted.rows);
    },
    paint() {
      const adler = kernel.paintClassic(counted.width, counted.rows, counted.iterations) >>> 0;
      const bytes = counted.rows * (counted.width + 1);
      return { filtered: new Uint8Array(memory.buffer, kernel.FILTERED.value, bytes), adler };
    },
  };
}

/** Begins the band's formula. */
function start(kernel: KernelExports, { formula, iterations, c }: Spec): void {
  switch (formula) {
    case 'julia':
      kernel.julia(iterations, c!.re, c!.im);
      break;
    default:
      kernel.mandelbrot(iterations);
      break;
  }
}
