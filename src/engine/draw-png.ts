import { bandOf, cutOf, type Rows } from '../domain/band.ts';
import type { Engine, PngFrame, RenderedBand } from '../domain/engine.ts';
import { free } from '../domain/free.ts';
import type { Spec } from '../domain/spec.ts';
import { Spill } from './spill.ts';
import { ENGINE_VERSION } from './version.ts';

/**
 * A whole picture as a PNG file, piece by piece, its bands drawn on all threads. Memory does not grow with the picture: each piece is good until the
 * next one is asked for, and no longer. Whoever stops reading early stops the drawing, too.
 * @param onProgress told the share of the bands that are drawn, 0..1
 */
export async function* drawPng(
  engine: Pick<Engine, 'threads' | 'renderBand'>,
  frame: PngFrame,
  spec: Spec,
  signal?: AbortSignal,
  onProgress: (share: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const eitherSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const cut = cutOf(spec);
  const runs: { rows: Rows; adler: number }[] = [];
  const mirrorRuns: typeof runs = [];
  await using mirrorPieces = new Spill();
  const ahead: Promise<RenderedBand>[] = [];
  let asked = 0;
  try {
    yield frame.head(spec, ENGINE_VERSION);
    for (let number = 0; number < cut.bands; number++) {
      for (; asked < Math.min(cut.bands, number + 2 * engine.threads); asked++) {
        const rendering = engine.renderBand(spec, bandOf(spec.height, cut, asked), eitherSignal);
        rendering.catch(() => undefined); // awaited in its turn, or not at all when an earlier one failed
        ahead.push(rendering);
      }
      const { bytes, split, adler, mirrorAdler } = await (ahead.shift() as Promise<RenderedBand>);
      onProgress((number + 1) / cut.bands);
      const { rows, mirror } = bandOf(spec.height, cut, number);
      runs.push({ rows, adler });
      yield bytes.subarray(0, split);
      if (mirror) {
        mirrorRuns.push({ rows: mirror, adler: mirrorAdler });
        await mirrorPieces.push(bytes.subarray(split));
      }
      free(bytes);
    }
    for (let piece = await mirrorPieces.pop(); piece; piece = await mirrorPieces.pop()) {
      yield piece;
      free(piece);
    }
    yield frame.tail(spec, [...runs, ...mirrorRuns.reverse()]);
  } finally {
    stop.abort();
  }
}
