import type { Rows } from './band.ts';
import type { Spec } from './spec.ts';

/** One band, drawn: a ready-made piece of the PNG file. */
export interface RenderedBand {
  /** one IDAT chunk with length, type and CRC; band 0 begins the zlib stream, none ends it */
  readonly bytes: Uint8Array;
  /** SHA-256 of bytes, hex */
  readonly sha256: string;
  /** Adler-32 of the uncompressed, filtered rows, unsigned */
  readonly adler: number;
  /** time on the thread */
  readonly renderMs: number;
}

/** Turns (spec, rows) into bytes on a pool of threads; no network, no clock but for renderMs, no randomness. */
export interface Engine extends AsyncDisposable {
  /** Changes whenever the bytes of any picture change. */
  readonly version: string;
  readonly threads: number;
  /**
   * Equal arguments give equal bytes, on every machine.
   * @param signal ends the work within one slice (well under a second); the promise then rejects with the signal's reason
   * @throws {Fault} `unavailable` when the thread ended before its time (out of memory, say)
   */
  renderBand(spec: Spec, rows: Rows, signal?: AbortSignal): Promise<RenderedBand>;
}

/** What stands before and after the bands in a PNG file. */
export interface PngFrame {
  /** signature, IHDR and, for indexed palettes, PLTE */
  head(spec: Spec): Uint8Array;
  /** the last IDAT (empty final block and the Adler-32 of the whole) and IEND */
  tail(spec: Spec, bands: Iterable<{ readonly rows: Rows; readonly adler: number }>): Uint8Array;
}
