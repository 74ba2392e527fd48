import { openKernel } from '../../../src/kernel/kernel.ts';
import { gradientOf } from '../../../src/kernel/palettes.ts';
import { coarseFrame, type Layer } from './coarse.ts';
import { Desk } from './desk.ts';
import { type Frame, viewportOf } from './frame.ts';
import { loadModules } from './modules.ts';
import { specOf, type View } from './view.ts';

/** Longer than this the page must not stand still. */
const PATIENCE_MS = 50;

/** Coarser than what workers begin with: it is seen for a tenth of a second. */
const FACTOR = 12;
/** As many as one can tell apart at a glance. */
const COLOURS = 256;

/** A coarse picture, drawn on the thread of the page itself; null when that would take long. */
export async function firstLook(view: View, frame: Frame): Promise<Layer | null> {
  const modules = loadModules(view);
  // While they come.
  const gradients = new Map([[view.palette, gradientOf(view.palette, COLOURS)]]);
  const kernel = openKernel(await modules, { gradients });
  const began = performance.now();
  const coarse = coarseFrame(frame, FACTOR);
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
