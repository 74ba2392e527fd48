import { createHash } from 'node:crypto';
import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Rows } from '../domain/band.ts';
import type { RenderedBand } from '../domain/engine.ts';
import type { Spec } from '../domain/spec.ts';
import { openKernel } from './kernel.ts';
import { encodeBand } from './png.ts';
import { TaskState } from './task-state.ts';
import { WARM_UP } from './warm-up.ts';

/*
 * What runs on each thread of the pool.
 */

/** What every thread gets when it starts. */
export interface ThreadData {
  readonly kernel: WebAssembly.Module;
}

export interface RenderTask {
  readonly spec: Spec;
  readonly rows: Rows;
  /** TaskState.shared */
  readonly state: SharedArrayBuffer;
}

const kernel = openKernel((workerData as ThreadData).kernel);
for (const formula of ['julia', 'mandelbrot'] as const) {
  draw({ ...WARM_UP, formula }, { firstRow: 0, lastRow: WARM_UP.height }, () => false);
}

/** Draws one band; null when it was aborted. Its bytes are moved to the caller's thread, not copied. */
export function render(task: RenderTask): RenderedBand | null {
  const state = new TaskState(task.state);
  state.start();
  try {
    const band = draw(task.spec, task.rows, () => state.aborted);
    if (!band) return null;
    return move({ [transferableSymbol]: [band.bytes.buffer as ArrayBuffer], [valueSymbol]: band }) as unknown as RenderedBand;
  } finally {
    state.end();
  }
}

function draw(spec: Spec, rows: Rows, aborted: () => boolean): RenderedBand | null {
  const started = performance.now();
  if (!kernel.count(spec, rows, aborted)) return null;
  const { filtered, adler } = kernel.paint();
  const bytes = encodeBand(filtered, rows.firstRow);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, sha256, adler, renderMs: performance.now() - started };
}
