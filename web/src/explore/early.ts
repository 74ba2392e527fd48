import type { Layer } from './coarse.ts';
import { coveredAt } from './covered.ts';
import { Crew } from './crew.ts';
import { firstLook } from './first-look.ts';
import { type Frame, fittedFrame, frameOf, type Size } from './frame.ts';
import { Tiles } from './tiles.ts';
import type { View } from './view.ts';
import { hasPlace, viewOfQuery } from './view-text.ts';

/** More would cost time that nobody sees. */
const MAX_PIXEL_RATIO = 2;

export const pixelRatio = (): number => Math.min(MAX_PIXEL_RATIO, devicePixelRatio || 1);

/** What can be known and begun before there is a page. */
export interface Beginning {
  readonly view: View;
  readonly frame: Frame;
  readonly crew: Crew;
  readonly canvas: HTMLCanvasElement;
  /** begun as soon as the workers are ready */
  readonly tiles: Tiles;
  readonly prepared: Promise<void>;
  /** drawn on the thread of the page: workers take longer to start than it takes; null when it would take long */
  readonly look: Promise<Layer | null>;
}

let early: Beginning | null = null;

/** The explorer fills the window, so that its size is known. The canvas lies there until the page takes it over. */
export function beginEarly(): void {
  const ratio = pixelRatio();
  early = begin({ width: Math.round(innerWidth * ratio), height: Math.round(innerHeight * ratio) });
  const { canvas, look, frame } = early;
  Object.assign(canvas.style, { position: 'fixed', inset: '0', width: '100%', height: '100%' });
  document.body.prepend(canvas);
  void look.then((layer) => {
    if (!layer || early?.canvas !== canvas) return;
    const context = canvas.getContext('2d', { alpha: false })!;
    const scale = layer.step / frame.step;
    context.drawImage(layer.image, 0, 0, layer.width * scale, layer.height * scale);
    performance.mark('explorer-coarse');
  });
}

/** What was begun, if it is of that size; else begun now. */
export function takeBeginning(size: Size): Beginning {
  const begun = early;
  early = null;
  begun?.canvas.removeAttribute('style');
  if (begun && begun.frame.width === size.width && begun.frame.height === size.height) return begun;
  if (begun) {
    begun.tiles.clear();
    begun.crew.dismiss();
    begun.canvas.remove();
  }
  return begin(size);
}

function begin(size: Size): Beginning {
  const { search } = location;
  const view = viewOfQuery(search);
  const frame = hasPlace(search) ? frameOf(view, size) : fittedFrame(view, size, coveredAt(pixelRatio()));
  const crew = new Crew();
  const tiles = new Tiles(crew);
  crew.onFree = () => tiles.pump();
  const prepared = crew.prepare(view).then(() => tiles.start(view, frame));
  prepared.catch(() => undefined);
  const look = firstLook(view, frame).catch(() => null);
  return { view, frame, look, crew, tiles, prepared, canvas: makeCanvas(size) };
}

function makeCanvas({ width, height }: Size): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height, tabIndex: 0 });
  // An application is what passes arrow keys on to the page.
  canvas.role = 'application';
  canvas.ariaLabel = 'The fractal. Arrow keys move, plus and minus zoom, question mark shows all keys.';
  canvas.setAttribute('aria-describedby', 'explorer-place');
  return canvas;
}
