import { gradientOf } from '../../../src/kernel/palettes.ts';
import type { Layer } from './coarse.ts';
import { coveredAt } from './covered.ts';
import { Crew } from './crew.ts';
import { firstLook } from './first-look.ts';
import { type Frame, fittedFrame, frameOf, type Size } from './frame.ts';
import { loadModules } from './modules.ts';
import { Tiles } from './tiles.ts';
import type { View } from './view.ts';
import { hasPlace, viewOfQuery } from './view-text.ts';

/** More would cost time that nobody sees. */
const MAX_PIXEL_RATIO = 2;

export const pixelRatio = (): number => Math.min(MAX_PIXEL_RATIO, devicePixelRatio || 1);

/** No longer than this is the picture alone in the window. */
const PICTURE_FIRST_MS = 150;

/** From one look at the growing picture to the next. */
const PAINT_MS = 40;

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

/**
 * The explorer fills the window, so that its size is known. The canvas lies there until the page takes it over, and is drawn on as the picture comes.
 * @returns when the picture is whole, or takes so long that the rest of the page must not wait for it
 */
export async function beginEarly(): Promise<void> {
  const ratio = pixelRatio();
  early = begin({ width: Math.round(innerWidth * ratio), height: Math.round(innerHeight * ratio) });
  const { canvas, look, frame, tiles } = early;
  Object.assign(canvas.style, { position: 'fixed', inset: '0', width: '100%', height: '100%' });
  document.body.prepend(canvas);
  const context = canvas.getContext('2d', { alpha: false })!;
  const isWhole = new Promise<void>((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const paint = (): void => {
      clearTimeout(timer);
      timer = undefined;
      if (early?.canvas !== canvas) return;
      tiles.paint(context, frame);
      if (!tiles.isWhole) return;
      performance.mark('explorer-full');
      resolve();
    };
    tiles.onChange = () => {
      // The last of it at once; before that not each frame, which would take the time from those who draw.
      if (tiles.isWhole) paint();
      else if (timer === undefined) timer = setTimeout(paint, PAINT_MS);
    };
  });
  const layer = await look;
  if (layer && early?.canvas === canvas && !tiles.isWhole) {
    const scale = layer.step / frame.step;
    context.drawImage(layer.image, 0, 0, layer.width * scale, layer.height * scale);
    tiles.paint(context, frame);
    performance.mark('explorer-coarse');
  }
  await Promise.race([isWhole, new Promise((resolve) => setTimeout(resolve, PICTURE_FIRST_MS))]);
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
  // Begins to fetch.
  loadModules(view).catch(() => undefined);
  // While they come, and once for all who draw: it takes each of them milliseconds.
  const gradients = new Map([[view.palette, gradientOf(view.palette)]]);
  const prepared = crew.prepare(view, gradients).then(() => tiles.start(view, frame));
  prepared.catch(() => undefined);
  const look = firstLook(view, frame, gradients).catch(() => null);
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
