import { getPriority, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Band } from '../domain/band.ts';
import type { RenderedBand } from '../domain/engine.ts';
import type { Spec } from '../domain/spec.ts';
import { type KernelModules, openKernel } from '../kernel/kernel.ts';
import { drawBand, openDesk } from './draw-band.ts';
import { TaskState } from './task-state.ts';
import { WARM_UPS } from './warm-up.ts';

/*
 * What runs on each thread of the pool.
 */

/** What every thread gets when it starts. */
export interface ThreadData {
  readonly kernel: KernelModules;
  /** whether it gives way to whatever else the machine has to do */
  readonly isBackground: boolean;
}

export interface RenderTask {
  readonly spec: Spec;
  readonly band: Band;
  /** TaskState.shared */
  readonly state: SharedArrayBuffer;
}

/** As nice(1) has it: a tenth of what others get while they want all of it, all of it when they do not. */
const BACKGROUND = 10;

const { kernel, isBackground } = workerData as ThreadData;
// On Linux that is this thread alone, elsewhere the whole process. To take precedence back is refused to most users.
if (isBackground && process.platform === 'linux' && getPriority() < BACKGROUND) setPriority(BACKGROUND);
const desk = openDesk(openKernel(kernel));
for (const spec of WARM_UPS) drawBand(desk, spec, { rows: { firstRow: 0, lastRow: spec.height }, mirror: null }, () => false);

/** Draws one band; null when it was aborted. Its bytes are moved to the caller's thread, not copied. */
export function render(task: RenderTask): RenderedBand | null {
  const state = new TaskState(task.state);
  state.start();
  try {
    const band = drawBand(desk, task.spec, task.band, () => state.aborted);
    if (!band) return null;
    return move({ [transferableSymbol]: [band.bytes.buffer as ArrayBuffer], [valueSymbol]: band }) as unknown as RenderedBand;
  } finally {
    state.end();
  }
}
