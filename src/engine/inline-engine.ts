import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine } from '../domain/engine.ts';
import type { Spec } from '../domain/spec.ts';
import { checkBand } from '../kernel/check-band.ts';
import { openKernel } from '../kernel/kernel.ts';
import { drawBand, openDesk } from './draw-band.ts';
import { loadKernel } from './load-kernel.ts';

/**
 * Draws bands of one picture on the thread that asks. A thread of its own takes longer to start than a small picture to draw; but nothing else
 * happens here during a band, so this is for pictures of a few tenths of a second.
 */
export async function createInlineEngine(spec: Spec): Promise<Pick<Engine, 'threads' | 'renderBand'>> {
  const desk = openDesk(openKernel(await loadKernel(spec)));
  return {
    threads: 1,
    async renderBand(ofSpec, band, signal) {
      checkBand(ofSpec, band);
      await nextTurn();
      signal?.throwIfAborted();
      return drawBand(desk, ofSpec, band, () => false)!;
    },
  };
}
