import type { Crew } from './crew.ts';
import { type Frame, viewportOf } from './frame.ts';
import { specOf, type View } from './view.ts';

/** A picture that may be seen larger or smaller than it was drawn. */
export interface Layer {
  readonly image: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  /** the middle of its left upper pixel */
  readonly xa: number;
  readonly ya: number;
  /** between the middles of its pixels */
  readonly step: number;
}

/** A coarse picture should not take longer than this. */
const PATIENCE_MS = 30;
const FACTORS = [3, 4, 6, 8, 12] as const;
/** What nobody has drawn yet is drawn with this. */
const FIRST_FACTOR = 8;

/** The frame of a coarse picture: its pixels stand for `factor` by `factor` of the other's. */
export function coarseFrame(frame: Frame, factor: number): Frame {
  const middle = (factor - 1) / 2;
  return {
    xa: frame.xa + middle * frame.step,
    ya: frame.ya + middle * frame.step,
    step: frame.step * factor,
    width: Math.max(2, Math.ceil(frame.width / factor)),
    height: Math.max(2, Math.ceil(frame.height / factor)),
  };
}

/** The whole window at a glance: as fine as can be drawn in no time, by all workers together, a strip each. */
export class Coarse {
  readonly #crew: Crew;
  readonly #onDone: () => void;
  #factor = FIRST_FACTOR;
  #cancel: (() => void) | null = null;
  #next: { view: View; frame: Frame } | null = null;
  layer: Layer | null = null;

  constructor(crew: Crew, onDone: () => void) {
    this.#crew = crew;
    this.#onDone = onDone;
  }

  get isDrawing(): boolean {
    return this.#cancel !== null;
  }

  /** Draws it as soon as the one in work is done; the one that was to come next is forgotten. */
  draw(view: View, frame: Frame): void {
    if (this.#cancel) this.#next = { view, frame };
    else this.#begin(view, frame);
  }

  /** What it is, is wanted no more. */
  forget(): void {
    this.#next = null;
    this.#cancel?.();
    this.#cancel = null;
    this.layer = null;
  }

  #begin(view: View, frame: Frame): void {
    const coarse = coarseFrame(frame, this.#factor);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [coarse.width, coarse.height];
    const context = canvas.getContext('2d', { alpha: false })!;
    const strips = Math.min(this.#crew.size, Math.floor(coarse.height / 2));
    let [left, slowest, isWanted] = [strips, 0, true];
    const whole = viewportOf(frame);
    const cancels = Array.from({ length: strips }, (_, strip) => {
      const first = Math.floor((coarse.height * strip) / strips);
      const height = Math.floor((coarse.height * (strip + 1)) / strips) - first;
      const piece = { ...coarse, ya: coarse.ya + first * coarse.step, height };
      const spec = specOf(view, viewportOf(piece), { width: coarse.width, height, samples: 1 });
      return this.#crew.give(strip, { kind: 'draw', spec, whole, key: null }, ({ image, ms }) => {
        if (image) context.drawImage(image, 0, first);
        image?.close();
        slowest = Math.max(slowest, ms);
        if (--left > 0 || !isWanted) return;
        this.layer = { image: canvas, ...coarse };
        this.#adapt(slowest);
        this.#cancel = null;
        const next = this.#next;
        this.#next = null;
        if (next) this.#begin(next.view, next.frame);
        this.#onDone();
      });
    });
    this.#cancel = () => {
      isWanted = false;
      for (const cancel of cancels) cancel();
    };
  }

  /** Finer or coarser next time. @param ms that this one took */
  #adapt(ms: number): void {
    const perPixel = ms * this.#factor ** 2;
    this.#factor = FACTORS.find((factor) => perPixel / factor ** 2 < PATIENCE_MS) ?? FACTORS.at(-1)!;
  }
}
