import { type Gradients, openKernel } from '../../../src/kernel/kernel.ts';
import { coarseFrame, FIRST_FACTOR, type Layer } from './coarse.ts';
import { Desk } from './desk.ts';
import { type Frame, viewportOf } from './frame.ts';
import { loadModules } from './modules.ts';
import { specOf, type View } from './view.ts';

/** Longer than this the page must not stand still. */
const PATIENCE_MS = 50;

/** A coarse picture, drawn on the thread of the page itself; null when that would take long. */
export async function firstLook(view: View, frame: Frame, gradients: Gradients): Promise<Layer | null> {
  const kernel = openKernel(await loadModules(view), { gradients });
  const began = performance.now();
  const coarse = coarseFrame(frame, FIRST_FACTOR);
  const { width, height } = coarse;
  const drawing = new Desk(kernel).draw(specOf(view, viewportOf(coarse), { width, height, samples: 1 }), viewportOf(frame), null);
  for (;;) {
    const { done, value } = drawing.next();
    if (done) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      canvas.getContext('2d', { alpha: false })!.putImageData(new ImageData(value, width, height), 0, 0);
      return { ...coarse, image: canvas };
    }
    if (performance.now() - began > PATIENCE_MS) return null;
  }
}
