import { signal } from '@preact/signals';
import type { Complex } from '../../../src/domain/spec.ts';
import { showNotice } from '../state/notice.ts';
import { Camera } from './camera.ts';
import { Canvas } from './canvas.ts';
import { Coarse } from './coarse.ts';
import type { Crew } from './crew.ts';
import type { Beginning } from './early.ts';
import {
  type Covered,
  type Frame,
  fittedFrame,
  frameOf,
  isDeepest,
  moved,
  placeOf,
  resized,
  type Size,
  zoomed,
} from './frame.ts';
import { Sketches } from './sketches.ts';
import { isStill } from './still.ts';
import { FINE_SAMPLES, type Tiles } from './tiles.ts';
import { coloursAlike, countsAlike, type View } from './view.ts';

/** While one zooms on, only coarse pictures are drawn; sharp ones when it has been quiet for so long. */
const QUIET_MS = 90;
/** What has not moved for so long is drawn finer. */
const REST_MS = 220;

/** How far the picture in the window has come. */
export type Phase = 'begun' | 'coarse' | 'full' | 'fine';

interface Way {
  /** whether the eye is led there */
  readonly soft?: boolean;
  /** whether more of the same is likely to follow at once */
  readonly goesOn?: boolean;
  /** whether all of it is to be seen beside what stands on the picture */
  readonly fitted?: boolean;
}

/** What is shown, how one gets about in it, and everybody who draws it. */
export class Explorer {
  /** where the window is, or is on its way to */
  readonly view;
  readonly phase = signal<Phase>('begun');
  /** whether doubles end here */
  readonly atTheEnd = signal(false);
  readonly crew: Crew;
  readonly #canvas: Canvas;
  readonly #camera: Camera;
  readonly #tiles: Tiles;
  readonly #coarse: Coarse;
  readonly sketches: Sketches;
  /** device pixels */
  covered: Covered = { top: 0, right: 0, bottom: 0 };
  /** called when a view has been rested at */
  onRest: (view: View) => void = () => undefined;
  #prepared: Promise<void> = Promise.resolve();
  #isReady = false;
  #frameRequest = 0;
  #lastFrameAt = 0;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor({ view, frame, crew, look, canvas, tiles, prepared }: Beginning) {
    this.crew = crew;
    this.#tiles = tiles;
    tiles.onChange = () => this.#wake();
    this.#coarse = new Coarse(crew, () => this.#wake());
    this.sketches = new Sketches(crew, () => ['full', 'fine'].includes(this.phase.peek()));
    this.view = signal<View>({ ...view, ...placeOf(frame) });
    this.#canvas = new Canvas(canvas);
    this.#camera = new Camera(frame);
    crew.onFree = () => {
      this.#tiles.pump();
      this.sketches.pump();
    };
    crew.onTrouble = sayTrouble;
    this.#follow(prepared);
    void this.#lookFirst(look);
    this.#stir();
  }

  get frame(): Frame {
    return this.#camera.target;
  }

  /** The point under a place on the canvas, device pixels. */
  pointAt(x: number, y: number): Complex {
    const { xa, ya, step } = this.#camera;
    return { re: xa + x * step, im: ya + y * step };
  }

  /** Shows another view. */
  show(view: View, { soft = false, fitted = false }: Way = {}): void {
    const before = this.view.peek();
    const frame = fitted ? fittedFrame(view, this.frame, this.covered) : frameOf(view, this.frame);
    this.view.value = { ...view, ...placeOf(frame) };
    if (!countsAlike(before, this.view.value)) {
      this.#begin(frame, before);
      return;
    }
    if (!coloursAlike(before, view)) this.#recolour();
    this.#aim(frame, { soft });
  }

  /** Changes something else than the place. */
  change(changed: Partial<View>): void {
    const before = this.view.peek();
    const after = { ...before, ...changed };
    this.view.value = after;
    if (!countsAlike(before, after)) this.#begin(this.frame, before);
    else if (!coloursAlike(before, after)) this.#recolour();
  }

  /** @param dx, dy device pixels, to the right and down, by which the window moves */
  moveBy(dx: number, dy: number, way: Way = {}): void {
    this.#aim(moved(this.frame, dx, dy), way);
  }

  /** @param x, y the place that stays where it is, device pixels; the middle by default */
  zoomBy(factor: number, x = this.frame.width / 2, y = this.frame.height / 2, way: Way = { soft: true }): void {
    const frame = zoomed(this.frame, factor, x, y);
    this.atTheEnd.value = factor > 1 && (frame === this.frame || isDeepest(frame));
    if (frame !== this.frame) this.#aim(frame, way);
  }

  /** Shows what is under a rectangle of the canvas, device pixels. */
  zoomTo(x: number, y: number, width: number, height: number): void {
    const [from, to] = [this.pointAt(x, y), this.pointAt(x + width, y + height)];
    const factor = Math.min(this.frame.width / width, this.frame.height / height);
    const centre = { re: (from.re + to.re) / 2, im: (from.im + to.im) / 2 };
    this.#aim(frameOf({ centre, halfWidth: this.view.peek().halfWidth / factor }, this.frame), { soft: true });
  }

  resize(size: Size): void {
    if (size.width === this.frame.width && size.height === this.frame.height) return;
    this.#canvas.resize(size, this.#camera);
    const frame = resized(this.frame, size);
    this.#camera.moveTo(frame, false);
    this.#place(frame);
    if (this.#tiles.fits(frame)) this.#tiles.show(frame);
    this.#coarse.draw(this.view.peek(), frame);
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    cancelAnimationFrame(this.#frameRequest);
    clearTimeout(this.#quiet);
    clearTimeout(this.#rest);
    this.#tiles.clear();
    this.#coarse.forget();
    this.crew.dismiss();
  }

  #place(frame: Frame): void {
    this.view.value = { ...this.view.peek(), ...placeOf(frame) };
  }

  /** Goes to a frame of the same fractal. */
  #aim(frame: Frame, { soft = false, goesOn = false }: Way): void {
    this.#stir();
    if (this.#tiles.fits(frame)) {
      this.#camera.moveTo(frame, soft && !isStill());
      this.#place(frame);
      this.#tiles.show(frame);
    } else {
      this.#leaveTiles(false);
      this.#camera.moveTo(frame, soft && !isStill());
      this.#place(frame);
      if (this.#isReady) this.#coarse.draw(this.view.peek(), frame);
      clearTimeout(this.#quiet);
      if (goesOn) this.#quiet = setTimeout(() => this.#sharpen(), QUIET_MS);
      else this.#sharpen();
    }
    this.#judge();
    this.#wake();
  }

  /** Another fractal, or other iterations. */
  #begin(frame: Frame, before: View): void {
    const after = this.view.peek();
    this.#stir();
    this.#leaveTiles(true);
    this.#coarse.forget();
    this.#camera.moveTo(frame, false);
    if (before.formula !== after.formula || before.power !== after.power) this.#prepare();
    void this.#prepared.then(() => {
      if (this.view.peek() !== after || this.#isClosed) return;
      this.#coarse.draw(after, frame);
      this.#sharpen();
    });
    this.#judge();
    this.#wake();
  }

  #recolour(): void {
    this.#stir();
    this.#tiles.recolour(this.view.peek());
    this.#judge();
    this.#wake();
  }

  /** What is seen stays to be seen, stretched, until there is something better. */
  #leaveTiles(isForeign: boolean): void {
    if (this.#tiles.hasAny || isForeign) this.#canvas.keep(this.#camera, isForeign);
    this.#tiles.clear();
  }

  #sharpen(): void {
    clearTimeout(this.#quiet);
    if (this.#isClosed) return;
    if (!this.#isReady) {
      void this.#prepared.then(() => this.#isReady && this.#sharpen());
      return;
    }
    this.#tiles.start(this.view.peek(), this.frame);
  }

  #prepare(): void {
    this.#follow(this.crew.prepare(this.view.peek()));
  }

  #follow(preparing: Promise<void>): void {
    this.#isReady = false;
    const prepared = preparing.then(() => {
      if (this.#prepared === prepared) this.#isReady = true;
    });
    this.#prepared = prepared;
    prepared.catch(sayTrouble);
  }

  async #lookFirst(look: Beginning['look']): Promise<void> {
    const view = this.view.peek();
    const layer = await look;
    if (this.#isClosed) return;
    if (layer && this.view.peek() === view) this.#coarse.layer = layer;
    // In this very frame: nobody waits for the next one to see the first picture.
    this.#paint(performance.now());
  }

  /** Something moves or changes: finer pictures have to wait. */
  #stir(): void {
    this.#tiles.rest(false);
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#tiles.rest(true);
      this.onRest(this.view.peek());
      this.#judge();
    }, REST_MS);
  }

  #wake(): void {
    if (this.#frameRequest !== 0 || this.#isClosed) return;
    this.#frameRequest = requestAnimationFrame((now) => this.#paint(now));
  }

  #paint(now: number): void {
    this.#frameRequest = 0;
    // After a pause the camera does not jump.
    const ms = Math.min(32, Math.max(1, now - this.#lastFrameAt));
    this.#lastFrameAt = now;
    this.#camera.advance(ms);
    this.#canvas.paint(this.#camera, this.#tiles, this.#coarse.layer);
    this.#judge();
    if (!this.#camera.isThere) this.#wake();
  }

  #judge(): void {
    this.#canvas.element.dataset.drawn = String(this.crew.drawn);
    const samples = Math.min(this.#tiles.samples, this.#tiles.isResting ? FINE_SAMPLES : 1);
    const phase = samples > 1 ? 'fine' : samples === 1 ? 'full' : this.#coarse.layer ? 'coarse' : 'begun';
    if (phase === this.phase.peek()) return;
    this.phase.value = phase;
    if (phase !== 'begun' && performance.getEntriesByName(`explorer-${phase}`).length === 0)
      performance.mark(`explorer-${phase}`);
    this.sketches.pump();
    if (samples > 0 && this.#camera.isThere) this.#canvas.forget();
  }
}

/** Most likely the service was upgraded under this page, or is away. */
const sayTrouble = (): void => showNotice('Something that draws could not be loaded. Load the page again.');
