import { bandCount, type Rows, rowsOfBand, rowsPerBand } from '../domain/band.ts';
import type { Engine, PngFrame, RenderedBand } from '../domain/engine.ts';
import type { Spec } from '../domain/spec.ts';

/**
 * A whole picture as a PNG file, piece by piece, its bands drawn on all threads. Holds at most two bands a thread.
 * Whoever stops reading early stops the drawing, too.
 */
export async function* drawPng(engine: Engine, frame: PngFrame, spec: Spec, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const eitherSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const bandRows = rowsPerBand(spec);
  const bands = bandCount(spec.height, bandRows);
  const ahead: Promise<RenderedBand>[] = [];
  const drawn: { rows: Rows; adler: number }[] = [];
  let asked = 0;
  try {
    yield frame.head(spec);
    for (let band = 0; band < bands; band++) {
      for (; asked < Math.min(bands, band + 2 * engine.threads); asked++) {
        const rendering = engine.renderBand(spec, rowsOfBand(spec.height, bandRows, asked), eitherSignal);
        rendering.catch(() => undefined); // awaited in its turn, or not at all when an earlier one failed
        ahead.push(rendering);
      }
      const { bytes, adler } = await (ahead.shift() as Promise<RenderedBand>);
      drawn.push({ rows: rowsOfBand(spec.height, bandRows, band), adler });
      yield bytes;
    }
    yield frame.tail(spec, drawn);
  } finally {
    stop.abort();
  }
}
