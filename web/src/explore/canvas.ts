import type { Camera } from './camera.ts';
import type { Layer } from './coarse.ts';
import type { Frame } from './frame.ts';
import type { Tiles } from './tiles.ts';

/** The canvas that fills the window, and what was seen on it before the picture changed its scale. */
export class Canvas {
  readonly element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  /** What was seen when the scale last changed. */
  #before: Layer | null = null;
  #spare = document.createElement('canvas');
  /** Whether that is of another fractal, good only until there is anything of this one. */
  #isForeign = false;

  constructor(element: HTMLCanvasElement) {
    this.element = element;
    this.#context = element.getContext('2d', { alpha: false, desynchronized: false })!;
  }

  /** Device pixels. What was seen is kept for the new size. */
  resize({ width, height }: Pick<Frame, 'width' | 'height'>, camera: Camera | null): void {
    if (camera) this.keep(camera, false);
    [this.element.width, this.element.height] = [width, height];
  }

  /** Keeps what is seen, to be shown until there is something better. */
  keep({ xa, ya, step }: Pick<Camera, 'xa' | 'ya' | 'step'>, isForeign: boolean): void {
    const { width, height } = this.element;
    const canvas = this.#spare;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    canvas.getContext('2d', { alpha: false })!.drawImage(this.element, 0, 0);
    this.#spare = (this.#before?.image as HTMLCanvasElement | undefined) ?? document.createElement('canvas');
    this.#before = { image: canvas, width, height, xa, ya, step };
    this.#isForeign = isForeign;
  }

  /** There is something better. */
  forget(): void {
    if (this.#before) this.#spare = this.#before.image as HTMLCanvasElement;
    this.#before = null;
  }

  paint(camera: Camera, tiles: Tiles, coarse: Layer | null): void {
    const context = this.#context;
    const isSharp = camera.step === camera.target.step && tiles.fits(camera.target);
    if (!(isSharp && camera.isThere && tiles.isWhole)) {
      const before = this.#isForeign && coarse ? null : this.#before;
      const layers = [before, coarse].filter((layer) => layer !== null).sort((a, b) => b.step - a.step);
      const last = layers.at(-1);
      if (!last || !covers(last, camera, this.element)) {
        context.fillStyle = '#000';
        context.fillRect(0, 0, this.element.width, this.element.height);
      } else layers.splice(0, layers.length - 1);
      for (const layer of layers) this.#stretch(layer, camera);
    }
    if (isSharp) tiles.paint(context, camera);
  }

  #stretch(layer: Layer, camera: Camera): void {
    const { x, y, scale } = placeIn(layer, camera);
    this.#context.imageSmoothingEnabled = Math.abs(scale - 1) > 1e-9;
    this.#context.drawImage(layer.image, x, y, layer.width * scale, layer.height * scale);
  }
}

/** Where the left upper corner of a layer is on the canvas, and how large its pixels are. */
function placeIn(layer: Layer, camera: Camera): { x: number; y: number; scale: number } {
  const scale = layer.step / camera.step;
  const edge = (scale - 1) / 2;
  return { x: (layer.xa - camera.xa) / camera.step - edge, y: (layer.ya - camera.ya) / camera.step - edge, scale };
}

function covers(layer: Layer, camera: Camera, { width, height }: HTMLCanvasElement): boolean {
  const { x, y, scale } = placeIn(layer, camera);
  return x <= 0.5 && y <= 0.5 && x + layer.width * scale >= width - 0.5 && y + layer.height * scale >= height - 0.5;
}
