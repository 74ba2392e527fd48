import type { Band, Rows } from './band.ts';
import type { Spec } from './spec.ts';

/** One band, drawn: a ready-made piece of the PNG file. */
export interface RenderedBand {
  /**
   * one IDAT chunk with length, type and CRC for each run of rows, the mirror run's after the other's; band 0 begins the zlib stream, none
   * ends it
   */
  readonly bytes: Uint8Array;
  /** where in bytes the mirror run begins; their length without one */
  readonly split: number;
  /** SHA-256 of bytes, hex */
  readonly sha256: string;
  /** Adler-32 of the uncompressed, filtered rows of the first run, unsigned */
  readonly adler: number;
  /** the same of the mirror run; 1 without one */
  readonly mirrorAdler: number;
  /** time on the thread */
  readonly renderMs: number;
}

/** A picture drawn small. */
export interface Thumbnail {
  /** a WebP of at most 320 x 320 pixels */
  readonly bytes: Uint8Array;
  readonly renderMs: number;
}

/** Turns (spec, band) into bytes on a pool of threads; no network, no clock but for renderMs, no randomness. */
export interface Engine extends AsyncDisposable {
  /** Changes whenever the bytes of any picture change. */
  readonly version: string;
  readonly threads: number;
  /**
   * Equal arguments give equal bytes, on every machine.
   * @param signal ends the work within one slice (well under a second); the promise then rejects with the signal's reason
   * @throws {Fault} `unavailable` when the thread ended before its time (out of memory, say)
   */
  renderBand(spec: Spec, band: Band, signal?: AbortSignal): Promise<RenderedBand>;
  /** Drawn small from the spec; aborts and errors as above. */
  renderThumbnail(spec: Spec, signal?: AbortSignal): Promise<Thumbnail>;
}

/** What stands before and after the bands in a PNG file. */
export interface PngFrame {
  /** signature, IHDR, the engine version that draws and the spec as text and, for indexed colours, PLTE */
  head(spec: Spec, engineVersion: string): Uint8Array;
  /**
   * Why a delivered band is none of that picture, as the end of a sentence; null when it is a piece that fits between any others. Its SHA-256 is not looked at, and what
   * its pixels show cannot be known without drawing them.
   */
  verifyBand(rendered: RenderedBand, spec: Spec, band: Band): Promise<string | null>;
  /** The same of a thumbnail. */
  verifyThumbnail(bytes: Uint8Array, spec: Spec): string | null;
  /** the last IDAT (empty final block and the Adler-32 of the whole) and IEND */
  tail(spec: Spec, runs: Iterable<{ readonly rows: Rows; readonly adler: number }>): Uint8Array;
}
