import { isSmooth } from '../../../src/domain/palettes.ts';
import { isIndexed, type Spec, type Viewport } from '../../../src/domain/spec.ts';
import { type Counted, type Grid, type Kernel, shiftsOf } from '../../../src/kernel/kernel.ts';
import { CLASSIC_BYTES } from '../../../src/kernel/palettes.ts';
import type { Colours } from './view.ts';

/** What is kept of a picture, to colour it again. */
interface Kept {
  readonly spec: Spec;
  readonly samples: readonly Counted[];
  readonly bytes: number;
}

/** As much as one worker may keep. */
const MAX_KEPT_BYTES = 160 * 2 ** 20;

/** Draws whole small pictures and keeps their counts. A tile of the explorer is such a picture. */
export class Desk {
  readonly #kernel: Kernel;
  readonly #kept = new Map<string, Kept>();
  #keptBytes = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * Draws, slice by slice.
   * @param grid where in the picture of that window the spec is to be the very piece
   * @returns red, green, blue and 255 of each pixel
   * @throws {Fault} `invalid`, as the kernel
   */
  *draw(spec: Spec, whole: Viewport, key: string | null, grid?: Grid): Generator<void, Uint8ClampedArray<ArrayBuffer>> {
    const tile = { rows: { firstRow: 0, lastRow: spec.height }, mirror: null };
    // Counts for smooth colours serve the documented palette, too.
    const counting: Spec = isSmooth(spec.palette) ? spec : { ...spec, palette: 'ember' };
    const pixels = spec.width * spec.height;
    const samples: Counted[] = [];
    const indexed = isIndexed(spec);
    if (key !== null) this.drop([key]);
    if (!indexed) this.#kernel.startColours(spec, pixels);
    let counted: Counted | undefined;
    for (const shift of shiftsOf(spec.samples)) {
      counted = yield* this.#kernel.counting(counting, tile, { shift, whole, grid });
      if (key !== null) samples.push(copyOf(counted, spec.shade > 0));
      if (!indexed) this.#kernel.addSample();
    }
    if (key !== null) this.#keep(key, spec, samples);
    return indexed ? indexedPixels(counted as Counted, spec.iterations) : opaque(this.#kernel.endColours());
  }

  /** Null when nothing is kept under that key. */
  colour(key: string, colours: Colours): Uint8ClampedArray<ArrayBuffer> | null {
    const kept = this.#kept.get(key);
    if (!kept) return null;
    const spec: Spec = { ...kept.spec, ...colours };
    if (isIndexed(spec)) return indexedPixels(kept.samples[0] as Counted, spec.iterations);
    this.#kernel.startColours(spec, spec.width * spec.height);
    for (const sample of kept.samples) this.#kernel.addSample(sample);
    return opaque(this.#kernel.endColours());
  }

  sizeOf(key: string): Pick<Spec, 'width' | 'height'> | undefined {
    return this.#kept.get(key)?.spec;
  }

  drop(keys: Iterable<string> | null): void {
    for (const key of keys ?? [...this.#kept.keys()]) {
      this.#keptBytes -= this.#kept.get(key)?.bytes ?? 0;
      this.#kept.delete(key);
    }
  }

  #keep(key: string, spec: Spec, samples: readonly Counted[]): void {
    const bytes = samples.reduce(
      (sum, { counts, squares, lights }) => sum + counts.byteLength + squares.byteLength + lights.byteLength,
      0,
    );
    // What finds no room is drawn anew when its colours change.
    if (this.#keptBytes + bytes > MAX_KEPT_BYTES) return;
    this.#kept.set(key, { spec, samples, bytes });
    this.#keptBytes += bytes;
  }
}

const copyOf = ({ counts, squares, lights }: Counted, lit: boolean): Counted => ({
  counts: counts.slice(),
  squares: squares.slice(),
  lights: lit ? lights.slice() : new Float32Array(0),
});

/** The documented palette at one sample: the farm writes such pictures as indices. */
function indexedPixels({ counts }: Counted, iterations: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * counts.length);
  for (let i = 0; i < counts.length; i++) {
    const colour = 3 * (Math.min(counts[i]!, iterations - 1) & 31);
    pixels[4 * i] = CLASSIC_BYTES[colour]!;
    pixels[4 * i + 1] = CLASSIC_BYTES[colour + 1]!;
    pixels[4 * i + 2] = CLASSIC_BYTES[colour + 2]!;
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** @param colours three bytes a pixel */
function opaque(colours: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  // Wherever there is WebAssembly a word begins with its lowest byte; a store a pixel is what code that is not compiled yet can do fast.
  const words = new Uint32Array(colours.length / 3);
  for (let i = 0, from = 0; i < words.length; i++, from += 3) {
    words[i] = 0xff000000 | (colours[from + 2]! << 16) | (colours[from + 1]! << 8) | colours[from]!;
  }
  return new Uint8ClampedArray(words.buffer);
}
