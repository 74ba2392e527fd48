import { gradientOf } from '../../../src/kernel/palettes.ts';
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

/** No longer than this is the picture alone in the window. */
const PICTURE_FIRST_MS = 150;

/** From one look at the growing picture to the next. */
const PAINT_MS = 40;

/** What can be seen at once. */
interface Glance {
  readonly view: View;
  readonly frame: Frame;
  readonly canvas: HTMLCanvasElement;
  /** drawn on the thread of the page: workers take longer to start than it takes; null when it would take long */
  readonly look: Promise<Layer | null>;
}

/** What can be known and begun before there is a page. */
export interface Beginning extends Glance {
  readonly crew: Crew;
  /** begun as soon as the workers are ready */
  readonly tiles: Tiles;
  readonly prepared: Promise<void>;
}

let early: Beginning | null = null;

/**
 * The explorer fills the window, so that its size is known. The canvas lies there until the page takes it over, and is drawn on as the picture comes.
 * @returns when the picture is whole, or takes so long that the rest of the page must not wait for it
 */
export async function beginEarly(): Promise<void> {
  const ratio = pixelRatio();
  const glance = glanceAt({ width: Math.round(innerWidth * ratio), height: Math.round(innerHeight * ratio) });
  const { canvas, frame } = glance;
  Object.assign(canvas.style, { position: 'fixed', inset: '0', width: '100%', height: '100%' });
  document.body.prepend(canvas);
  const context = canvas.getContext('2d', { alpha: false })!;
  const layer = await glance.look;
  if (layer) {
    const scale = layer.step / frame.step;
    context.drawImage(layer.image, 0, 0, layer.width * scale, layer.height * scale);
    performance.mark('explorer-coarse');
  }
  // Not before: to start workers takes time from the first look, too.
  early = begin(glance);
  await Promise.race([drawnOn(context, early), new Promise((resolve) => setTimeout(resolve, PICTURE_FIRST_MS))]);
}

/** Paints tiles as they come, until the page takes the canvas over. @returns when all are there */
function drawnOn(context: CanvasRenderingContext2D, { canvas, frame, tiles }: Beginning): Promise<void> {
  return new Promise((resolve) => {
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
  return begin(glanceAt(size));
}

function glanceAt(size: Size): Glance {
  const { search } = location;
  const view = viewOfQuery(search);
  const frame = hasPlace(search) ? frameOf(view, size) : fittedFrame(view, size, coveredAt(pixelRatio()));
  return { view, frame, look: firstLook(view, frame).catch(() => null), canvas: makeCanvas(size) };
}

function begin(glance: Glance): Beginning {
  const { view, frame } = glance;
  const crew = new Crew();
  const tiles = new Tiles(crew);
  crew.onFree = () => tiles.pump();
  // While they start, and once for all of them: it takes each of them milliseconds.
  const gradients = new Map([[view.palette, gradientOf(view.palette)]]);
  const prepared = crew.prepare(view, gradients).then(() => tiles.start(view, frame));
  prepared.catch(() => undefined);
  return { ...glance, crew, tiles, prepared };
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
